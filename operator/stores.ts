import { existsSync, readFileSync } from 'node:fs';
import { DefaultAzureCredential } from '@azure/identity';
import type { SecretClient } from '@azure/keyvault-secrets';
import { openVault } from '../shared/key-vault/client.ts';
import { readStoreSettings } from '../shared/settings/settings.ts';
import { openTables, type Tables } from '../shared/tables/tables.ts';
import type { Environment } from './command.ts';
import { Refused } from './refused.ts';

const localSettings = new URL('../local.settings.json', import.meta.url);

/** What an operator's command works on. */
export interface Stores {
  readonly vault: SecretClient;
  readonly tables: Tables;
}

/**
 * Opens the tables and the Key Vault that the environment names, as the operator who is signed in; where it names
 * none, those of the local stack, by the file that it writes for hosts.
 *
 * @throws Refused where neither is there.
 */
export function openStores(env: Environment): Stores {
  const settings = readStoreSettings(env.KEY_VAULT_URL === undefined ? localStack() : env);
  const credential = () => new DefaultAzureCredential();
  return { vault: openVault(settings, credential), tables: openTables(settings, credential) };
}

function localStack(): Environment {
  if (!existsSync(localSettings)) {
    throw new Refused('Set KEY_VAULT_URL and TABLES_ENDPOINT, or start the local stack with "npm start".');
  }
  return (JSON.parse(readFileSync(localSettings, 'utf8')) as { Values: Record<string, string> }).Values;
}
