import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, importJWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { apiScope, tenantId } from '../../local/identities.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { type Authenticate, authenticator } from '../../shared/identity/authenticator.ts';
import { systemClock } from '../../shared/runtime/system.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { type Answer, call } from '../../testing/api.ts';
import {
  apiId,
  apiUri,
  type Claims,
  localMember,
  now,
  portalId,
  v1AppOnly,
  v1Guest,
  v1Issuer,
  v1Member,
  v2Issuer,
  v2Member,
} from '../../testing/entra-claims.ts';
import {
  type Behaviour,
  type KeyServer,
  type SignOptions,
  startKeyServer,
} from '../../testing/key-server.ts';
import { type Service, startService } from '../../testing/service.ts';

let keys: KeyServer;
let service: Service;
/** Hosts for the v2.0 tokens of Entra ID, with an authentication context as evidence, and for a provider of RFC 9068. */
let v2: HostProcess;
let local: HostProcess;
const hosts: Pick<HostProcess, 'output'>[] = [];
/** Every token that a test has sent, for the look at what the hosts printed. */
const sent: string[] = [];

const settings = () => ({
  OIDC_DISCOVERY_URL: keys.discoveryUrl,
  TOKEN_ISSUER: v1Issuer,
  TOKEN_AUDIENCES: `${apiUri}, ${apiId}`,
  TOKEN_CLIENTS: portalId,
});

beforeAll(async () => {
  keys = await startKeyServer();
  service = await startService({ settings });
  [v2, local] = await Promise.all([
    service.anotherHost({ TOKEN_ISSUER: v2Issuer, MFA_EVIDENCE: 'acrs:c1' }),
    service.anotherHost({ TOKEN_ISSUER: keys.issuer }),
  ]);
  hosts.push(service.host, v2, local);
});

afterAll(async () => {
  await service.close();
  await keys.close();
});

type At = Pick<HostProcess, 'origin'>;

const operations = {
  list: ['GET', '/api/app-passwords', undefined],
  create: ['POST', '/api/app-passwords', { name: 'Phone' }],
  register: ['PUT', '/api/registration', { name: 'Phone' }],
  rename: ['PATCH', '/api/app-passwords/7e0f5a52-9c1d-4b0e-8d53-2f6f0c7a2b12', { name: 'Phone' }],
  delete: ['DELETE', '/api/app-passwords/7e0f5a52-9c1d-4b0e-8d53-2f6f0c7a2b12', undefined],
  'delete all': ['POST', '/api/app-passwords/delete-all', { confirm: true }],
} as const;
type Operation = keyof typeof operations;
const everyOperation = Object.keys(operations) as Operation[];
/** What each operation answers to somebody who may do it and has nothing yet. */
const done = { list: 200, create: 201, register: 201, rename: 404, delete: 404, 'delete all': 200 };

function request(operation: Operation, authorization: string | undefined, at: At = service): Promise<Answer> {
  const [method, path, json] = operations[operation];
  const headers = authorization === undefined ? {} : { authorization };
  return call(at.origin, method, path, { headers, json });
}

async function send(
  operation: Operation,
  claims: Claims | string,
  options: SignOptions = {},
  at: At = service,
) {
  return sendToken(operation, await keys.sign(claims, options), at);
}

async function sendToken(operation: Operation, token: string, at: At = service): Promise<Answer> {
  sent.push(token);
  const answer = await request(operation, `Bearer ${token}`, at);
  const told = JSON.stringify([answer.body, [...answer.headers]]);
  for (const part of token.split('.').filter((part) => part.length > 8)) expect(told).not.toContain(part);
  return answer;
}

/** Claims of somebody whom no other test knows. */
function somebody(change: Claims = {}): Claims {
  const oid = randomUUID();
  return { oid, upn: `${oid}@example.com`, ...change };
}

interface Challenge {
  readonly scheme: string;
  readonly parameters: Record<string, string>;
}

