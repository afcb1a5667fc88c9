import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { type CryptoKey, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiScope, tenantId } from '../../local/identities.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { type Authenticate, authenticator } from '../../shared/identity/authenticator.ts';
import { signingKeys } from '../../shared/identity/signing-keys.ts';
import { verifyToken } from '../../shared/identity/token.ts';
import { readSettings, type Settings } from '../../shared/settings/settings.ts';
import { FakeClock } from '../../testing/clock.ts';
import { apiId, apiUri, type Claims, now, portalId, v1Issuer, v1Member } from '../../testing/entra-claims.ts';
import { type KeyServer, startKeyServer } from '../../testing/key-server.ts';

const seed = Number(process.env.STORM_SEED ?? randomInt(2 ** 31));
const full = process.env.STORM === 'full';
const runs = (short: number) => ({ seed, numRuns: full ? short * 7 : short });

const clock = new FakeClock(Date.now());
/** Seconds since the epoch, for the program and for the check of this file alike. */
const at = clock.now() / 1000;

let keys: KeyServer;
let settings: Settings;
/** The two variants of the evidence of a second factor. */
let byMethod: Authenticate;
let byContext: Authenticate;
let foreignKey: CryptoKey;
const faults: unknown[] = [];

beforeAll(async () => {
  keys = await startKeyServer();
  foreignKey = (await generateKeyPair('ES256')).privateKey;
  const values = {
    VARIANT: 'local',
    TABLES_CONNECTION_STRING: 'none',
    KEY_VAULT_URL: 'https://127.0.0.1:1',
    KEY_VAULT_CERTIFICATE: 'none',
    KEY_VAULT_TOKEN: 'none',
    OIDC_DISCOVERY_URL: keys.discoveryUrl,
    TOKEN_ISSUER: v1Issuer,
    TENANT_ID: tenantId,
    TOKEN_AUDIENCES: `${apiUri}, ${apiId}`,
    TOKEN_CLIENTS: portalId,
  };
  const usernameRules = { domains: ['example.com'], aliases: new Map(), defaultDomain: undefined };
  const failed = (error: unknown) => faults.push(error);
  const refused = () => {};
  settings = readSettings(values);
  byMethod = authenticator(settings, { usernameRules, clock, failed, refused }).authenticate;
  const byContexts = readSettings({ ...values, MFA_EVIDENCE: 'acrs:c1' });
  byContext = authenticator(byContexts, { usernameRules, clock, failed, refused }).authenticate;
});

afterAll(() => keys.close());

const both = () => [byMethod, byContext] as const;

/** Asks as a browser would; everything but an answer fails the test, as the key server is fine. */
async function refusals(authorization: string | null): Promise<string[]> {
  const answers = await Promise.all(
    both().flatMap((ask) => [ask(authorization), ask(authorization, 'recent')]),
  );
  const { kind } = await verifyToken(authorization, { keys: keyResolver(), settings, clock });
  return [kind, ...answers.map((answer) => answer.kind)];
}

let resolver: ReturnType<typeof signingKeys> | undefined;
const keyResolver = () => {
  resolver ??= signingKeys(keys.discoveryUrl, clock, (error) => faults.push(error));
  return resolver;
};

const nobody = ['invalid-token', 'invalid-token', 'invalid-token', 'invalid-token', 'invalid-token'];

const goodClaims = (change: Claims = {}) => v1Member({ acrs: ['c1'], ...change });
const es256 = { alg: 'ES256' } as const;

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const word = fc.stringMatching(/^[A-Za-z0-9_-]{0,40}$/);

const anyJson = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<fc.JsonValue>(null, true, 0, 1, -1, '', [], {}, '0', '1', ['mfa'], 'mfa'),
) as fc.Arbitrary<unknown>;

