import { setTimeout as pause } from 'node:timers/promises';
import type { SecretClient } from '@azure/keyvault-secrets';
import { pepperSecret } from '../../shared/key-vault/pepper.ts';
import type { Invocation } from '../command.ts';
import { initPepper } from '../pepper-rotation.ts';
import { Refused } from '../refused.ts';
import { onceAllowed } from './vault-access.ts';

/**
 * Makes the first version of the pepper, inside this process and the vault and nowhere else; where there is one, it
 * stays.
 *
 * @throws Refused where the vault does not let it
 */
export async function ensurePepper(vault: SecretClient, print: Invocation['print']): Promise<void> {
  const made = await onceAllowed(vault, () => madeUnlessThere(vault), { print, pause });
  print(made ? 'The first pepper is in the Key Vault.' : 'The pepper is there already, and stays.');
}

async function madeUnlessThere(vault: SecretClient): Promise<boolean> {
  try {
    await initPepper(vault);
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    if ((error as { statusCode?: number }).statusCode !== 409) throw error;
    throw new Refused(
      `The pepper was deleted, and app passwords may depend on it. Recover it: az keyvault secret recover --name ${pepperSecret} --vault-name ${new URL(vault.vaultUrl).hostname.split('.')[0]}`,
    );
  }
}