/** One challenge of RFC 9110 section 11.6.1 whose parameters are all quoted. */
function challengeOf(answer: Answer): Challenge | undefined {
  const header = answer.headers.get('www-authenticate');
  if (header === null) return undefined;
  expect(header).toMatch(/^[A-Za-z]+( [a-z_]+="[^"\\]*"(, [a-z_]+="[^"\\]*")*)?$/);
  const parameters = [...header.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  expect(new Set(parameters.map(([name]) => name)).size).toBe(parameters.length);
  return { scheme: header.split(' ')[0] as string, parameters: Object.fromEntries(parameters) };
}

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect([answer.status, answer.body.type]).toEqual([status, `/problems/${slug}`]);
  expect(answer.body.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

/** 401 with the challenge of RFC 6750 section 3.1. */
function expectInvalidToken(answer: Answer): void {
  expectProblem(answer, 401, 'invalid-token');
  const challenge = challengeOf(answer);
  expect(challenge?.scheme).toBe('Bearer');
  expect(challenge?.parameters.error).toBe('invalid_token');
}

/**
 * 401 with the challenge of RFC 9470 section 3, whose parameters beside the description are exactly these, and the code
 * of what is lacking.
 */
function expectStepUp(
  answer: Answer,
  asked: Record<string, string>,
  code = 'acr_values' in asked ? 'FACTOR' : 'AGE',
): void {
  expectProblem(answer, 401, 'insufficient-user-authentication');
  expect(answer.body.code).toBe(code);
  const challenge = challengeOf(answer);
  expect(challenge?.scheme).toBe('Bearer');
  const { realm, error, error_description, ...rest } = challenge?.parameters ?? {};
  expect(error).toBe('insufficient_user_authentication');
  expect(rest).toEqual(asked);
}

/** 403 without a challenge, or with that of RFC 6750 section 3.1 for a missing scope. */
function expectForbidden(answer: Answer, slug: string): void {
  expectProblem(answer, 403, slug);
  const challenge = challengeOf(answer);
  if (slug !== 'insufficient-scope') {
    expect(challenge).toBeUndefined();
    return;
  }
  expect(challenge).toMatchObject({
    scheme: 'Bearer',
    parameters: { error: 'insufficient_scope', scope: apiScope },
  });
}

const wrongTypes = [0, 1, -1, true, false, null, [], {}, ''];
/** What a row is called, and its value. */
type Row = readonly [string, unknown];

const shown = (values: readonly unknown[]): Row[] => values.map((value) => [JSON.stringify(value), value]);

describe('A member who passed a second factor', () => {
  test.each(everyOperation)('may %s with a v1.0 token of Entra ID', async (operation) => {
    expect((await send(operation, v1Member(somebody()))).status).toBe(done[operation]);
  });

  test.each(everyOperation)(
    'may %s with a v2.0 token of Entra ID and an authentication context',
    async (operation) => {
      expect((await send(operation, v2Member(somebody()), {}, v2)).status).toBe(done[operation]);
    },
  );

  test.each(everyOperation)('may %s with a token of a provider by RFC 9068', async (operation) => {
    const claims = localMember(keys.issuer, somebody());
    expect((await send(operation, claims, { header: { typ: 'at+jwt' } }, local)).status).toBe(
      done[operation],
    );
  });

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('may use a token signed with %s', async (alg) => {
    expect((await send('list', v1Member(), { alg })).status).toBe(200);
  });

  test('is taken from a v2.0 token that names the tenant in its older form as idp', async () => {
    expect((await send('list', v2Member({ ...somebody(), idp: v1Issuer }), {}, v2)).status).toBe(200);
  });

  test.each([
    ['an audience among others', () => ({ aud: ['https://other.example', apiUri] })],
    ['the API’s client id as the audience', () => ({ aud: apiId })],
    ['the scope among others', () => ({ scp: `openid ${apiScope} User.Read` })],
    ['evidence among other methods', () => ({ amr: ['rsa', 'mfa', 'pwd'] })],
    ['its own provider as idp', () => ({ idp: v1Issuer })],
    ['a clock 30 seconds ahead', () => ({ iat: now() + 30, nbf: now() + 30, auth_time: now() + 30 })],
    ['an expiry 30 seconds ago', () => ({ exp: now() - 30 })],
    ['a sign-in 14 minutes ago', () => ({ auth_time: now() - 840 })],
    ['a username in capitals', () => ({ upn: 'MONA@EXAMPLE.COM' })],
    ['no acct', () => ({ acct: undefined })],
    ['no nbf', () => ({ nbf: undefined })],
  ])('may create with %s', async (_name, change) => {
    expect((await send('create', v1Member({ ...somebody(), ...change() }))).status).toBe(201);
  });

  test.each(['bearer', 'BEARER', 'Bearer '])('may write the scheme as %j', async (scheme) => {
    const token = await keys.sign(v1Member());
    sent.push(token);
    expect((await request('list', `${scheme} ${token}`)).status).toBe(200);
  });
});

describe('Without a token', () => {
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';

  describe.each(everyOperation)('%s is 401 with a challenge that names no error', (operation) => {
    test.each([
      ['no Authorization header', undefined],
      ['an empty one', ''],
      ['another scheme', `Basic ${Buffer.from('mona@example.com:secret').toString('base64')}`],
      ['the scheme alone', 'Bearer'],
      ['a scheme that only begins like it', `BearerX ${token}`],
      ['no space after the scheme', `Bearer${token}`],
    ])('%s', async (_name, authorization) => {
      const answer = await request(operation, authorization);
      expectProblem(answer, 401, 'invalid-token');
      expect(answer.body.code).toBe('MISSING');
      expect(challengeOf(answer)).toEqual({ scheme: 'Bearer', parameters: { realm: 'App Passwords' } });
    });
  });

  test('the headers that Azure sets for a signed-in person say nothing, as clients can send them too', async () => {
    const claims = [{ typ: 'oid', val: randomUUID() }];
    const principal = Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64');
    const headers = {
      'x-ms-client-principal': principal,
      'x-ms-client-principal-id': randomUUID(),
      'x-ms-client-principal-name': 'mona@example.com',
      'x-ms-token-aad-access-token': await keys.sign(v1Member()),
    };
    expectProblem(await call(service.origin, 'GET', '/api/app-passwords', { headers }), 401, 'invalid-token');
  });

  test('in the header, one in the query or the body is not looked at', async () => {
    const good = await keys.sign(v1Member());
    sent.push(good);
    const query = await call(service.origin, 'GET', `/api/app-passwords?access_token=${good}`);
    const body = await call(service.origin, 'POST', '/api/app-passwords', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `access_token=${good}`,
    });
    for (const answer of [query, body]) {
      expectProblem(answer, 401, 'invalid-token');
      expect(challengeOf(answer)?.parameters).not.toHaveProperty('error');
    }
  });
});