describe('Any Authorization header', () => {
  test('that is no token of the provider is refused, and is no fault', async () => {
    const parts = fc.array(fc.oneof(word, fc.string().map(base64url), fc.json().map(base64url)), {
      maxLength: 6,
    });
    const header = fc.oneof(
      fc.constant(null),
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc
        .tuple(
          fc.constantFrom('Bearer ', 'bearer  ', 'BEARER', 'Basic ', 'DPoP '),
          fc.oneof(fc.string(), word),
        )
        .map((both) => both.join('')),
      parts.map((some) => `Bearer ${some.join('.')}`),
      fc
        .tuple(fc.dictionary(fc.constantFrom('alg', 'kid', 'crit', 'typ', 'b64'), anyJson), parts)
        .map(([header, some]) => `Bearer ${[base64url(JSON.stringify(header)), ...some].join('.')}`),
    );
    await fc.assert(
      fc.asyncProperty(header, async (authorization) => {
        expect(await refusals(authorization)).toEqual(nobody);
      }),
      runs(900),
    );
    expect(faults).toEqual([]);
  });
});

/** Names of header fields that could talk a careless program into another key, or none. */
const headerField = fc.constantFrom(
  'alg',
  'kid',
  'jku',
  'jwk',
  'x5u',
  'x5c',
  'x5t',
  'crit',
  'typ',
  'b64',
  'zip',
);
const headerValue = fc.oneof(
  anyJson,
  fc.constantFrom<unknown>(
    'none',
    'None',
    'NONE',
    'HS256',
    'RS256',
    'ES384',
    'PS256',
    'EdDSA',
    'key-1-0',
    'key-1-1',
    'key-1-3',
    ['exp'],
    ['b64'],
    ['alg'],
    'at+jwt',
    'DEF',
  ),
  fc.constant('http://127.0.0.1:1/keys'),
);
const headerChange = fc.dictionary(headerField, headerValue, { minKeys: 1, maxKeys: 3 });

/** A part of a token with other fields, unless an earlier change has left no JSON there. */
function withFields(part: string, change: object): string {
  try {
    return base64url(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...change }));
  } catch {
    return part;
  }
}

describe('A real token', () => {
  let real: string;
  let other: string;

  beforeAll(async () => {
    real = await keys.sign(goodClaims(), es256);
    other = await keys.sign(goodClaims({ oid: 'somebody-else', upn: 'else@example.com' }));
    expect(await refusals(`Bearer ${real}`)).toEqual(['token', 'caller', 'caller', 'caller', 'caller']);
  });

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  type Change = (token: string) => string;
  const changes: fc.Arbitrary<Change> = fc.oneof(
    // One character is another one.
    fc.tuple(fc.nat(), fc.constantFrom(...alphabet, '.', '=', '+', '/', '~')).map(
      ([place, c]): Change =>
        (token) =>
          `${token.slice(0, place % token.length)}${c}${token.slice((place % token.length) + 1)}`,
    ),
    // A piece is missing, or stands twice.
    fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })).map(
      ([place, length]): Change =>
        (token) => {
          const from = place % token.length;
          return token.slice(0, from) + token.slice(from + length);
        },
    ),
    fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })).map(
      ([place, length]): Change =>
        (token) => {
          const from = place % token.length;
          return token.slice(0, from + length) + token.slice(from);
        },
    ),
    // Parts change places, or come from another real token.
    fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 5 }).map(
      (order): Change =>
        (token) => {
          const parts = [...token.split('.'), ...other.split('.')];
          return order.map((index) => parts[index]).join('.');
        },
    ),
    // The header or the claims say something else, and the signature stays.
    headerChange.map(
      (change): Change =>
        (token) => {
          const [header = '', ...rest] = token.split('.');
          return [withFields(header, change), ...rest].join('.');
        },
    ),
    fc.tuple(fc.constantFrom('oid', 'upn', 'exp', 'amr', 'scp'), anyJson).map(
      ([claim, value]): Change =>
        (token) => {
          const [header, claims = '', signature] = token.split('.');
          return [header, withFields(claims, { [claim]: value }), signature].join('.');
        },
    ),
    // There is no signature.
    fc.constantFrom('', '.', '..').map(
      (end): Change =>
        (token) =>
          token.replace(/\.[^.]*$/, end),
    ),
  );

  /** What base64url stands for: its last character has bits that say nothing. */
  const meaning = (token: string) =>
    token
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');

  test('that was changed in any way opens nothing, and is no fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 3 }), async (some) => {
        const changed = some.reduce((token, change) => change(token), real);
        const same = [real, other].some((token) => meaning(token) === meaning(changed));
        fc.pre(!same);
        expect(await refusals(`Bearer ${changed}`)).toEqual(nobody);
      }),
      runs(900),
    );
    expect(faults).toEqual([]);
  });

  test('with any header opens nothing if another key has signed it', async () => {
    await fc.assert(
      fc.asyncProperty(headerChange, async (header) => {
        // A header that cannot be signed at all is no token.
        const token = await keys
          .sign(goodClaims(), { ...es256, key: foreignKey, header })
          .catch(() => undefined);
        fc.pre(token !== undefined);
        expect(await refusals(`Bearer ${token}`)).toEqual(nobody);
      }),
      runs(400),
    );
    expect(faults).toEqual([]);
  });

  test('with any header that the provider itself has signed is accepted or refused, and is no fault', async () => {
    await fc.assert(
      fc.asyncProperty(headerChange, async (header) => {
        const token = await keys.sign(goodClaims(), { ...es256, header }).catch(() => undefined);
        fc.pre(token !== undefined);
        const { alg, kid, crit }: Claims = { ...es256, kid: keys.key('EC').kid, ...header };
        const answers = await refusals(`Bearer ${token}`);
        if (answers[0] === 'token') {
          expect([alg, crit ?? []]).toEqual(['ES256', []]);
          if (typeof kid === 'string') expect(kid).toBe(keys.key('EC').kid);
        } else expect(answers).toEqual(nobody);
      }),
      runs(400),
    );
    expect(faults).toEqual([]);
  });
});

