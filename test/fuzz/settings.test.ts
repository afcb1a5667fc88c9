import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problem } from '../../shared/http/problem.ts';
import {
  BadSettings,
  readSettings,
  readStoreSettings,
  type Settings,
} from '../../shared/settings/settings.ts';

const seed = Number(process.env.STORM_SEED ?? randomInt(2 ** 31));
const runs = { seed, numRuns: process.env.STORM === 'full' ? 25_000 : 2_500 };

const stores = {
  VARIANT: 'azure',
  TABLES_ENDPOINT: 'https://example.table.core.windows.net',
  KEY_VAULT_URL: 'https://example.vault.azure.net',
  AZURE_CLIENT_ID: '11111111-2222-4333-8444-555555555555',
  TABLES_CONNECTION_STRING: 'TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;',
  KEY_VAULT_CERTIFICATE: 'certificate',
  KEY_VAULT_TOKEN: 'token',
};
const good: Readonly<Record<string, string>> = {
  ...stores,
  OIDC_DISCOVERY_URL: 'https://login.example.com/tenant/v2.0/.well-known/openid-configuration',
  TOKEN_ISSUER: 'https://sts.example.com/tenant/',
  TENANT_ID: '5e1f0a52-7c1d-4b0e-9d53-1f6f0c7a2b11',
  TOKEN_AUDIENCES: 'api://app-passwords, other',
  TOKEN_CLIENTS: 'portal',
  TOKEN_SCOPE: 'AppPasswords.Manage',
  MFA_EVIDENCE: 'acrs:c1',
  SIGN_IN_MAX_AGE: '600',
  USERNAME_CLAIM: 'upn',
  USERNAME_DOMAINS: 'CORP=example.com, example.org',
  USERNAME_DEFAULT_DOMAIN: 'example.com',
  GRAPH_URL: 'https://graph.example.com',
  GRAPH_CERTIFICATE: 'certificate',
  GRAPH_TOKEN: 'token',
};
const names = Object.keys(good);
const onlyInAzure = ['WEBSITE_SITE_NAME', 'IDENTITY_ENDPOINT'];

/** A value that stands nowhere in the program. */
const secret = fc.stringMatching(/^[A-Za-z0-9+/]{4}~[A-Za-z0-9+/]{12,40}={0,2}$/);
const anyValue = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  secret,
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.webUrl().map((url) => url.replace('http', 'HTTP')),
  fc
    .tuple(fc.constantFrom('https:', 'https://', 'https:\\\\', ' https://', 'http://', '//'), fc.string())
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('amr:', 'acrs:', 'acrs:c1'), fc.string({ unit: 'binary' }))
    .map((it) => it.join('')),
  fc.array(fc.oneof(fc.domain(), fc.string(), secret)).map((list) => list.join(',')),
  fc.array(fc.tuple(fc.string(), fc.domain()).map((pair) => pair.join('='))).map((list) => list.join(', ')),
  fc.oneof(fc.double(), fc.integer(), fc.bigInt()).map(String),
  fc.constantFrom('', ' ', '\0', '0x384', '9e2', '900.5', 'Infinity', 'NaN', '__proto__', 'local', 'azure'),
);

type Environment = Record<string, string | undefined>;

/** What is wrong with the good ones: some are missing, some are anything, and others lie around. */
const environment = fc
  .record({
    variant: fc.constantFrom('local', 'azure', 'azure', undefined),
    changed: fc.dictionary(fc.constantFrom(...names), fc.option(anyValue, { nil: undefined }), {
      maxKeys: 4,
    }),
    others: fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'PATH')),
      anyValue,
      {
        maxKeys: 3,
      },
    ),
    inAzure: fc.option(fc.constantFrom(...onlyInAzure), { nil: undefined, freq: 8 }),
  })
  .map(
    ({ variant, changed, others, inAzure }): Record<string, string | undefined> => ({
      ...others,
      ...good,
      VARIANT: variant,
      ...changed,
      ...(inAzure !== undefined && { [inAzure]: 'something' }),
    }),
  );

function outcome<T>(read: (of: Environment) => T, of: Environment): { settings?: T; message?: string } {
  try {
    return { settings: read(of) };
  } catch (error) {
    expect(error).toBeInstanceOf(BadSettings);
    return { message: (error as BadSettings).message };
  }
}