/** Rows of: what is wrong, and how the token is made. */
type Forged = readonly [string, () => Promise<string>];

const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function forge(header: object, claims: object, signature = 'c2lnbmF0dXJl'): string {
  return `${base64url(header)}.${base64url(claims)}.${signature}`;
}

/** Times are given as functions, as they count from when the token is made. */
const signed = (change: Claims | (() => Claims)) => () =>
  keys.sign(v1Member(typeof change === 'function' ? change() : change));

const forgedTokens: readonly Forged[] = [
  ['one word', async () => 'token'],
  ['two parts', async () => (await keys.sign(v1Member())).split('.').slice(0, 2).join('.')],
  ['four parts', async () => `${await keys.sign(v1Member())}.AAAA`],
  [
    'five parts, as an encrypted one',
    async () => 'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA',
  ],
  ['empty parts', async () => '..'],
  ['a header that is not JSON', async () => `${base64url('no JSON')}.${base64url(v1Member())}.AAAA`],
  ['a header that is null', async () => `${base64url('null')}.${base64url(v1Member())}.AAAA`],
  ['a header without an algorithm', async () => forge({ typ: 'JWT' }, v1Member())],
  ['claims that are not JSON', () => keys.sign('no JSON')],
  ['claims that are null', () => keys.sign('null')],
  ['claims that are an array', () => keys.sign([v1Member()])],
  ['claims that are a string', () => keys.sign('"claims"')],
  ['no claims', () => keys.sign({})],
  ['more than 16 KiB', signed({ padding: 'x'.repeat(16_000) })],
  ['another alphabet', async () => (await keys.sign(v1Member())).replaceAll('.', '~')],

  [
    'another signature',
    async () => `${(await keys.sign(v1Member())).split('.').slice(0, 2).join('.')}.c2lnbmF0dXJl`,
  ],
  ['no signature', async () => `${(await keys.sign(v1Member())).split('.').slice(0, 2).join('.')}.`],
  [
    'the signature of other claims',
    async () => {
      const [header] = (await keys.sign(v1Member())).split('.');
      const [, , signature] = (await keys.sign(v1Member({ oid: randomUUID() }))).split('.');
      return `${header}.${base64url(v1Member())}.${signature}`;
    },
  ],
  [
    'a signature by another key under a known key id',
    async () => {
      const { privateKey } = await generateKeyPair('RS256');
      return keys.sign(v1Member(), { key: privateKey });
    },
  ],
  ['a signature by the other known key', () => keys.sign(v1Member(), { header: { kid: 'key-1-1' } })],

  ['the algorithm none', async () => forge({ alg: 'none' }, v1Member(), '')],
  ['the algorithm None', async () => forge({ alg: 'None' }, v1Member(), '')],
  [
    'the algorithm none beside a known key id',
    async () => forge({ alg: 'none', kid: keys.key('RSA').kid }, v1Member(), ''),
  ],
  ...(['HS256', 'HS384', 'HS512'] as const).map(
    (alg) =>
      [
        `${alg} with the public key in PEM as its secret`,
        async () => {
          const publicKey = await importJWK(keys.key('RSA').publicJwk, 'RS256', { extractable: true });
          const key = new TextEncoder().encode(await exportSPKI(publicKey as CryptoKey));
          return keys.sign(v1Member(), { alg, key });
        },
      ] as const,
  ),
  [
    'HS256 with the public JWK as its secret',
    () =>
      keys.sign(v1Member(), {
        alg: 'HS256',
        key: new TextEncoder().encode(JSON.stringify(keys.key('RSA').publicJwk)),
      }),
  ],
  ['HS256 with a zero key', () => keys.sign(v1Member(), { alg: 'HS256', key: new Uint8Array(32) })],
  [
    'an algorithm that nobody knows',
    async () => forge({ alg: 'XX999', kid: keys.key('RSA').kid }, v1Member()),
  ],
  ['an algorithm that is a number', async () => forge({ alg: 256, kid: keys.key('RSA').kid }, v1Member())],
  [
    'an algorithm of another key type',
    async () => forge({ alg: 'ES256', kid: keys.key('RSA').kid }, v1Member()),
  ],

  ['a key id that is not published', () => keys.sign(v1Member(), { header: { kid: 'key-0-0' } })],
  ['a key id that is a number', () => keys.sign(v1Member(), { header: { kid: 1 } })],
  ['a key id that is a path', () => keys.sign(v1Member(), { header: { kid: '../../../../dev/null' } })],
  [
    'an unknown key that the header brings along',
    async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = await exportJWK(publicKey);
      return keys.sign(v1Member(), { alg: 'ES256', key: privateKey, header: { kid: undefined, jwk } });
    },
  ],
  [
    'an unknown key set that the header points to',
    async () => {
      const { privateKey } = await generateKeyPair('ES256');
      const header = { kid: 'mine', jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1/cert' };
      return keys.sign(v1Member(), { alg: 'ES256', key: privateKey, header });
    },
  ],
  [
    'a critical header that nobody knows',
    () => keys.sign(v1Member(), { header: { crit: ['urn:x'], 'urn:x': 1 } }),
  ],

  ['another issuer', signed({ iss: 'https://login.attacker.example/' })],
  ['the issuer of another tenant', signed({ iss: v1Issuer.replace(tenantId, randomUUID()) })],
  ['the issuer without its last slash', signed({ iss: v1Issuer.slice(0, -1) })],
  ['the v2.0 issuer', signed({ iss: v2Issuer })],
  ['no issuer', signed({ iss: undefined })],
  ['the issuer in an array', signed({ iss: [v1Issuer] })],
  ['another audience', signed({ aud: 'https://graph.microsoft.com' })],
  ['an audience that begins like ours', signed({ aud: `${apiUri}/` })],
  ['several other audiences', signed({ aud: ['a', 'b'] })],
  ['no audience', signed({ aud: undefined })],
  ['another client in appid', signed({ appid: randomUUID() })],
  ['another client in azp', signed({ appid: undefined, azp: randomUUID() })],
  ['another client in client_id', signed({ appid: undefined, client_id: randomUUID() })],
  ['another client in azp beside ours in appid', signed({ azp: randomUUID() })],
  ['several clients', signed({ appid: [portalId] })],
  ['no client', signed({ appid: undefined })],
  ['another tenant', signed({ tid: randomUUID() })],
  ['the tenant in other letters', signed({ tid: tenantId.toUpperCase() })],
  ['no tenant', signed({ tid: undefined })],
  ['no oid', signed({ oid: undefined })],
  ['an oid that would be another key', signed({ oid: 'a.b' })],
  ['an oid with a quote', signed({ oid: "x' or PartitionKey ne '" })],
  ['an oid with a slash', signed({ oid: '../x' })],
  ['an oid of 129 characters', signed({ oid: 'a'.repeat(129) })],
  ['an oid that is not ASCII', signed({ oid: 'älice' })],
  ['a time of expiry that is past', signed({ exp: now() - 120 })],
  ['no time of expiry', signed({ exp: undefined })],
  ['a time of expiry that is a string', signed({ exp: String(now() + 3600) })],
  ['a time before which it is not valid', signed(() => ({ nbf: now() + 120 }))],
  ['a time before which it is not valid that is a string', signed({ nbf: String(now() - 300) })],
  ['a time of issue in the future', signed(() => ({ iat: now() + 120 }))],
  ['no time of issue', signed({ iat: undefined })],
  ['a time of issue that is a string', signed({ iat: String(now() - 300) })],
  ...shown(wrongTypes).map(([text, value]) => [`the tid ${text}`, signed({ tid: value })] as const),
  ...shown(wrongTypes).map(([text, value]) => [`the oid ${text}`, signed({ oid: value })] as const),
  ...shown(wrongTypes).map(
    ([text, value]) => [`the azp ${text}`, signed({ appid: undefined, azp: value })] as const,
  ),
  ...shown(wrongTypes).map(([text, value]) => [`the appid ${text}`, signed({ appid: value })] as const),
  ...shown(wrongTypes).map(([text, value]) => [`the aud ${text}`, signed({ aud: value })] as const),
  ...shown(wrongTypes).map(([text, value]) => [`the iss ${text}`, signed({ iss: value })] as const),
  ...shown(wrongTypes.filter((value) => typeof value !== 'number')).flatMap(([text, value]) => [
    [`the iat ${text}`, signed({ iat: value })] as const,
    [`the exp ${text}`, signed({ exp: value })] as const,
    [`the nbf ${text}`, signed({ nbf: value })] as const,
  ]),
];

