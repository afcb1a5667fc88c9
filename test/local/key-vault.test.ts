import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterEach, expect, test } from 'vitest';
import { localVaultToken, startKeyVault } from '../../local/key-vault.ts';

type KeyVault = Awaited<ReturnType<typeof startKeyVault>>;

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options: { file?: string; now?: () => number } = {}): Promise<KeyVault> {
  const vault = await startKeyVault({ port: 0, ...options });
  cleanUps.push(vault.close);
  return vault;
}

function connect({ url, certificate }: KeyVault, token = localVaultToken) {
  const scopes: unknown[] = [];
  const credential = {
    async getToken(scope: string | string[]) {
      scopes.push(scope);
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const client = new SecretClient(url, credential, {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca: certificate },
    retryOptions: { maxRetries: 0 },
  });
  return { client, scopes };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('a client learns from the challenge which token to ask for, and a wrong token is refused', async () => {
  const vault = await start();
  const { client, scopes } = connect(vault);

  await client.setSecret('pepper', 'first');

  expect((await client.getSecret('pepper')).value).toBe('first');
  expect(scopes).toEqual([['https://vault.azure.net/.default']]);
  await expect(connect(vault, 'wrong').client.getSecret('pepper')).rejects.toMatchObject({
    statusCode: 401,
    code: 'Unauthorized',
  });
});

test('setting a secret again makes a new version, and each stays readable with its own properties', async () => {
  let now = Date.UTC(2026, 0, 1);
  const { client } = connect(await start({ now: () => now }));
  const expiresOn = new Date(Date.UTC(2030, 0, 1));

  const first = await client.setSecret('gateway-key--mail', 'one', {
    contentType: 'text/plain',
    tags: { protocols: 'imap,smtp' },
    expiresOn,
  });
  now += 20 * 60_000;
  const second = await client.setSecret('gateway-key--mail', 'two');

  expect(first.properties.version).toMatch(/^[0-9a-f]{32}$/);
  expect((await client.getSecret('gateway-key--mail')).value).toBe('two');
  const { version } = first.properties;
  expect(await client.getSecret('gateway-key--mail', { version: version as string })).toMatchObject({
    value: 'one',
    name: 'gateway-key--mail',
    properties: {
      enabled: true,
      createdOn: new Date(Date.UTC(2026, 0, 1)),
      contentType: 'text/plain',
      tags: { protocols: 'imap,smtp' },
      expiresOn,
    },
  });
  expect(second.properties.createdOn).toEqual(new Date(now));
});

test('a disabled version is still listed, but not readable until it is enabled again', async () => {
  const { client } = connect(await start());
  const { properties } = await client.setSecret('pepper', 'first', {
    tags: { kept: 'yes' },
  });
  const version = properties.version as string;

  await client.updateSecretProperties('pepper', version, { enabled: false });

  await expect(client.getSecret('pepper')).rejects.toMatchObject({
    statusCode: 403,
    code: 'Forbidden',
    message: expect.stringContaining('disabled secret'),
    details: { error: { innerError: { code: 'SecretDisabled' } } },
  });
  expect(await collect(client.listPropertiesOfSecretVersions('pepper'))).toMatchObject([
    { version, enabled: false, tags: { kept: 'yes' } },
  ]);
  await client.updateSecretProperties('pepper', version, { enabled: true });
  expect((await client.getSecret('pepper', { version })).value).toBe('first');
});

test('lists come in pages, have every item once, and never a value', async () => {
  const { client } = connect(await start());
  const versions = new Set<unknown>();
  for (let i = 0; i < 30; i++)
    versions.add((await client.setSecret('pepper', `value-${i}`)).properties.version);
  await client.setSecret('other', 'value');

  const pages = await collect(client.listPropertiesOfSecretVersions('pepper').byPage({ maxPageSize: 7 }));
  expect(pages.map(({ length }) => length)).toEqual([7, 7, 7, 7, 2]);
  expect(new Set(pages.flat().map(({ version }) => version))).toEqual(versions);

  const byDefault = await collect(client.listPropertiesOfSecretVersions('pepper').byPage());
  expect(byDefault.map(({ length }) => length)).toEqual([25, 5]);

  const secrets = await collect(client.listPropertiesOfSecrets());
  expect(secrets.map(({ name, version }) => [name, version])).toEqual([
    ['other', undefined],
    ['pepper', undefined],
  ]);
  expect(JSON.stringify([pages, secrets])).not.toContain('value-');
});

test('what is missing is 404, and the name of a deleted secret stays taken', async () => {
  const { client } = connect(await start());
  const missing = { statusCode: 404, code: 'SecretNotFound' };
  await expect(client.getSecret('pepper')).rejects.toMatchObject(missing);
  await client.setSecret('pepper', 'first');
  await expect(client.getSecret('pepper', { version: '0'.repeat(32) })).rejects.toMatchObject(missing);

  const poller = await client.beginDeleteSecret('pepper');
  expect((await poller.pollUntilDone()).deletedOn).toBeInstanceOf(Date);

  await expect(client.getSecret('pepper')).rejects.toMatchObject(missing);
  expect(await collect(client.listPropertiesOfSecrets())).toEqual([]);
  await expect(client.setSecret('pepper', 'second')).rejects.toMatchObject({
    statusCode: 409,
    code: 'Conflict',
    details: {
      error: { innerError: { code: 'ObjectIsDeletedButRecoverable' } },
    },
  });
});

test('with a file, every acknowledged change is there after a restart, for its owner only', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'key-vault-'));
  cleanUps.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'key-vault.json');

  const before = await start({ file });
  const { client } = connect(before);
  const { properties } = await client.setSecret('pepper', 'first');
  await client.setSecret('pepper', 'second');
  await client.updateSecretProperties('pepper', properties.version as string, {
    enabled: false,
  });
  await before.close();

  const { client: after } = connect(await start({ file }));
  expect((await after.getSecret('pepper')).value).toBe('second');
  const versions = await collect(after.listPropertiesOfSecretVersions('pepper'));
  expect(versions.find(({ version }) => version === properties.version)).toMatchObject({
    enabled: false,
    createdOn: properties.createdOn,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
