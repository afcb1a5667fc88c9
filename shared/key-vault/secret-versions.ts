import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecretClient, SecretProperties } from '@azure/keyvault-secrets';
import { Unavailable } from '../domain/unavailable.ts';

/** One enabled version of a secret: 32 random bytes. */
export interface SecretVersion {
  readonly version: string;
  readonly value: Buffer;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** A version of a secret as the vault lists it, without its value. */
export interface ListedVersion extends SecretProperties {
  readonly version: string;
  readonly createdOn: Date;
}

/** A secret that holds something else than 32 bytes in base64url. */
export class MalformedSecret extends Unavailable {
  override name = 'MalformedSecret';
}

const bytes = 32;

/**
 * The enabled versions of a secret without their values, newest first; none if the secret does not exist.
 *
 * @throws RestError when the vault is away.
 */
export async function listEnabled(
  vault: SecretClient,
  name: string,
  abortSignal?: AbortSignal,
): Promise<ListedVersion[]> {
  const options = abortSignal === undefined ? {} : { abortSignal };
  const versions = await Array.fromAsync(vault.listPropertiesOfSecretVersions(name, options));
  return versions
    .filter(
      (version): version is ListedVersion => version.enabled === true && version.createdOn !== undefined,
    )
    .sort((a, b) => b.createdOn.getTime() - a.createdOn.getTime());
}

/**
 * The enabled versions of a secret, newest first. A version never changes, so only those not known yet are fetched.
 *
 * @param known what an earlier call returned
 * @throws RestError when the vault is away, MalformedSecret for something else than 32 bytes.
 */
export async function readEnabled(
  vault: SecretClient,
  { name, known = [] }: { readonly name: string; readonly known?: readonly SecretVersion[] | undefined },
  abortSignal: AbortSignal,
): Promise<SecretVersion[]> {
  const listed = await listEnabled(vault, name, abortSignal);
  return Promise.all(
    listed.map(async ({ version, createdOn, tags = {} }) => {
      const value =
        known.find((held) => held.version === version)?.value ??
        decode(name, (await vault.getSecret(name, { version, abortSignal })).value);
      return { version, value, createdAt: createdOn.getTime(), tags };
    }),
  );
}

/**
 * Waits until a version that is made next is newer than those that are there: the vault knows the second in which each
 * was made, and nothing finer.
 */
export function untilNewer(): Promise<void> {
  return sleep(1_000);
}

/**
 * Makes a version of a secret: 32 random bytes.
 *
 * @throws RestError when the vault is away.
 */
export async function makeVersion(
  vault: SecretClient,
  name: string,
): Promise<Omit<SecretVersion, 'createdAt' | 'tags'>> {
  const value = randomBytes(bytes);
  const { properties } = await vault.setSecret(name, encode(value));
  return { version: properties.version ?? '', value };
}

/** Writes 32 bytes the way they are kept in a secret. */
export function encode(value: Buffer): string {
  return value.toString('base64url');
}

function decode(name: string, text = ''): Buffer {
  const value = Buffer.from(text, 'base64url');
  if (value.length !== bytes)
    throw new MalformedSecret(`the secret ${name} does not hold ${bytes} bytes in base64url`);
  return value;
}