describe('A token is refused with invalid_token when it has', () => {
  test.each(forgedTokens)('%s', async (_name, make) => {
    const token = await make();
    for (const operation of ['list', 'create'] as const)
      expectInvalidToken(await sendToken(operation, token));
  });

  // Who sends it forges it; a 503 would say that something is wrong with the service.
  test('no key id, while several keys fit its algorithm', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const token = await keys.sign(v1Member(), { key: privateKey, header: { kid: undefined } });
    for (const operation of ['list', 'create'] as const)
      expectInvalidToken(await sendToken(operation, token));
  });

  test.each(everyOperation)('expired, on %s', async (operation) => {
    expectInvalidToken(await send(operation, v1Member({ exp: now() - 120 })));
  });

  test('a client other than ours in a v2.0 token or one of RFC 9068', async () => {
    expectInvalidToken(await send('list', v2Member({ azp: randomUUID() }), {}, v2));
    const claims = localMember(keys.issuer, { client_id: randomUUID() });
    expectInvalidToken(await send('list', claims, {}, local));
  });

  test('the issuer and the keys of one version, where another is set', async () => {
    expectInvalidToken(await send('list', v1Member(), {}, v2));
    expectInvalidToken(await send('list', v2Member(), {}, local));
    expectInvalidToken(await send('list', localMember(keys.issuer)));
  });
});

