import type { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localVaultToken, startKeyVault } from '../../local/key-vault.ts';
import { openVault } from '../../shared/key-vault/client.ts';
import { listEnabled, makeVersion, readEnabled } from '../../shared/key-vault/secret-versions.ts';
import { readStoreSettings } from '../../shared/settings/settings.ts';
import { memoryVault } from '../../testing/memory/vault.ts';
import { soon } from './stores.ts';

interface Open {
  readonly vault: SecretClient;
  close(): Promise<void>;
}

let time = Date.UTC(2026, 10, 29);
const now = () => time;

async function overHttps(): Promise<Open> {
  const { url, certificate, close } = await startKeyVault({ port: 0, now });
  const settings = readStoreSettings({
    VARIANT: 'local',
    TABLES_CONNECTION_STRING: 'unused',
    KEY_VAULT_URL: url,
    KEY_VAULT_CERTIFICATE: certificate,
    KEY_VAULT_TOKEN: localVaultToken,
  });
  const vault = openVault(settings, () => {
    throw new Error('unused');
  });
  return { vault, close };
}

const vaults: readonly (readonly [name: string, open: () => Promise<Open>])[] = [
  ['in memory', async () => ({ vault: memoryVault(now).vault, close: async () => {} })],
  ['over HTTPS', overHttps],
];

describe.each(vaults)('Key Vault %s', (_name, open) => {
  let opened: Open;
  let vault: SecretClient;

  beforeAll(async () => {
    opened = await open();
    ({ vault } = opened);
  });

  afterAll(() => opened.close());

  test('lists the enabled versions of a secret, newest first, with when they were made', async () => {
    const made: string[] = [];
    for (let i = 0; i < 30; i++) {
      made.unshift((await makeVersion(vault, 'many')).version);
      time += 1_000;
    }
    const listed = await listEnabled(vault, 'many', soon());
    expect(listed.map(({ version }) => version)).toEqual(made);
    expect(listed[0]?.createdOn).toEqual(new Date(time - 1_000));
    await vault.updateSecretProperties('many', made[0] as string, { enabled: false });
    expect((await listEnabled(vault, 'many')).map(({ version }) => version)).toEqual(made.slice(1));
  });

  test('keeps what a version holds, with its tags', async () => {
    const value = Buffer.alloc(32, 7).toString('base64url');
    await vault.setSecret('tagged', value, { tags: { protocols: 'imap' } });
    const [version] = await readEnabled(vault, { name: 'tagged' }, soon());
    expect(version).toMatchObject({ value: Buffer.alloc(32, 7), tags: { protocols: 'imap' } });
    const names = await Array.fromAsync(vault.listPropertiesOfSecrets());
    expect(names.map(({ name }) => name)).toContain('tagged');
  });

  test('has no versions of a secret that does not exist, and gives none', async () => {
    expect(await listEnabled(vault, 'nothing')).toEqual([]);
    await expect(vault.getSecret('nothing')).rejects.toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    });
  });

  test('gives nothing of a version that is disabled', async () => {
    const { version } = await makeVersion(vault, 'disabled');
    await vault.updateSecretProperties('disabled', version, { enabled: false });
    await expect(vault.getSecret('disabled', { version })).rejects.toMatchObject({ statusCode: 403 });
  });

  test('does nothing in the name of a secret that is deleted', async () => {
    await makeVersion(vault, 'deleted');
    await vault.beginDeleteSecret('deleted');
    expect(await listEnabled(vault, 'deleted')).toEqual([]);
    await expect(makeVersion(vault, 'deleted')).rejects.toMatchObject({ statusCode: 409 });
  });
});
