import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sources } from '../../testing/bicep.ts';
import { snapshots } from '../../testing/snapshots.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What looks like a secret, or gets one. */
const signs: readonly (readonly [string, RegExp])[] = [
  ['a connection string', /(AccountKey|SharedAccessKey|SharedAccessSignature|Password|InstrumentationKey)=/i],
  ['a signed address', /[?&;]sig=/i],
  ['a key in PEM', /-----BEGIN/],
  ['a token', /\beyJ[\w-]{10,}\.|\bBearer\s+[\w-]{16,}/],
  [
    'what gets a key',
    /\blist(Keys|AccountSas|ServiceSas|Secrets|AdminKeys|Credentials)?\s*\(|\.getSecret\s*\(/i,
  ],
  ['a parameter that takes a secret', /@secure\s*\(|"secure(String|Object)"/i],
  ['a reference to a secret', /@Microsoft\.KeyVault\(|KeyVault\/vaults\/secrets/i],
  ['a name that holds a secret', /["']?\w*(password|secret|apiKey|accessKey|token)["']?\s*:\s*["'](?!['"])/i],
];

function signsIn(text: string): string[] {
  const words = text.match(/[A-Za-z0-9+/_=-]{32,}/g) ?? [];
  const random = words
    .flatMap((word) => word.split(/[/_=]/))
    .filter((word) => word.length >= 32 && !guid.test(word) && /\d/.test(word) && /[a-z]/i.test(word));
  return [
    ...signs.filter(([, sign]) => sign.test(text)).map(([what]) => what),
    ...random.map((word) => `something random: ${word.slice(0, 4)}…`),
  ];
}

describe('No secret', () => {
  test.each(sources)('is in %s', (file) => {
    expect(signsIn(readFileSync(new URL(`../../infra/${file}`, import.meta.url), 'utf8'))).toEqual([]);
  });

  test.each(snapshots.map(({ name, ...content }) => [name, content] as const))(
    'is in the snapshot of %s, its app settings and its outputs',
    (_, content) => {
      expect(signsIn(JSON.stringify(content, null, 1))).toEqual([]);
    },
  );

  test.each([
    "AzureWebJobsStorage: 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a'",
    "url: 'https://example.blob.core.windows.net/a?sv=2024&sig=abc'",
    "key: '-----BEGIN PRIVATE KEY-----'",
    "header: 'Bearer 0123456789abcdef'",
    'output key string = account.listKeys().keys[0].value',
    '@secure()\nparam pepper string',
    "PEPPER: '@Microsoft.KeyVault(SecretUri=https://example.vault.azure.net/secrets/a)'",
    "resource a 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {",
    "clientSecret: 'x'",
    "PEPPER: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA'",
    'a: 0123456789abcdef0123456789abcdef',
  ])('is overlooked: %s', (text) => {
    expect(signsIn(text)).not.toEqual([]);
  });
});

test('The outputs are those that are documented, and each is known or comes from one resource', () => {
  for (const { outputs } of snapshots) {
    expect(Object.keys(outputs).sort()).toEqual([
      'APP_PRINCIPAL_ID',
      'AZURE_FUNCTION_APP_NAME',
      'AZURE_RESOURCE_GROUP',
      'KEY_VAULT_URL',
      'PORTAL_URL',
      'TABLES_ENDPOINT',
    ]);
  }
});