describe('A refusal of a token says which check failed, by a code', () => {
  test.each<Forged>([
    ['MALFORMED', async () => 'token'],
    ['MALFORMED', signed({ padding: 'x'.repeat(16_000) })],
    ['MALFORMED', () => keys.sign('no JSON')],
    ['SIGNATURE', () => keys.sign(v1Member(), { header: { kid: 'key-0-0' } })],
    ['SIGNATURE', async () => `${(await keys.sign(v1Member())).slice(0, -8)}AAAAAAAA`],
    ['SIGNATURE', async () => forge({ alg: 'none' }, v1Member(), '')],
    ['EXPIRED', () => keys.sign(v1Member({ exp: now() - 120 }))],
    ['TIME', signed({ exp: undefined })],
    ['TIME', () => keys.sign(v1Member({ nbf: now() + 120 }))],
    ['TIME', () => keys.sign(v1Member({ iat: now() + 120 }))],
    ['ISSUER', signed({ iss: v2Issuer })],
    ['ISSUER', signed({ iss: undefined })],
    ['AUDIENCE', signed({ aud: 'https://graph.microsoft.com' })],
    ['AUDIENCE', signed({ aud: undefined })],
    ['TENANT', signed({ tid: undefined })],
    ['CLIENT', signed({ appid: randomUUID() })],
    ['PERSON', signed({ oid: undefined })],
  ])('%s', async (code, make) => {
    expect((await sendToken('list', await make())).body).toMatchObject({ code, status: 401 });
  });
});

describe('An Authorization header with the Bearer scheme and no well-formed token is invalid_token', () => {
  test.each([
    ['two words', 'Bearer one two'],
    ['a token in quotes', 'Bearer "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"'],
    ['a parameter', 'Bearer token=eyJhbGciOiJSUzI1NiJ9.e30.AAAA'],
    ['an equals sign inside', 'Bearer eyJ=hbGciOiJSUzI1NiJ9.e30.AAAA'],
    [
      'two tokens, as two headers arrive',
      'Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA, Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA',
    ],
  ])('%s', async (_name, authorization) => {
    expectInvalidToken(await request('list', authorization));
  });
});

describe('A number in a time claim that is out of all proportion', () => {
  test.each([
    ['iat', '-1'],
    ['iat', '0'],
    ['iat', '-1e300'],
    ['iat', '-1e400'],
    ['iat', '1e400'],
    ['exp', '1e300'],
    ['exp', '1e400'],
    ['exp', '-1e400'],
    ['nbf', '-1e400'],
    ['nbf', '1e400'],
    ['auth_time', '1e400'],
    ['auth_time', '-1e400'],
    ['auth_time', '1e-400'],
  ])('is no fault of the service: %s %s', async (claim, number) => {
    const claims = JSON.stringify(v1Member(somebody({ [claim]: 'here' }))).replace('"here"', number);
    const answer = await send('create', claims);
    expect([201, 401]).toContain(answer.status);
  });
});

describe('A token without the scope', () => {
  test.each(everyOperation)('is 403 insufficient_scope on %s', async (operation) => {
    expectForbidden(await send(operation, v1Member({ scp: 'User.Read' })), 'insufficient-scope');
  });

  test.each<Row>([
    ['no scp', undefined],
    ['other scopes', 'openid profile'],
    ['a scope that begins like it', `${apiScope}.All`],
    ['a scope that ends like it', `Other.${apiScope}`],
    ['the scope in other letters', apiScope.toLowerCase()],
    ['the scope after a comma', `openid,${apiScope}`],
    ['the scope in an array', [apiScope]],
    ...shown(wrongTypes),
  ])('is refused: %s', async (_name, scp) => {
    expectForbidden(await send('list', v1Member({ scp })), 'insufficient-scope');
    const claims = localMember(keys.issuer, { scope: scp });
    expectForbidden(await send('list', claims, {}, local), 'insufficient-scope');
  });
});