/** What each claim must be, in this file's own words. A claim that is missing is undefined. */
const required: Readonly<Record<string, (value: unknown, claims: Claims) => boolean>> = {
  iss: (value) => value === v1Issuer,
  aud: (value) => [value].flat().some((one) => one === apiUri || one === apiId),
  tid: (value) => value === tenantId,
  oid: (value) => typeof value === 'string' && value.length <= 128 && /^[\w-]+$/.test(value),
  iat: (value) => isTime(value) && value > 0 && value <= at + 60,
  exp: (value) => isTime(value) && value > at - 60 - 1,
  nbf: (value) => value === undefined || (isTime(value) && value <= at + 60 + 1),
  azp: (value, claims) => (value ?? claims.appid ?? claims.client_id) === portalId,
  scp: (value, claims) => {
    const scope = claims.scope === undefined ? value : claims.scope;
    return typeof scope === 'string' && scope.split(' ').includes(apiScope);
  },
  idtyp: (value) => value !== 'app',
  acct: (value) => value !== 1 && value !== '1',
  idp: (value, claims) => value === undefined || value === claims.iss,
  upn: (value) =>
    typeof value === 'string' &&
    value.length <= 254 &&
    /^[^\s@]+@example\.com$/.test(value.normalize('NFKC').toLowerCase()) &&
    /^[!-~\uff01-\uff5e]+$/.test(value) &&
    !value.normalize('NFKC').toLowerCase().includes('#ext#'),
};
const isTime = (value: unknown): value is number => typeof value === 'number';
const isRecent = (value: unknown) => isTime(value) && value >= at - 900 - 60 && value <= at + 60;
const holds = (list: unknown, value: string) => Array.isArray(list) && list.some((one) => one === value);

const claimNames = [
  ...Object.keys(required),
  'appid',
  'client_id',
  'scope',
  'amr',
  'acrs',
  'auth_time',
  'roles',
];

