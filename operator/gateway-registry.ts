import { randomBytes } from 'node:crypto';
import type { SecretClient } from '@azure/keyvault-secrets';
import { type Protocol, parseProtocol, protocols } from '../shared/domain/gateway/protocol.ts';
import type { GoesOnWith } from '../shared/domain/username/username.ts';
import { gatewayKeyPrefix, goesOnWith, protocolsTag, usernameTag } from '../shared/key-vault/gateway-keys.ts';
import { encode, type ListedVersion, listEnabled, untilNewer } from '../shared/key-vault/secret-versions.ts';
import { Refused } from './refused.ts';

export interface RegisteredGateway {
  readonly name: string;
  readonly protocols: string;
  readonly goesOnWith: GoesOnWith;
  /** When each accepted key was made, newest first. */
  readonly keys: readonly Date[];
}

/**
 * Adds a gateway.
 *
 * @param protocols those that it may speak for, separated by commas
 * @param username the username that it goes on with: `canonical` or `typed`
 * @returns its key, which is shown only now.
 * @throws Refused for a bad name, protocol or kind of username, or a gateway that exists.
 */
export async function addGateway(
  vault: SecretClient,
  name: string,
  {
    protocols,
    username = 'canonical',
  }: { readonly protocols: string; readonly username?: string | undefined },
): Promise<string> {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/i.test(name)) {
    throw new Refused('A gateway’s name has 1 to 63 letters, digits and hyphens.');
  }
  const tags = {
    [protocolsTag]: parseProtocols(protocols).join(','),
    [usernameTag]: parseUsername(username),
  };
  if ((await enabledKeys(vault, name)).length > 0) {
    throw new Refused(`The gateway ${name} exists: "rotate" gives it a new key.`);
  }
  return makeKey(vault, name, tags);
}

/**
 * Says of the keys that a gateway has with which username it goes on.
 *
 * @param username `canonical` or `typed`
 * @throws Refused for an unknown gateway or kind of username.
 */
export async function setUsername(vault: SecretClient, name: string, username: string): Promise<void> {
  const tag = { [usernameTag]: parseUsername(username) };
  for (const { name: secret, version, tags } of await knownKeys(vault, name))
    await vault.updateSecretProperties(secret, version, { tags: { ...tags, ...tag } });
}

/**
 * Gives a gateway a new key with the same protocols and kind of username; the old one stays accepted until `finishGateway`.
 *
 * @returns the key, which is shown only now.
 * @throws Refused for an unknown gateway, or one whose rotation is under way.
 */
export async function rotateGateway(vault: SecretClient, name: string): Promise<string> {
  const [current, ...more] = await knownKeys(vault, name);
  if (more.length > 0)
    throw new Refused(`${name} has two keys already: end that with "rotate ${name} --finish" first.`);
  await untilNewer();
  return makeKey(vault, name, current.tags ?? {});
}

/** Ends a gateway's rotation: only its newest key is accepted. @throws Refused where there is nothing to end. */
export async function finishGateway(vault: SecretClient, name: string): Promise<void> {
  const [, ...old] = await knownKeys(vault, name);
  if (old.length === 0) throw new Refused(`${name} has one key: there is no rotation to finish.`);
  await disable(vault, old);
}

/**
 * Removes a gateway: disables its keys. They are never deleted, as recovering a deleted secret would bring a leaked
 * key back. @throws Refused for an unknown gateway.
 */
export async function removeGateway(vault: SecretClient, name: string): Promise<void> {
  await disable(vault, await knownKeys(vault, name));
}

/** All gateways that have a key, by name. */
export async function listGateways(vault: SecretClient): Promise<RegisteredGateway[]> {
  const gateways: RegisteredGateway[] = [];
  for await (const { name } of vault.listPropertiesOfSecrets()) {
    if (!name.startsWith(gatewayKeyPrefix)) continue;
    const keys = await listEnabled(vault, name);
    if (keys.length === 0) continue;
    gateways.push({
      name: name.slice(gatewayKeyPrefix.length),
      protocols: keys[0]?.tags?.[protocolsTag] ?? '',
      goesOnWith: goesOnWith(keys[0]?.tags),
      keys: keys.map(({ createdOn }) => createdOn),
    });
  }
  return gateways.sort((a, b) => a.name.localeCompare(b.name));
}

function parseProtocols(spoken: string): Protocol[] {
  const parsed = spoken.split(',').map(parseProtocol);
  if (parsed.includes(undefined))
    throw new Refused(`Protocols are ${protocols.join(', ')}, separated by commas.`);
  return [...new Set(parsed as Protocol[])];
}

function parseUsername(username: string): GoesOnWith {
  if (username !== 'canonical' && username !== 'typed')
    throw new Refused(
      'Say canonical where the program goes on with the name that the service answers, else typed.',
    );
  return username;
}

function enabledKeys(vault: SecretClient, name: string): Promise<ListedVersion[]> {
  return listEnabled(vault, gatewayKeyPrefix + name);
}

async function knownKeys(vault: SecretClient, name: string): Promise<[ListedVersion, ...ListedVersion[]]> {
  const [newest, ...more] = await enabledKeys(vault, name);
  if (newest === undefined) throw new Refused(`There is no gateway ${name}: "list" shows which exist.`);
  return [newest, ...more];
}

async function makeKey(vault: SecretClient, name: string, tags: Record<string, string>): Promise<string> {
  const key = encode(randomBytes(32));
  await vault.setSecret(gatewayKeyPrefix + name, key, { tags });
  return key;
}

async function disable(vault: SecretClient, keys: readonly ListedVersion[]): Promise<void> {
  for (const { name, version } of keys) await vault.updateSecretProperties(name, version, { enabled: false });
}