describe('A program that signed in as itself', () => {
  test.each(everyOperation)('may not %s, by idtyp', async (operation) => {
    expectForbidden(await send(operation, v1AppOnly()), 'forbidden');
  });

  test.each(everyOperation)('may not %s, by roles without a scope', async (operation) => {
    expectForbidden(await send(operation, v1AppOnly({ idtyp: undefined })), 'forbidden');
  });

  test.each([
    [
      'a scope and a second factor',
      { scp: apiScope, amr: ['mfa'], auth_time: now(), upn: 'mona@example.com' },
    ],
    ['a scope that is no string', { idtyp: undefined, scp: [apiScope] }],
    ['the name of a person', { upn: 'mona@example.com' }],
  ])('is refused also with %s', async (_name, change) => {
    expectForbidden(await send('create', v1AppOnly(change)), 'forbidden');
  });

  test('is refused with a v2.0 token', async () => {
    const claims = v1AppOnly({
      iss: v2Issuer,
      azp: portalId,
      appid: undefined,
      idtyp: undefined,
      ver: '2.0',
    });
    expectForbidden(await send('create', claims, {}, v2), 'forbidden');
  });

  test('is refused without idtyp, roles and scope', async () => {
    const claims = v1AppOnly({ idtyp: undefined, roles: undefined });
    expectForbidden(await send('create', claims), 'insufficient-scope');
  });
});

describe('A guest, or a name that is not accepted, is 403', () => {
  test.each(everyOperation)('on %s', async (operation) => {
    expectForbidden(await send(operation, v1Guest()), 'username-not-accepted');
  });

  const member = { acct: undefined, idp: undefined, upn: 'gus@example.com' };
  test.each<readonly [string, Claims]>([
    ['a guest by acct', v1Guest({ ...member, acct: 1 })],
    ['a guest by acct as a string', v1Guest({ ...member, acct: '1' })],
    ['a guest by another provider', v1Guest({ ...member, idp: 'live.com' })],
    [
      'a guest by a provider whose name holds the tenant',
      v1Guest({ ...member, idp: `https://other.example/${v1Issuer}` }),
    ],
    ['a guest by the mark in the name', v1Guest({ ...member, upn: 'gus_partner.example#EXT#@example.com' })],
    [
      'a guest by the mark in small letters',
      v1Guest({ ...member, upn: 'gus_partner.example#ext#@example.com' }),
    ],
    ['another domain', v1Member({ upn: 'mona@example.net' })],
    ['a domain below ours', v1Member({ upn: 'mona@mail.example.com' })],
    ['a domain that begins like ours', v1Member({ upn: 'mona@example.com.attacker.example' })],
    ['no domain', v1Member({ upn: 'mona' })],
    ['two domains', v1Member({ upn: 'mona@example.net@example.com' })],
    ['no name', v1Member({ upn: '@example.com' })],
    ['a name that is not ASCII', v1Member({ upn: 'möna@example.com' })],
    ['a space in the name', v1Member({ upn: 'mona example@example.com' })],
    ['only names that people can edit', v1Member({ upn: undefined, preferred_username: 'mona@example.com' })],
    ...shown(wrongTypes).map(([text, upn]) => [`the upn ${text}`, v1Member({ upn })] as const),
  ])('%s', async (_name, claims) => {
    for (const operation of ['list', 'create'] as const) {
      expectForbidden(await send(operation, claims), 'username-not-accepted');
    }
  });
});

describe('A sign-in without a second factor', () => {
  test.each(everyOperation)('is asked for one on %s', async (operation) => {
    expectStepUp(await send(operation, v1Member({ amr: ['pwd'] })), { acr_values: 'mfa' });
  });

  test.each<Row>([
    ['no amr', undefined],
    ['the evidence as a string', 'mfa'],
    ['the evidence in other letters', ['MFA']],
    ['the evidence among words', ['pwd mfa']],
    ['the evidence one level down', [['mfa']]],
    ['an object of the evidence', { 0: 'mfa', length: 1 }],
    ['other methods', ['pwd', 'otp', 'rsa', 'sms']],
    ...shown(wrongTypes),
  ])('is refused: %s', async (_name, amr) => {
    expectStepUp(await send('list', v1Member({ amr })), { acr_values: 'mfa' });
    expectStepUp(await send('create', v1Member({ amr })), { acr_values: 'mfa' });
  });

  test('is not made up for by an authentication context where amr is the evidence', async () => {
    expectStepUp(await send('list', v1Member({ amr: ['pwd'], acrs: ['c1'], acr: 'mfa' })), {
      acr_values: 'mfa',
    });
  });
});