const nearlyRight: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    v1Issuer,
    [v1Issuer],
    apiUri,
    [apiId, 'x'],
    [[apiUri]],
    tenantId,
    portalId,
    [portalId],
    apiScope,
    [apiScope],
    `openid ${apiScope}`,
    `openid,${apiScope}`,
    ['mfa', 'pwd'],
    ['pwd'],
    'mfa',
    [['mfa']],
    ['c1'],
    ['C1'],
    'c1',
    'app',
    'user',
    'mona@example.com\n',
    'mo\u212aa@example.com',
    '__proto__',
    'oid-1',
    'oid.1',
  ),
  fc.integer({ min: -2000, max: 2000 }).map((offset) => Math.floor(at) + offset),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -2000, max: 2000 }).map((offset) => `${Math.floor(at) + offset}`),
  fc.stringMatching(/^[\w.@#-]{1,140}$/),
);

const someName = fc
  .tuple(
    fc.constantFrom('mona', 'MONA', 'ｍｏｎａ', 'm\u00f6na', ''),
    fc.constantFrom('', '', '#EXT#', '#ext#', '＃EXT＃', '#ＥＸＴ#', ' ', '\\'),
    fc.constantFrom('@', '＠', '', '@@'),
    fc.constantFrom('example.com', 'EXAMPLE.com', 'example．com', 'example.org', 'a.example.com'),
  )
  .map((parts) => parts.join(''));

const claimChange: fc.Arbitrary<Claims> = fc.oneof(
  fc.dictionary(fc.constantFrom(...claimNames), fc.oneof(nearlyRight, anyJson), { maxKeys: 3 }),
  someName.map((upn) => ({ upn })),
  fc.dictionary(
    fc.constantFrom('amr', 'acrs', 'aud', 'scp', 'appid'),
    fc.constantFrom<unknown>(
      'mfa',
      ['mfa'],
      [['mfa']],
      ['pwd mfa'],
      { 0: 'mfa', length: 1 },
      'c1',
      ['c1'],
      [['c1']],
      ['c10'],
      [[apiUri]],
      [apiScope],
      [portalId],
    ),
    { minKeys: 1, maxKeys: 2 },
  ),
);

describe('A token with any claims that the provider has signed', () => {
  test('opens only what its claims allow, by a check of its own, and is no fault', async () => {
    let opened = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(claimChange, async (change) => {
        // As JSON, as that is what the program will see.
        const text = JSON.stringify(goodClaims({ iat: now() - 300, nbf: now() - 300, ...change }));
        const claims: Claims = JSON.parse(text);
        const token = await keys.sign(text, es256);
        const allowed = Object.entries(required).every(([name, check]) => check(claims[name], claims));
        for (const [ask, evidence] of [
          [byMethod, holds(claims.amr, 'mfa')],
          [byContext, holds(claims.acrs, 'c1')],
        ] as const) {
          for (const how of [undefined, 'recent'] as const) {
            const answer = await ask(`Bearer ${token}`, how);
            if (answer.kind !== 'caller') {
              refused++;
              continue;
            }
            opened++;
            expect(allowed && evidence && (how === undefined || isRecent(claims.auth_time))).toBe(true);
            expect(answer.person).toBe(personKey(tenantId, claims.oid as string));
            expect(answer.username).toBe((claims.upn as string).normalize('NFKC').toLowerCase());
            expect(answer.issuedAt).toBe((claims.iat as number) * 1000);
          }
        }
      }),
      runs(1_200),
    );
    expect(faults).toEqual([]);
    expect(Math.min(opened, refused)).toBeGreaterThan(50);
  });

  test('is accepted when all of them are right, however much else it says', async () => {
    const more = fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => !claimNames.includes(name)),
      anyJson,
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(more, async (others) => {
        const token = await keys.sign(JSON.stringify({ ...others, ...goodClaims() }), es256);
        expect(await refusals(`Bearer ${token}`)).toEqual(['token', 'caller', 'caller', 'caller', 'caller']);
      }),
      runs(200),
    );
  });

  test('repeats no piece of itself in its refusal', async () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{4}~[A-Za-z0-9]{12,40}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...claimNames), secret, { minKeys: 1 }),
        async (change) => {
          const token = await keys.sign(goodClaims(change), es256);
          for (const ask of both()) {
            const told = JSON.stringify(await ask(`Bearer ${token}`, 'recent'));
            const isTold = (value: string) =>
              Array.from(value, (_, index) => value.slice(index, index + 8)).some(
                (piece) => piece.length === 8 && told.includes(piece),
              );
            // An accepted oid is what the person is called.
            const { oid: _, ...rest } = change;
            expect(Object.values(rest).filter(isTold)).toEqual([]);
            expect(isTold(token)).toBe(false);
          }
        },
      ),
      runs(200),
    );
  });
});