describe('Any environment', () => {
  test('is accepted, or refused with the names of settings and what they expect', () => {
    let accepted = 0;
    fc.assert(
      fc.property(environment, (env) => {
        for (const read of [readSettings, readStoreSettings] as ((of: Environment) => unknown)[]) {
          const { settings, message } = outcome(read, env);
          if (settings !== undefined) accepted++;
          if (message === undefined) continue;
          const lines = message.split('\n').map((line) => line.trim());
          const complaints = lines.filter((line) => line !== 'settings are missing or wrong');
          expect(complaints.length).toBeGreaterThan(0);
          for (const line of complaints) {
            const [name = '', expects = ''] = line.split(/: (.*)/);
            expect(names).toContain(name);
            expect(expects).toMatch(/^(expects|local is for) .{6,}$/);
            expect(expects).not.toContain('undefined');
          }
        }
      }),
      runs,
    );
    expect(accepted).toBeGreaterThan(runs.numRuns / 20);
  });

  test('is refused without any piece of a value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), secret, { minKeys: 1 }),
        fc.constantFrom('azure', 'local', undefined),
        (secrets, variant) => {
          const env = { ...good, VARIANT: variant, ...secrets };
          for (const read of [readSettings, readStoreSettings] as ((of: Environment) => unknown)[]) {
            const { message = '' } = outcome(read, env);
            const told = message.toLowerCase();
            const isTold = (value: string) =>
              Array.from(value, (_, at) => value.slice(at, at + 8).toLowerCase()).some(
                (piece) => piece.length === 8 && told.includes(piece),
              );
            expect(Object.keys(secrets).filter((name) => isTold(secrets[name] as string))).toEqual([]);
          }
        },
      ),
      runs,
    );
  });

  test('is refused when one that is needed is missing or empty, and it alone is named', () => {
    const needed = {
      azure: [
        'TABLES_ENDPOINT',
        'KEY_VAULT_URL',
        'OIDC_DISCOVERY_URL',
        'TOKEN_ISSUER',
        'TENANT_ID',
        'TOKEN_AUDIENCES',
        'TOKEN_CLIENTS',
      ],
      local: [
        'TABLES_CONNECTION_STRING',
        'KEY_VAULT_URL',
        'KEY_VAULT_CERTIFICATE',
        'KEY_VAULT_TOKEN',
        'OIDC_DISCOVERY_URL',
        'TOKEN_ISSUER',
        'TENANT_ID',
        'TOKEN_AUDIENCES',
        'TOKEN_CLIENTS',
      ],
    };
    fc.assert(
      fc.property(
        fc.constantFrom('azure', 'local'),
        fc.subarray(names),
        fc.constantFrom('', undefined),
        (VARIANT, missing, nothing) => {
          const gone = missing.filter((name) => name !== 'VARIANT');
          const env = { ...good, VARIANT, ...Object.fromEntries(gone.map((name) => [name, nothing])) };
          const { message = '' } = outcome(readSettings, env);
          const named = [...message.matchAll(/^ {2}([A-Z_]+): expects/gm)].map(([, name]) => name);
          const expected = gone.filter((name) => needed[VARIANT as 'azure' | 'local'].includes(name));
          expect(named.sort()).toEqual(expected.sort());
        },
      ),
      runs,
    );
  });
});

/** What the program takes for granted about settings, in other words than the schema's. */
function expectSound(settings: Settings): void {
  const { VARIANT, TOKEN_AUDIENCES, TOKEN_CLIENTS, MFA_EVIDENCE, SIGN_IN_MAX_AGE } = settings;
  const schemes = VARIANT === 'local' ? ['http:', 'https:'] : ['https:'];
  expect(new URL(settings.KEY_VAULT_URL).protocol).toBe('https:');
  if (VARIANT === 'azure') expect(new URL(settings.TABLES_ENDPOINT).protocol).toBe('https:');
  for (const url of [settings.OIDC_DISCOVERY_URL, settings.TOKEN_ISSUER]) {
    expect(schemes).toContain(new URL(url).protocol);
  }
  for (const list of [TOKEN_AUDIENCES, TOKEN_CLIENTS]) {
    expect(list.length).toBeGreaterThan(0);
    for (const entry of list) expect(entry).toBe(entry.trim() || 'something');
  }
  expect(MFA_EVIDENCE === 'amr:mfa' || /^acrs:./s.test(MFA_EVIDENCE)).toBe(true);
  expect(Number.isInteger(SIGN_IN_MAX_AGE) && SIGN_IN_MAX_AGE >= 60 && SIGN_IN_MAX_AGE <= 86_400).toBe(true);
  for (const name of ['TENANT_ID', 'TOKEN_SCOPE', 'USERNAME_CLAIM'] as const) {
    expect(settings[name].length).toBeGreaterThan(0);
  }
  for (const { domain, alias } of settings.USERNAME_DOMAINS) {
    expect(domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    if (alias !== undefined) expect([alias, alias !== '']).toEqual([alias.toLowerCase(), true]);
  }
}

describe('Settings that are accepted', () => {
  test('are what the program takes for granted, and never local in Azure', () => {
    fc.assert(
      fc.property(environment, (env) => {
        const { settings } = outcome(readSettings, env);
        if (settings === undefined) return;
        expectSound(settings);
        expect(settings.VARIANT).toBe(env.VARIANT || 'azure');
        if (settings.VARIANT === 'local') expect(onlyInAzure.filter((name) => env[name])).toEqual([]);
      }),
      runs,
    );
  });

  const challenge = /^Bearer( [a-z_]+="(?:[^"\\]|\\.)*")(, [a-z_]+="(?:[^"\\]|\\.)*")*$/;
  const headerOf = (failure: Parameters<typeof problem>[0]) =>
    new Headers(problem(failure).headers as Record<string, string>).get('www-authenticate');
  const inHeader = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.string({ minLength: 1, unit: 'binary' }),
    fc.tuple(fc.string(), fc.constantFrom('\\', '"', '\n', 'é', 'ы')).map((parts) => parts.join('')),
  );

  test('can be said in a challenge (RFC 9110 section 11.2): the authentication context', () => {
    fc.assert(
      fc.property(inHeader, (value) => {
        const { settings } = outcome(readSettings, { ...good, MFA_EVIDENCE: `acrs:${value}` });
        if (settings === undefined) return;
        const missing = { claim: 'acrs', value: settings.MFA_EVIDENCE.slice('acrs:'.length) } as const;
        const kind = 'insufficient-user-authentication';
        expect(headerOf({ kind, code: 'FACTOR', missing, maxAge: 900 })).toMatch(challenge);
      }),
      runs,
    );
  });

  test('can be said in a challenge: the scope, which is a scope (RFC 6749 section 3.3)', () => {
    fc.assert(
      fc.property(inHeader, (TOKEN_SCOPE) => {
        const { settings } = outcome(readSettings, { ...good, TOKEN_SCOPE });
        if (settings === undefined) return;
        expect(headerOf({ kind: 'insufficient-scope', scope: settings.TOKEN_SCOPE })).toMatch(challenge);
        expect(settings.TOKEN_SCOPE).not.toContain(' ');
      }),
      runs,
    );
  });
});
