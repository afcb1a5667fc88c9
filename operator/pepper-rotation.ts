import type { SecretClient } from '@azure/keyvault-secrets';
import { pepperSecret } from '../shared/key-vault/pepper.ts';
import {
  type ListedVersion,
  listEnabled,
  makeVersion,
  untilNewer,
} from '../shared/key-vault/secret-versions.ts';
import { Refused } from './refused.ts';

/** How old, in milliseconds, a new version must be before the old one may go: no instance writes under that any more. */
const finishedAfter = 30 * 60_000;

/**
 * Makes the first version of the pepper.
 *
 * @throws Refused if there ever was one: passwords may depend on it.
 */
export async function initPepper(vault: SecretClient): Promise<string> {
  for await (const _ of vault.listPropertiesOfSecretVersions(pepperSecret)) {
    throw new Refused(
      'There is a pepper already, and it is not replaced. "rotate" makes a new version beside it.',
    );
  }
  return (await makeVersion(vault, pepperSecret)).version;
}

/**
 * Makes a new version beside the one in use; both are accepted until `finish`.
 *
 * @throws Refused unless exactly one version is enabled.
 */
export async function rotatePepper(vault: SecretClient): Promise<string> {
  const enabled = await listEnabled(vault, pepperSecret);
  if (enabled.length === 0) throw new Refused('There is no pepper yet: make one with "init".');
  if (enabled.length > 1) throw new Refused('A rotation is under way: end it with "finish" first.');
  await untilNewer();
  return (await makeVersion(vault, pepperSecret)).version;
}

/**
 * The enabled versions: the newest, and the one that a rotation leaves behind, where one is under way.
 *
 * @throws Refused where there is none.
 */
export async function enabledPeppers(
  vault: SecretClient,
): Promise<{ newest: ListedVersion; outgoing: ListedVersion | undefined }> {
  const [newest, outgoing] = await listEnabled(vault, pepperSecret);
  if (newest === undefined) throw new Refused('There is no pepper yet: make one with "init".');
  return { newest, outgoing };
}

/**
 * @param now in milliseconds since the epoch
 * @throws Refused while an instance may still write under another version.
 */
export function expectInUse({ createdOn }: ListedVersion, now: number): void {
  const wait = finishedAfter - (now - createdOn.getTime());
  if (wait > 0) {
    throw new Refused(
      `Not every instance writes under the new version yet: try again in ${Math.ceil(wait / 60_000)} min.`,
    );
  }
}

/** Disables a version: nothing that is hashed under it can be verified any more. */
export async function disablePepper(vault: SecretClient, version: string): Promise<void> {
  await vault.updateSecretProperties(pepperSecret, version, { enabled: false });
}