describe('A sign-in without the authentication context that is the evidence', () => {
  const claimsRequest = { access_token: { acrs: { essential: true, value: 'c1' } } };

  function expectContextAsked(answer: Answer, more: Record<string, string> = {}): void {
    const claims = challengeOf(answer)?.parameters.claims ?? '';
    expect(claims).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toEqual(claimsRequest);
    expectStepUp(answer, { acr_values: 'c1', claims, ...more });
  }

  test.each(everyOperation)(
    'is asked for it on %s, also with the claims request of Entra ID',
    async (operation) => {
      expectContextAsked(await send(operation, v2Member({ acrs: ['p1'] }), {}, v2));
    },
  );

  test.each<Row>([
    ['no acrs', undefined],
    ['the context as a string', 'c1'],
    ['a context that begins like it', ['c10', 'c11']],
    ['other letters', ['C1']],
    ...shown(wrongTypes),
  ])('is refused: %s', async (_name, acrs) => {
    expectContextAsked(await send('list', v2Member({ acrs }), {}, v2));
  });

  test('is not made up for by amr', async () => {
    expectContextAsked(await send('list', v2Member({ acrs: undefined, amr: ['mfa'] }), {}, v2));
  });

  test('and one that is too old are asked for in one challenge', async () => {
    const answer = await send('create', v2Member({ acrs: [], auth_time: now() - 3600 }), {}, v2);
    expectContextAsked(answer, { max_age: '900' });
  });

  test('is not asked for the context that it has, when it is only too old', async () => {
    expectStepUp(await send('create', v2Member({ auth_time: now() - 3600 }), {}, v2), { max_age: '900' });
  });
});

describe('A sign-in that is too old', () => {
  const old = { auth_time: now() - 3600 };

  test.each(['create', 'register'] as const)('is asked to be renewed on %s', async (operation) => {
    expectStepUp(await send(operation, v1Member(old)), { max_age: '900' });
  });

  test.each(['list', 'rename', 'delete', 'delete all'] as const)(
    'is good enough for %s',
    async (operation) => {
      expect((await send(operation, v1Member(somebody(old)))).status).toBe(done[operation]);
    },
  );

  test.each<Row>([
    ['none', undefined],
    ['one 17 minutes ago', now() - 1020],
    ['one as a string', String(now())],
    ['one in milliseconds', now() * 1000],
    ...shown(wrongTypes),
  ])('is one whose auth_time is %s; what is no number is none', async (_name, auth_time) => {
    const code = typeof auth_time === 'number' ? 'AGE' : 'AUTH_TIME';
    for (const operation of ['create', 'register'] as const) {
      expectStepUp(await send(operation, v1Member({ auth_time })), { max_age: '900' }, code);
    }
    expect((await send('list', v1Member({ auth_time }))).status).toBe(200);
  });

  test('is one in the future', async () => {
    expectStepUp(await send('create', v1Member({ auth_time: now() + 120 })), { max_age: '900' });
  });

  test('and has no second factor is asked for both in one challenge', async () => {
    const both = { acr_values: 'mfa', max_age: '900' };
    expectStepUp(await send('create', v1Member({ amr: ['pwd'], ...old })), both);
    expectStepUp(await send('register', v1Member({ amr: undefined, auth_time: undefined })), both);
    expectStepUp(await send('list', v1Member({ amr: ['pwd'], ...old })), { acr_values: 'mfa' });
  });

  test('may be as old as the setting says', async () => {
    const strict = await service.anotherHost({ SIGN_IN_MAX_AGE: '60' });
    hosts.push(strict);
    const answer = await send('create', v1Member({ auth_time: now() - 310 }), {}, strict);
    expectStepUp(answer, { max_age: '60' });
  });
});

describe('While the identity provider is away', () => {
  let broken: KeyServer;

  beforeEach(async () => {
    broken = await startKeyServer();
    return () => broken.close();
  });

  async function untouchedHost(): Promise<HostProcess> {
    const host = await service.anotherHost({ OIDC_DISCOVERY_URL: broken.discoveryUrl });
    hosts.push(host);
    return host;
  }

  async function expectUnavailable(host: HostProcess, token: string): Promise<void> {
    const before = performance.now();
    const answer = await sendToken('list', token, host);
    expect(performance.now() - before).toBeLessThan(3_000);
    expectProblem(answer, 503, 'temporarily-unavailable');
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.has('www-authenticate')).toBe(false);
  }

  const failures: readonly Behaviour[] = ['away', 'hang', 'status 500', 'not JSON', 'redirect'];

  test.each(['configuration', 'keys'] as const)(
    'and its %s were never read, it is 503 within 3 seconds whatever ails the provider, and good again with it',
    async (where) => {
      const host = await untouchedHost();
      const token = await broken.sign(v1Member());
      for (const failure of failures) {
        broken.behave(failure, where);
        await expectUnavailable(host, token);
        // Without a token there is nothing that needs keys.
        expectProblem(await request('list', undefined, host), 401, 'invalid-token');
      }
      broken.behave('answer');
      expect((await sendToken('list', token, host)).status).toBe(200);
    },
  );

  test.each(failures)('and it comes back, the first request after that is served (%s)', async (failure) => {
    const host = await untouchedHost();
    const token = await broken.sign(v1Member());
    broken.behave(failure);
    await expectUnavailable(host, token);
    broken.behave('answer');
    expect((await sendToken('list', token, host)).status).toBe(200);
  });

  test('many requests at once are 503 within 3 seconds, and ask it once at a time', async () => {
    const host = await untouchedHost();
    const token = await broken.sign(v1Member());
    broken.behave('hang');
    await Promise.all(Array.from({ length: 20 }, () => expectUnavailable(host, token)));
    expect(broken.requests.length).toBeLessThanOrEqual(2);
  });

  test.each(failures)('and its keys were read before, everything goes on (%s)', async (failure) => {
    const host = await untouchedHost();
    expect((await sendToken('list', await broken.sign(v1Member()), host)).status).toBe(200);
    broken.behave(failure);
    expect((await sendToken('list', await broken.sign(v1Member()), host)).status).toBe(200);
    expect((await sendToken('create', await broken.sign(v1Member(somebody())), host)).status).toBe(201);
    expectInvalidToken(await sendToken('list', await broken.sign(v1Member({ exp: now() - 120 })), host));
  });
});

