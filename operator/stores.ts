import { existsSync, readFileSync } from 'node:fs';
import { DefaultAzureCredential } from '@azure/identity';
import type { SecretClient } from '@azure/keyvault-secrets';
import { openVault } from '../shared/key-vault/client.ts';
import { BadSettings, readStoreSettings } from '../shared/settings/settings.ts';
import { openTables, type Tables } from '../shared/tables/tables.ts';
import { NotAllowed, Refused } from './refused.ts';

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
export function openStores(): Stores {
  const settings = readStoreSettings(environment());
  const credential = () => new DefaultAzureCredential();
  return { vault: openVault(settings, credential), tables: openTables(settings, credential) };
}

function environment(): Record<string, string | undefined> {
  if (process.env.KEY_VAULT_URL !== undefined) return process.env;
  if (!existsSync(localSettings)) {
    throw new Refused('Set KEY_VAULT_URL and TABLES_ENDPOINT, or start the local stack with "npm start".');
  }
  return (JSON.parse(readFileSync(localSettings, 'utf8')) as { Values: Record<string, string> }).Values;
}

/** How a command ends that somebody else may run. */
export const notAllowed = 3;

/**
 * Runs an operator's command and ends the process with 0, or with 1 or 3 ({@link notAllowed}) and one clear message.
 *
 * @param usage what is printed for a bad command line, which `command` reports by returning false
 */
export async function run(usage: string, command: () => Promise<boolean>): Promise<never> {
  try {
    if (await command()) process.exit(0);
    console.error(usage);
  } catch (error) {
    console.error(isBadCommandLine(error) ? usage : explain(error));
    if (error instanceof NotAllowed) process.exit(notAllowed);
  }
  process.exit(1);
}

function isBadCommandLine(error: unknown): boolean {
  return String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
}

function explain(error: unknown): string {
  if (error instanceof Refused || error instanceof BadSettings) return error.message;
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return `It failed, and may be tried again: ${[name, code, message].filter(Boolean).join(' ')}`;
}
