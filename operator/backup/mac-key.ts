import type { SecretClient } from '@azure/keyvault-secrets';
import { makeVersion, readEnabled } from '../../shared/key-vault/secret-versions.ts';
import { Refused } from '../refused.ts';
import { patience } from './rows.ts';

/** The Key Vault secret under which a file has its MAC: beside the pepper, and never the pepper or anything made of it. */
export const macKeySecret = 'backup-mac-key';

/** The keys by their versions. */
export type MacKeys = ReadonlyMap<string, Buffer>;

/** A version of the key. */
export interface MacKey {
  readonly version: string;
  readonly value: Buffer;
}

/** All enabled versions, as an old file is under an old one. @throws RestError when the vault is away */
export async function readMacKeys(vault: SecretClient): Promise<MacKeys> {
  return new Map((await enabled(vault)).map(({ version, value }) => [version, value]));
}

/** The newest version, which is made where none is enabled. @throws as {@link makeMacKey} */
export async function newestMacKey(vault: SecretClient): Promise<MacKey> {
  const [newest] = await enabled(vault);
  return newest ?? makeMacKey(vault);
}

/**
 * Makes a version for the files from then on.
 *
 * @throws Refused where the secret was deleted, as old files depend on it; RestError when the vault is away
 */
export async function makeMacKey(vault: SecretClient): Promise<MacKey> {
  try {
    return await makeVersion(vault, macKeySecret);
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode !== 409) throw error;
    throw new Refused(
      `The key of the backup was deleted, and old files depend on it. Recover it: az keyvault secret recover --name ${macKeySecret} --vault-name ${new URL(vault.vaultUrl).hostname.split('.')[0]}`,
    );
  }
}

function enabled(vault: SecretClient) {
  return readEnabled(vault, { name: macKeySecret }, AbortSignal.timeout(patience));
}