// In this process instead of a host's, where the time is the test's own.
describe('Over time', () => {
  let provider: KeyServer;
  let authenticate: Authenticate;

  beforeEach(async () => {
    provider = await startKeyServer();
    vi.useFakeTimers({ toFake: ['Date'] });
    const values = {
      ...service.stack.settings,
      ...settings(),
      OIDC_DISCOVERY_URL: provider.discoveryUrl,
    };
    authenticate = authenticator(readSettings(values), {
      usernameRules: { domains: [], aliases: new Map(), defaultDomain: undefined },
      clock: { ...systemClock, now: () => Date.now() },
      failed: () => {},
      refused: () => {},
    }).authenticate;
  });

  afterEach(async () => {
    vi.useRealTimers();
    await provider.close();
  });

  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
  const minutes = 60;
  const hours = 3600;
  const kindOf = async (token: string) => (await authenticate(`Bearer ${token}`)).kind;
  const readsOfKeys = () => provider.requests.filter((path) => path === '/keys').length;

  test('a token signed with a new key is accepted once the provider publishes that key', async () => {
    expect(await kindOf(await provider.sign(v1Member()))).toBe('caller');
    await provider.rotate();
    pass(31);
    expect(await kindOf(await provider.sign(v1Member()))).toBe('caller');
  });

  test('a token signed with a key that is no longer published is refused once the keys were read anew', async () => {
    const old = await provider.sign(v1Member());
    expect(await kindOf(old)).toBe('caller');
    await provider.rotate();
    pass(31);
    expect(await kindOf(await provider.sign(v1Member()))).toBe('caller');
    expect(await kindOf(old)).toBe('invalid-token');
  });

  test('tokens with unknown keys do not make it read the keys again and again', async () => {
    await kindOf(await provider.sign(v1Member()));
    const before = readsOfKeys();
    for (let i = 0; i < 20; i++) {
      expect(await kindOf(await provider.sign(v1Member(), { header: { kid: `unknown-${i}` } }))).toBe(
        'invalid-token',
      );
    }
    expect(readsOfKeys() - before).toBeLessThanOrEqual(1);
  });

  test('tokens with unknown keys keep nobody out who has a known one', async () => {
    const good = await provider.sign(v1Member());
    expect(await kindOf(good)).toBe('caller');
    provider.behave('away');
    pass(31);
    const unknown = await provider.sign(v1Member(), { header: { kid: 'unknown' } });
    await expect(kindOf(unknown)).rejects.toThrow(Unavailable);
    expect(await kindOf(good)).toBe('caller');
  });

  test.each([
    ['11 minutes', 11 * minutes],
    ['23 hours', 23 * hours],
    ['25 hours', 25 * hours],
  ])('the keys that were read serve on while the provider is away, also after %s', async (_name, age) => {
    expect(await kindOf(await provider.sign(v1Member()))).toBe('caller');
    provider.behave('away');
    pass(age);
    expect(await kindOf(await provider.sign(v1Member()))).toBe('caller');
  });

  test('the keys are read again by themselves once the provider is back', async () => {
    expect(await kindOf(await provider.sign(v1Member()))).toBe('caller');
    provider.behave('away');
    pass(25 * hours);
    await kindOf(await provider.sign(v1Member())).catch(() => {});
    provider.behave('answer');
    await provider.rotate();
    pass(31);
    expect(await kindOf(await provider.sign(v1Member()))).toBe('caller');
  });

  test('a token is accepted until it expires, and refused after that', async () => {
    const token = await provider.sign(v1Member({ exp: now() + 600 }));
    pass(9 * minutes);
    expect(await kindOf(token)).toBe('caller');
    pass(3 * minutes);
    expect(await kindOf(token)).toBe('invalid-token');
  });
});

// Last, as it looks at what all tests above made the hosts print.
describe('What the hosts print', () => {
  test('holds no part of any token that was sent', () => {
    const printed = hosts.map((host) => host.output()).join('\n');
    expect(sent.length).toBeGreaterThan(100);
    for (const token of sent) {
      for (const part of token.split('.').filter((part) => part.length > 8)) {
        expect(printed.includes(part)).toBe(false);
      }
    }
    for (const text of ['eyJ', 'gus_partner', 'attacker.example']) expect(printed.includes(text)).toBe(false);
    // Where a username is given, the trail says which one.
    const others = printed.split('\n').filter((line) => !line.includes('"event":"username.'));
    expect(others.join('\n').includes('mona')).toBe(false);
  });
});
