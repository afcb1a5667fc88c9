import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { localGateway } from '../../local/stack.ts';
import { formatPassword, generatePassword } from '../../shared/domain/app-password/password.ts';
import { systemRandom } from '../../shared/runtime/system.ts';
import {
  type Answer,
  basic,
  type Call,
  call,
  type gateway,
  type person,
  toAnswer,
} from '../../testing/api.ts';
import { expectContract } from '../../testing/contract.ts';
import { exchange, type WireAnswer } from '../../testing/exchange.ts';
import type { Target } from '../../testing/service.ts';
import { aliceAndBob, aliceName, bobName } from './people.ts';

let service: Target;
let alice: ReturnType<typeof person>;
let bob: ReturnType<typeof person>;
let mail: ReturnType<typeof gateway>;
/** Leaves neither of them an app password. */
let clear: () => Promise<void>;
/** The gateway's key as a header. */
let key: Record<string, string>;
/** App passwords that work, and one of the right shape that nobody has. */
let secret: string;
let bobs: string;
const wrong = formatPassword(generatePassword(systemRandom));
/** How a wrong password is refused. */
let refusal: Seen;

beforeAll(async () => {
  ({ service, alice, bob, mail, clear } = await aliceAndBob());
  key = { 'x-gateway-key': service.gatewayKey };
  await clear();
  secret = (await alice.create('Phone')).body.password;
  bobs = (await bob.create('Phone')).body.password;
  // Another instance may remember for a while that a name is unknown.
  const accepted = async () => expectAccepted(await mail.verify(aliceName, secret));
  await vi.waitFor(accepted, { timeout: 15_000 });
  refusal = seen(await mail.verify(aliceName, wrong));
});

afterAll(async () => {
  await clear?.();
  await service?.close();
});

/** Everything of an answer that a gateway sees, but the time, the connection and the framing. */
interface Seen {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: unknown;
}

function seen({ status, headers, body }: Answer): Seen {
  const others = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'];
  const kept = [...headers].filter(([name]) => !others.includes(name));
  return { status, headers: kept, body };
}

function expectAccepted({ status, headers, body }: Answer, username = aliceName): void {
  expect([status, body]).toEqual([200, { username }]);
  expect(headers.get('x-auth-user')).toBe(username);
  expect(headers.get('cache-control')).toBe('no-store');
}

function expectRefused(answer: Answer): void {
  expect(seen(answer)).toEqual(refusal);
}

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect([answer.status, answer.body.type]).toEqual([status, `/problems/${slug}`]);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const text = JSON.stringify(answer.body);
  for (const sent of [aliceName, secret, bobs, wrong, service.gatewayKey]) expect(text).not.toContain(sent);
}

function expectKeyProblem(answer: Answer): void {
  expectProblem(answer, 503, 'invalid-gateway-key');
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(answer.headers.has('www-authenticate')).toBe(false);
}

interface Raw {
  readonly method?: string;
  readonly path?: string;
  readonly version?: '1.0' | '1.1';
  /** Each one is sent as a line of its own, also those of one name. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** Sends the body in chunks, without its length. */
  readonly chunked?: boolean;
  /** Sends the body only once the service has said that it wants it. */
  readonly expectContinue?: boolean;
}

/** Sends a request byte for byte, as fetch would not, and holds the answer to openapi.yaml. */
async function raw(request: Raw): Promise<Answer> {
  const {
    method = 'POST',
    path = '/api/verify',
    version = '1.1',
    headers = [],
    chunked,
    expectContinue,
  } = request;
  const bytes = Buffer.from(request.body ?? '');
  const { host } = new URL(service.origin);
  const length: [string, string][] =
    request.body === undefined ? [] : [['content-length', `${bytes.length}`]];
  const lines = [
    `${method} ${path} HTTP/${version}`,
    ...[
      ['host', host],
      ['connection', 'close'],
      ...(chunked ? [['transfer-encoding', 'chunked']] : length),
      ...(expectContinue ? [['expect', '100-continue']] : []),
      ...headers,
    ].map(([name, value]) => `${name}: ${value}`),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  const body = chunked ? Buffer.from(`${bytes.length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n`) : bytes;
  const [first, ...more] = expectContinue
    ? await exchange(service.origin, head, body)
    : await exchange(service.origin, Buffer.concat([head, body]));
  expect(more).toEqual([]);
  const { status, headers: sent, body: content } = first as WireAnswer;
  const answer = toAnswer(status, sent, content.toString());
  expectContract({ method, path, json: undefined }, answer);
  return answer;
}

type Line = readonly [name: string, value: string];

const keyLine = (): Line => ['x-gateway-key', service.gatewayKey];
const basicLine = (username: string, password: string): Line => [
  'authorization',
  basic(username, password).authorization as string,
];
const pair = (password: string) => JSON.stringify({ username: aliceName, password });
const form = (password: string) => new URLSearchParams({ username: aliceName, password }).toString();

const jsonType = 'application/json';
const formType = 'application/x-www-form-urlencoded';

/** Sends raw bytes as Basic credentials. */
function verifyBytes(bytes: Uint8Array): Promise<Answer> {
  const authorization = `Basic ${Buffer.from(bytes).toString('base64')}`;
  return call(service.origin, 'GET', '/api/verify', { headers: { ...key, authorization } });
}

describe('HTTP Basic', () => {
  describe.each(['1.0', '1.1'] as const)('is taken by HTTP/%s', (version) => {
    test.each(['GET', 'POST'])('%s', async (method) => {
      // Without its length, a POST of HTTP/1.0 is 400.
      const ask = (password: string) =>
        raw({ method, version, headers: [keyLine(), basicLine(aliceName, password)], body: '' });
      expectAccepted(await ask(secret));
      expectRefused(await ask(wrong));
    });
  });

  test('is taken with the scheme in any case and any number of spaces', async () => {
    const [, encoded] = (basic(aliceName, secret).authorization as string).split(' ');
    for (const scheme of ['basic ', 'BASIC ', 'Basic   ']) {
      const headers = { ...key, authorization: `${scheme}${encoded}` };
      expectAccepted(await call(service.origin, 'GET', '/api/verify', { headers }));
    }
  });

  const types = [
    undefined,
    '',
    'none',
    'text/plain',
    jsonType,
    'application/json; charset=utf-8',
    formType,
    'multipart/form-data; boundary=x',
    'application/vnd.ms-sync.wbxml',
    'application/octet-stream',
    'text/xml; charset="utf-8"',
    ';;;',
  ];
  const bodies: readonly (string | Uint8Array)[] = [
    '',
    ' \r\n',
    'hello',
    '{}',
    '[]',
    'null',
    '"password"',
    '{"user":"x"}',
    '{"nested":{"password":"x"}}',
    'a=b&c=d',
    'user=x&pass=y',
    '<xml/>',
    '--x--',
    '{"username',
    Uint8Array.of(3, 1, 0x6a, 0, 0xff, 0xfe, 0x80),
  ];

  test.each(types)(
    'is taken with the content type %s, whatever the body without credentials',
    async (type) => {
      const headers = [
        basicLine(aliceName, secret),
        ...(type === undefined ? [] : [['content-type', type] as const]),
      ];
      for (const body of bodies) expectAccepted(await raw({ headers: [keyLine(), ...headers], body }));
      expectRefused(await raw({ headers: [keyLine(), ...headers.slice(1), basicLine(aliceName, wrong)] }));
    },
  );

  test('is taken by GET with a body, which is not read', async () => {
    for (const body of ['hello', '{}', pair(wrong)]) {
      const headers: Line[] = [keyLine(), basicLine(aliceName, secret), ['content-type', jsonType]];
      expectAccepted(await raw({ method: 'GET', headers, body }));
    }
  });

  test('is taken with Expect: 100-continue', async () => {
    for (const body of ['hello', '{}']) {
      const headers = [keyLine(), basicLine(aliceName, secret)];
      expectAccepted(await raw({ headers, body, expectContinue: true }));
    }
  });

  test.each([
    ['no base64', 'Basic !!!!'],
    ['nothing', 'Basic'],
    ['nothing but a space', 'Basic '],
    ['no colon', `Basic ${Buffer.from('alice@example.com').toString('base64')}`],
    ['only a colon', `Basic ${Buffer.from(':').toString('base64')}`],
    ['one letter', 'Basic a'],
    ['only padding', 'Basic ===='],
    ['two words', 'Basic YTpi YTpi'],
    ['a parameter', 'Basic realm="x"'],
    ['the URL alphabet', 'Basic Pz8_Pj4-Og'],
    ['no base64 but the credentials themselves', `Basic ${aliceName}:${wrong}`],
  ])('that is malformed, with %s, is refused like a wrong password', async (_name, authorization) => {
    const headers = { ...key, authorization };
    expectRefused(await call(service.origin, 'GET', '/api/verify', { headers }));
    expectRefused(await call(service.origin, 'POST', '/api/verify', { headers }));
  });

  test('with a username in UTF-8 or Latin-1 is refused like a wrong password', async () => {
    for (const username of ['jürgen@example.com', 'ålice@example.com', 'é', 'alice@exämple.com']) {
      for (const encoding of ['utf8', 'latin1'] as const) {
        expectRefused(await verifyBytes(Buffer.from(`${username}:${secret}`, encoding)));
      }
    }
    expectRefused(await mail.verify('алиса@example.com', secret));
    expectRefused(await verifyBytes(Uint8Array.of(0xff, 0xfe, 0x3a, 0x61)));
  });

  test('goes before a body that is no text, unless that holds credentials too', async () => {
    const beside = (body: Uint8Array<ArrayBuffer>) =>
      call(service.origin, 'POST', '/api/verify', { headers: { ...key, ...basic(aliceName, secret) }, body });
    expectAccepted(await beside(Uint8Array.of(0x03, 0x01, 0x6a, 0x00, 0xff, 0xc3)));
    for (const text of ['password=\u00ff', '{"password":"\u00ff"}'])
      expectProblem(await beside(Buffer.from(text, 'latin1')), 400, 'ambiguous-credentials');
  });

  test('may have colons in the password', async () => {
    expectRefused(await mail.verify(aliceName, `:${secret}`));
    expectRefused(await mail.verify(aliceName, 'my:pass:word'));
  });
});

describe('JSON', () => {
  const post = (body: string | Uint8Array<ArrayBuffer>, type = jsonType) =>
    call(service.origin, 'POST', '/api/verify', { headers: { ...key, 'content-type': type }, body });

  test('is taken', async () => {
    expectAccepted(await mail.verifyJson({ username: aliceName, password: secret }));
    expectAccepted(await mail.verifyJson({ username: bobName, password: bobs }), bobName);
    expectRefused(await mail.verifyJson({ username: aliceName, password: wrong }));
    expectRefused(await mail.verifyJson({ username: aliceName, password: bobs }));
  });

  test('is taken with where the client is', async () => {
    const where = { protocol: 'imap', clientAddress: '192.0.2.17' };
    expectAccepted(await mail.verifyJson({ username: aliceName, password: secret, ...where }));
  });

  test('is taken by HTTP/1.0, and with Expect: 100-continue', async () => {
    const headers: Line[] = [keyLine(), ['content-type', jsonType]];
    expectAccepted(await raw({ version: '1.0', headers, body: pair(secret) }));
    expectAccepted(await raw({ headers, body: pair(secret), expectContinue: true }));
    expectRefused(await raw({ headers, body: pair(wrong), expectContinue: true }));
  });

  test.each([
    jsonType,
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json; charset="UTF-8"',
    'application/json ;x=y',
  ])('is taken as %s', async (type) => expectAccepted(await post(pair(secret), type)));

  test('is taken after a byte order mark', async () => {
    expectAccepted(await post(`\ufeff${pair(secret)}`));
    expectRefused(await post(`\ufeff${pair(wrong)}`));
  });

  test.each<[string, (text: string) => Buffer<ArrayBuffer>]>([
    ['Latin-1', (text) => Buffer.from(text.replace('}', ',"protocol":"\u00eb"}'), 'latin1')],
    [
      'half a character',
      (text) => Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xc3, 0x22, 0x7d])]),
    ],
    [
      'an encoded surrogate',
      (text) => Buffer.from(text.replace('}', ',"protocol":"\u00ed\u00a0\u00bd"}'), 'latin1'),
    ],
    ['an overlong form', (text) => Buffer.from(text.replace('}', ',"protocol":"\u00c0\u00af"}'), 'latin1')],
    ['UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 the other way around', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('that is not UTF-8 is 400, whatever the credentials: %s', async (_name, encode) => {
    for (const password of [secret, wrong]) {
      const answer = await post(encode(pair(password)));
      expectProblem(answer, 400, 'invalid-request');
      expect(answer.body.errors).toMatchObject([{ field: '', detail: expect.stringContaining('UTF-8') }]);
    }
  });

  test.each(['application/json; charset=iso-8859-1', 'application/json; charset=utf-16'])(
    'is 415 as %s',
    async (type) => expectProblem(await post(pair(secret), type), 415, 'unsupported-media-type'),
  );

  test.each<[string, unknown, string[]]>([
    ['an unknown field', { username: 'u', password: 'p', hunter2: 'hunter2' }, ['']],
    ['no username', { password: 'hunter2' }, ['username']],
    ['no password', { username: 'hunter2' }, ['password']],
    ['neither', {}, ['username', 'password']],
    ['a number as password', { username: 'u', password: 7 }, ['password']],
    ['null as username', { username: null, password: 'p' }, ['username']],
    ['an array as password', { username: 'u', password: ['hunter2'] }, ['password']],
    ['an object as username', { username: { name: 'u' }, password: 'p' }, ['username']],
    ['a number as protocol', { username: 'u', password: 'p', protocol: 1 }, ['protocol']],
    ['null as client address', { username: 'u', password: 'p', clientAddress: null }, ['clientAddress']],
    ['an array around it', [{ username: 'u', password: 'p' }], ['']],
    ['null', null, ['']],
    ['a string', 'hunter2', ['']],
    [
      'the JSON of FreeRADIUS',
      { 'User-Name': { type: 'string', value: ['hunter2'] }, 'User-Password': { value: ['hunter2'] } },
      ['username', 'password', ''],
    ],
  ])('with %s is 400 and says which field, without repeating anything', async (_name, json, fields) => {
    const answer = await mail.verifyJson(json);
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
    expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  });

  test.each(['{', 'hunter2', '{"username":"u","password":"hunter2"', "{'username':'u'}", '{}{}'])(
    'that is none is 400: %s',
    async (body) => {
      const answer = await post(body);
      expectProblem(answer, 400, 'invalid-request');
      expect(JSON.stringify(answer.body)).not.toContain('hunter2');
    },
  );

  test.each<[string, () => string]>([
    [formType, () => form(secret)],
    ['text/plain', () => pair(secret)],
    ['text/json', () => pair(secret)],
    ['application/problem+json', () => pair(secret)],
    ['multipart/form-data; boundary=x', () => '--x--'],
    ['none', () => pair(secret)],
  ])('of the content type %s is 415', async (type, body) => {
    expectProblem(await post(body(), type), 415, 'unsupported-media-type');
  });

  test('without a content type is 415', async () => {
    expectProblem(await raw({ headers: [keyLine()], body: pair(secret) }), 415, 'unsupported-media-type');
  });

  test('of 16 KiB is read, of one byte more is 413', async () => {
    expectAccepted(await post(pair(secret).padEnd(16_384)));
    expectProblem(await post(pair(secret).padEnd(16_385)), 413, 'content-too-large');
    const big = JSON.stringify({ username: 'a'.repeat(40_000), password: secret });
    expectProblem(await post(big), 413, 'content-too-large');
    const beside = { headers: { ...key, ...basic(aliceName, secret) }, body: 'x'.repeat(16_385) };
    expectProblem(await call(service.origin, 'POST', '/api/verify', beside), 413, 'content-too-large');
  });
});

describe('What people type', () => {
  const spellings: readonly (readonly [string, (password: string) => string])[] = [
    ['as it was shown', (password) => password],
    ['in capitals', (password) => password.toUpperCase()],
    ['with a capital first', (password) => password.charAt(0).toUpperCase() + password.slice(1)],
    ['without hyphens', (password) => password.replaceAll('-', '')],
    ['with spaces for hyphens', (password) => password.replaceAll('-', ' ')],
    ['with spaces at both ends', (password) => `  ${password} `],
    ['with hyphens in other places', (password) => password.replaceAll('-', '').replace(/.{2}/g, '$&-')],
    ['with a line end', (password) => `${password}\r\n`],
    ['with the dashes of a phone', (password) => password.replaceAll('-', '\u2013')],
    ['with no-break spaces', (password) => password.replaceAll('-', '\u00a0')],
    ['with zero-width spaces', (password) => password.replaceAll('-', '-\u200b')],
    ['with soft hyphens', (password) => password.replaceAll('-', '\u00ad')],
    ['with isolates around it', (password) => `\u2068${password}\u2069`],
    ['with a byte order mark', (password) => `\ufeff${password}`],
    ['with a variation selector', (password) => `${password}\ufe0f`],
    ['with NUL behind it', (password) => password.padEnd(32, '\0')],
    ['with anything behind a NUL', (password) => `${password}\0\u001fe`],
  ];

  test.each(spellings)('is the same password %s', async (_name, spell) => {
    const password = spell(secret);
    expectAccepted(await mail.verify(aliceName, password));
    expectAccepted(await mail.verifyJson({ username: aliceName, password }));
    expect((await grant({ password })).status).toBe(200);
    expectRefused(await mail.verify(aliceName, spell(wrong)));
  });

  test.each([
    'alice@example.com',
    'ALICE@EXAMPLE.COM',
    'Alice@Example.com',
    'EXAMPLE\\alice',
    'example\\ALICE',
    'alice',
    'ALICE',
    '\uff21lice@example.com',
    // As copied from a page or a contact card.
    ' alice@example.com',
    'alice@example.com \t',
    'alice@example.com\r\n',
    '\u00a0alice@example.com\u3000',
    '\ufeffalice@example.com',
    'ali\u00adce@example\u200b.com',
    '\u202aalice@example.com\u202c',
    '\u2068alice\u2069@example.com',
    'alice\u0085@example.com\0\0',
    'alice ',
    // As devices with a field for a domain send it.
    '\\alice@example.com',
    '\\alice',
    'EXAMPLE\\alice@example.com',
    'example.com\\alice',
    'Example.COM\\Alice@Example.com',
    'alice@example\u3002com',
  ])('is the same person as %j, and the answer has the canonical name', async (username) => {
    expectAccepted(await mail.verify(username, secret));
    expectAccepted(await mail.verifyJson({ username, password: secret }));
    const granted = await grant({ username });
    expect([granted.status, granted.body.username]).toEqual([200, aliceName]);
    expect(granted.headers.get('x-auth-user')).toBe(aliceName);
    expectRefused(await mail.verify(username, wrong));
  });

  /** With alice's own, right password: it must not matter. */
  const strangers: readonly (readonly [string, string | (() => string)])[] = [
    ['that nobody has', 'nobody@example.com'],
    ['of somebody else', bobName],
    ['of another domain', 'alice@example.org'],
    ['of a subdomain', 'alice@mail.example.com'],
    ['that is empty', ''],
    ['that is NUL', '\0'],
    ['that is a zero-width space', '\u200b'],
    ['with all control characters', String.fromCharCode(...Array(32).keys(), 127)],
    ['with anything behind a NUL', 'alice@example.com\0x'],
    ['with /', 'EXAMPLE/alice'],
    ['with \\', 'alice\\example.com'],
    ['that is only \\', '\\'],
    ['of an unknown domain before \\', 'OTHER\\alice'],
    ['of an unknown domain before \\ and the domain', 'OTHER\\alice@example.com'],
    ['of nobody after \\', 'EXAMPLE\\'],
    ['of somebody else after \\', 'EXAMPLE\\bob@example.com'],
    ['of another domain after \\', 'EXAMPLE\\alice@example.org'],
    ['with two \\', '\\\\alice'],
    ['with two \\ after the domain', 'EXAMPLE\\\\alice'],
    ['with another domain after \\', '\\EXAMPLE\\alice'],
    ['with #', 'alice#@example.com'],
    ['with ?', 'alice?x=y'],
    ['with %', 'alice%40example.com'],
    ["with '", "alice' or PartitionKey ne '"],
    ['with "', '"alice"@example.com'],
    ['with + and a tag', 'alice+tag@example.com'],
    ['with *', '*'],
    ['with two @', 'alice@@example.com'],
    ['with only @', '@'],
    ['with a dot at the end', 'alice@example.com.'],
    ['with .. and /', '../../alice@example.com'],
    ['of a person’s key', 'a11ce000-3d5b-4c6f-8f3e-6f2b1d9c0001'],
    ['of a property', '__proto__'],
    ['with an emoji', 'alice📱@example.com'],
    ['with a dotted capital I', 'al\u0130ce@example.com'],
    ['with a dotless i', 'al\u0131ce@example.com'],
    ['with a Cyrillic a', '\u0430lice@example.com'],
    ['with a combining accent', 'a\u0301lice@example.com'],
    ['with a Cyrillic a in the domain', 'alice@ex\u0430mple.com'],
    ['with a dot below in the domain', 'alice@exam\u0323ple.com'],
    ['with a path after the domain', 'alice@example\u3002com/x'],
    ['with a percent in the domain', 'alice@ex%61mple\u3002com'],
    ['with a braille blank', 'alice\u2800@example.com'],
    ['of 255 letters', `${'a'.repeat(243)}@example.com`],
    ['of 10,000 letters', 'a'.repeat(10_000)],
    ['of 10,000 letters and the domain', `${'a'.repeat(10_000)}@example.com`],
    ['that is the app password', () => secret],
    ['that is the app password without hyphens', () => secret.replaceAll('-', '')],
    ['that is the gateway key', () => service.gatewayKey],
  ];

  test.each(strangers)('as a username %s is refused exactly like a wrong password', async (_name, name) => {
    const username = typeof name === 'string' ? name : name();
    expectRefused(await mail.verifyJson({ username, password: secret }));
    expectRefused(await mail.verifyJson({ username, password: wrong }));
    // A user name of HTTP Basic may have no colon; all of these have none.
    expectRefused(await mail.verify(username, secret));
    await expectInvalidGrant({ username, password: secret });
  });

  test.each([
    ...['\ud800', '\udc00alice@example.com', 'alice\ud83d', 'a\udc00\ud800', 'alice@example.com \ud800'],
    'alice\udb40\u200b\udd00@example.com',
  ])('as a username with a lone surrogate (%j) is refused exactly like a wrong password', async (username) =>
    expectRefused(await mail.verifyJson({ username, password: secret })),
  );

  test('as a username of 15,000 letters is refused by HTTP Basic exactly like a wrong password', async () => {
    const { authorization = '' } = basic('a'.repeat(15_000), secret);
    expect(authorization.length).toBeGreaterThan(20_000);
    const headers = { ...key, authorization };
    expectRefused(await call(service.origin, 'GET', '/api/verify', { headers }));
  });

  test.each<[string, string | (() => string)]>([
    ['the account’s own', 'Tr0ub4dor&3'],
    ['empty', ''],
    ['of spaces', '    '],
    ['of hyphens', '-'.repeat(24)],
    ['of 20 letters with wrong check letters', 'abcdefghijklmnopqrst'],
    ['of 20 equal letters', 'a'.repeat(20)],
    ['of 20 digits', '1'.repeat(20)],
    ['with a letter less', () => secret.slice(0, -1)],
    ['with a letter more', () => `${secret}a`],
    [
      'with two letters swapped',
      () => secret.replace(/^(.)(.)/, (_, a, b) => (a === b ? `${a}${other(b)}` : b + a)),
    ],
    ['with one letter wrong', () => secret.replace(/^./, other)],
    ['backwards', () => [...secret].reverse().join('')],
    ['twice', () => secret + secret],
    ['in quotes', () => `"${secret}"`],
    ['behind another one and a NUL', () => `${wrong}\0${secret}`],
    ['in Cyrillic letters', 'а'.repeat(20)],
    [
      'of full-width letters',
      () => secret.replace(/[a-z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
    ],
    ['with an emoji', '📱📱📱📱'],
    ['of 10,000 letters', 'a'.repeat(10_000)],
    ['that is the username', aliceName],
    ['that is a gateway key', () => service.gatewayKey],
    ['of somebody else', () => bobs],
  ])('as a password %s is refused exactly like a wrong one', async (_name, typed) => {
    const password = typeof typed === 'string' ? typed : typed();
    expectRefused(await mail.verify(aliceName, password));
    expectRefused(await mail.verifyJson({ username: aliceName, password }));
    await expectInvalidGrant({ password });
  });

  test('is refused alike however often a wrong one comes, and a right one is taken after that', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => mail.verify(aliceName, wrong)));
    for (const answer of answers) expectRefused(answer);
    expectAccepted(await mail.verify(aliceName, secret));
  });

  function other(letter: string): string {
    return letter === 'a' ? 'b' : 'a';
  }
});

describe('No credentials', () => {
  test.each<[string, string, string, Call]>([
    ['nothing', 'GET', '/api/verify', {}],
    ['nothing, by POST', 'POST', '/api/verify', {}],
    ['an empty body', 'POST', '/api/verify', { headers: { 'content-type': jsonType }, body: '' }],
    ['an empty form', 'POST', '/api/verify', { headers: { 'content-type': formType }, body: '' }],
    ['a query', 'GET', '/api/verify?Cmd=Ping&DeviceId=x', {}],
    ['Auth-User and Auth-Pass', 'GET', '/api/verify', { headers: { 'auth-user': 'u', 'auth-pass': 'p' } }],
    ['Auth-User', 'GET', '/api/verify', { headers: { 'auth-user': 'u' } }],
    ['Auth-Pass, by POST', 'POST', '/api/verify', { headers: { 'auth-pass': 'p' } }],
    ['a password in the query', 'GET', '/api/verify?username=u&password=p', {}],
    ['a client_secret in the query', 'GET', '/api/verify?client_secret=p', {}],
    ['both in the query', 'POST', '/api/verify?username=u&password=p&client_secret=p', {}],
    ['a bearer token', 'GET', '/api/verify', { headers: { authorization: 'Bearer x' } }],
    ['Digest', 'GET', '/api/verify', { headers: { authorization: 'Digest username="u", realm="r"' } }],
    ['Negotiate', 'GET', '/api/verify', { headers: { authorization: 'Negotiate YTpi' } }],
    ['an empty Authorization', 'GET', '/api/verify', { headers: { authorization: '' } }],
  ])('(%s) is 401 with the challenge of HTTP Basic', async (_name, method, path, { headers, ...rest }) => {
    const answer = await call(service.origin, method, path, { ...rest, headers: { ...key, ...headers } });
    expectProblem(answer, 401, 'invalid-credentials');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+", charset="UTF-8"$/);
    expectRefused(answer);
  });

  test('is what right credentials are in Auth-User and Auth-Pass, or in the query: neither is ever taken', async () => {
    const headers = { ...key, 'auth-user': aliceName, 'auth-pass': secret };
    expectRefused(await call(service.origin, 'GET', '/api/verify', { headers }));
    for (const name of ['password', 'client_secret']) {
      const query = new URLSearchParams({ username: aliceName, [name]: secret });
      expectRefused(await call(service.origin, 'GET', `/api/verify?${query}`, { headers: key }));
      expectRefused(await call(service.origin, 'POST', `/api/verify?${query}`, { headers: key }));
    }
  });
});

describe('Other query parameters', () => {
  test.each([
    '?',
    '?Cmd=Ping',
    '?username=bob@example.com',
    '?user=x&pass=y&key=z',
    '?x-gateway-key=wrong',
    '?code=x&clientId=y',
    '?protocol=imap&clientAddress=garbage',
    '?passwords=x&xpassword=y',
    '?%01=%ff',
  ])('are ignored: %s', async (query) => {
    const ask = (options: Call) => call(service.origin, 'POST', `/api/verify${query}`, options);
    expectAccepted(await ask({ headers: { ...key, ...basic(aliceName, secret) } }));
    expectRefused(await ask({ headers: { ...key, ...basic(aliceName, wrong) } }));
    expectAccepted(await ask({ headers: { ...key, 'content-type': jsonType }, body: pair(secret) }));
  });
});

/** Ways to put credentials into one request. */
interface Way {
  readonly name: string;
  readonly place: 'authorization' | 'body' | 'auth headers' | 'query';
  readonly put: (password: string) => Partial<Raw> & { readonly query?: string };
}

const ways: readonly Way[] = [
  {
    name: 'Basic',
    place: 'authorization',
    put: (password) => ({ headers: [basicLine(aliceName, password)] }),
  },
  {
    name: 'two Authorization headers',
    place: 'authorization',
    put: (password) => ({ headers: [basicLine(bobName, bobs), basicLine(aliceName, password)] }),
  },
  {
    name: 'a JSON body',
    place: 'body',
    put: (password) => ({ headers: [['content-type', jsonType]], body: pair(password) }),
  },
  {
    name: 'a form',
    place: 'body',
    put: (password) => ({ headers: [['content-type', formType]], body: form(password) }),
  },
  {
    name: 'Auth-User and Auth-Pass',
    place: 'auth headers',
    put: (password) => ({
      headers: [
        ['Auth-User', aliceName],
        ['Auth-Pass', password],
      ],
    }),
  },
  {
    name: 'a password in the query',
    place: 'query',
    put: (password) => ({ query: `?username=${encodeURIComponent(aliceName)}&password=${password}` }),
  },
  {
    name: 'a client_secret in the query',
    place: 'query',
    put: (password) => ({ query: `?client_secret=${password === secret ? service.gatewayKey : password}` }),
  },
];

function together(
  first: ReturnType<Way['put']>,
  second: ReturnType<Way['put']>,
  more: readonly Line[] = [],
): Raw {
  const body = first.body ?? second.body;
  return {
    path: `/api/verify${first.query ?? second.query ?? ''}`,
    headers: [...more, ...(first.headers ?? []), ...(second.headers ?? [])],
    ...(body !== undefined && { body }),
  };
}

/** Every two of them that fit into one request. */
const pairs = ways.flatMap((first, index) =>
  ways
    .slice(index + 1)
    .filter((second) => second.place !== first.place)
    .map((second) => ({ first, second })),
);

describe('Two sets of credentials in one request are 400, whichever of them is right', () => {
  test.each(pairs.map(({ first, second }) => [first.name, second.name, first, second] as const))(
    '%s and %s',
    async (_first, _second, first, second) => {
      for (const [a, b] of [
        [secret, wrong],
        [wrong, secret],
        [secret, secret],
        [wrong, wrong],
        ['', secret],
        [secret, ''],
      ] as const) {
        const answer = await raw(together(first.put(a), second.put(b), [keyLine()]));
        expectProblem(answer, 400, 'ambiguous-credentials');
      }
    },
  );

  test.each<[string, () => readonly Line[]]>([
    ['of two people', () => [basicLine(aliceName, secret), basicLine(bobName, bobs)]],
    ['the right one first', () => [basicLine(aliceName, secret), basicLine(aliceName, wrong)]],
    ['the right one last', () => [basicLine(aliceName, wrong), basicLine(aliceName, secret)]],
    ['twice the same', () => [basicLine(aliceName, secret), basicLine(aliceName, secret)]],
    ['a malformed one last', () => [basicLine(aliceName, secret), ['authorization', 'Basic !']]],
    ['a bearer token last', () => [basicLine(aliceName, secret), ['authorization', 'Bearer x']]],
    ['a bearer token first', () => [['authorization', 'Bearer x'], basicLine(aliceName, secret)]],
    ['a malformed one first', () => [['authorization', 'Basic'], basicLine(aliceName, secret)]],
    [
      'in one line',
      () => [
        [
          'authorization',
          [basicLine(aliceName, secret), basicLine(bobName, bobs)].map(([, value]) => value).join(', '),
        ],
      ],
    ],
  ])('two Authorization headers: %s', async (_name, headers) => {
    for (const method of ['GET', 'POST']) {
      const answer = await raw({ method, headers: [keyLine(), ...headers()] });
      expectProblem(answer, 400, 'ambiguous-credentials');
    }
  });

  test.each<[string, Partial<Raw>]>([
    ['Auth-User alone', { headers: [['auth-user', bobName]] }],
    ['Auth-Pass alone', { headers: [['auth-pass', 'x']] }],
    ['an empty Auth-User', { headers: [['auth-user', '']] }],
    ['an empty password in the query', { path: '/api/verify?password=' }],
    ['a client_secret without a value in the query', { path: '/api/verify?client_secret' }],
    ['a password in the query after others', { path: '/api/verify?Cmd=Ping&password=x' }],
    ['a JSON body with a username alone', { body: '{"username":"x"}' }],
    ['a JSON body with a password alone', { body: '{"password":null}' }],
    ['a JSON body that has more', { body: '{"a":1,"password":"x","b":2}' }],
    ['a form with a username alone', { body: 'username=x' }],
    ['a form with a password alone', { body: 'a=b&password' }],
    ['a grant', { body: 'grant_type=password&client_secret=x' }],
    ['a form that hides the name', { body: '%70assword=x' }],
    ['a JSON body that hides the name', { body: '{"\\u0070assword":"x"}' }],
    ['a JSON body with white space around it', { body: ' \r\n{"password":"x"}\t' }],
    ['a JSON body after a byte order mark', { body: '\ufeff{"password":"x"}' }],
  ])('Basic and %s', async (_name, { headers = [], ...more }) => {
    const types: Line[][] = [[], [['content-type', jsonType]], [['content-type', 'text/plain']]];
    for (const type of more.body === undefined ? [[]] : types) {
      const lines = [keyLine(), basicLine(aliceName, secret), ...type, ...headers];
      expectProblem(await raw({ ...more, headers: lines }), 400, 'ambiguous-credentials');
    }
  });

  test('also by GET, as nginx asks', async () => {
    for (const [a, b] of [
      [secret, wrong],
      [wrong, secret],
    ] as const) {
      const headers: Line[] = [keyLine(), basicLine(aliceName, a), ['Auth-User', bobName], ['Auth-Pass', b]];
      const answer = await raw({ method: 'GET', version: '1.0', headers });
      expectProblem(answer, 400, 'ambiguous-credentials');
    }
  });
});

describe('A chunked body', () => {
  test('is 411, with or without other credentials', async () => {
    for (const headers of [
      [keyLine(), ['content-type', jsonType] as const],
      [keyLine(), basicLine(aliceName, secret)],
      [keyLine(), basicLine(aliceName, wrong)],
      [keyLine()],
    ]) {
      expectProblem(await raw({ headers, body: pair(secret), chunked: true }), 411, 'length-required');
    }
  });

  test('is ambiguous first, where there are two sets of credentials beside it', async () => {
    const headers: Line[] = [keyLine(), basicLine(aliceName, secret), ['auth-user', 'x']];
    expectProblem(await raw({ headers, body: '{}', chunked: true }), 400, 'ambiguous-credentials');
  });
});

describe('A gateway key', () => {
  const wrongKeys: readonly (readonly [string, () => Line[]])[] = [
    ['missing', () => []],
    ['empty', () => [['x-gateway-key', '']]],
    ['wrong', () => [['x-gateway-key', 'wrong']]],
    ['wrong in its last letter', () => [['x-gateway-key', `${service.gatewayKey.slice(0, -1)}?`]]],
    ['of another case', () => [['x-gateway-key', flipCase(service.gatewayKey)]]],
    ['there twice', () => [keyLine(), keyLine()]],
    ['the name of the gateway', () => [['x-gateway-key', localGateway]]],
    ['an app password', () => [['x-gateway-key', secret]]],
    ['in another header', () => [['x-functions-key', service.gatewayKey]]],
    ['a bearer token', () => [['x-key', `Bearer ${service.gatewayKey}`]]],
  ];

  describe.each(wrongKeys)(
    'that is %s is 503 with Retry-After and says nothing of the credentials:',
    (_name, lines) => {
      test.each<[string, () => Raw]>([
        ['right credentials', () => ({ headers: [basicLine(aliceName, secret)] })],
        ['right credentials by GET', () => ({ method: 'GET', headers: [basicLine(aliceName, secret)] })],
        ['wrong credentials', () => ({ headers: [basicLine(aliceName, wrong)] })],
        ['what is no app password', () => ({ headers: [basicLine(aliceName, 'hunter2')] })],
        ['right credentials in JSON', () => ({ headers: [['content-type', jsonType]], body: pair(secret) })],
        ['no credentials', () => ({})],
        ['malformed ones', () => ({ headers: [['authorization', 'Basic !']] })],
        ['ambiguous ones', () => ({ headers: [basicLine(aliceName, secret), ['auth-user', 'x']] })],
        [
          'two Authorization headers',
          () => ({ headers: [basicLine(aliceName, secret), basicLine(bobName, bobs)] }),
        ],
        ['a chunked body', () => ({ body: pair(secret), chunked: true })],
        ['a large body', () => ({ body: 'x'.repeat(20_000) })],
        ['JSON that is none', () => ({ headers: [['content-type', jsonType]], body: '{' })],
        ['another content type', () => ({ headers: [['content-type', 'text/plain']], body: 'x' })],
      ])('%s', async (_pair, request) => {
        const { headers = [], ...rest } = request();
        expectKeyProblem(await raw({ ...rest, headers: [...lines(), ...headers] }));
      });
    },
  );

  test('is never taken from the query, nor from a body of verify', async () => {
    const inQuery = new URLSearchParams({
      'x-gateway-key': service.gatewayKey,
      client_secret: service.gatewayKey,
      code: service.gatewayKey,
    });
    const headers = [basicLine(aliceName, secret)];
    expectKeyProblem(await raw({ path: `/api/verify?${inQuery}`, headers }));
    const body = `client_secret=${encodeURIComponent(service.gatewayKey)}`;
    expectKeyProblem(await raw({ headers: [...headers, ['content-type', formType]], body }));
  });

  function flipCase(text: string): string {
    return text.replace(/[a-z]/gi, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()));
  }
});

/** A password grant; right, but for what is changed. */
function grant(change: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Answer> {
  const fields = {
    grant_type: 'password',
    username: aliceName,
    password: secret,
    client_id: 'dovecot',
    client_secret: service.gatewayKey,
    ...change,
  };
  return mail.grant(fields, headers);
}

/** A grant by its fields, some of which may come twice or not at all. */
function grantOf(
  fields: [string, string][],
  headers: Record<string, string> = {},
  query = '',
): Promise<Answer> {
  return call(service.origin, 'POST', `/api/verify/grant${query}`, {
    headers: { ...key, 'content-type': formType, ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

const rightFields = (): [string, string][] => [
  ['grant_type', 'password'],
  ['username', aliceName],
  ['password', secret],
];

function expectGrantError(answer: Answer, status: number, error: string): void {
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(answer.body.error_description).toMatch(/\S/);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('retry-after')).toBe(status === 503 ? '5' : null);
  expect(answer.headers.has('x-auth-user')).toBe(false);
  const text = JSON.stringify(answer.body);
  for (const sent of [aliceName, secret, wrong, service.gatewayKey]) expect(text).not.toContain(sent);
}

/** Every refusal of credentials is the same, to the byte. */
async function expectInvalidGrant(change: Record<string, string>): Promise<void> {
  const answer = await grant(change);
  expectGrantError(answer, 400, 'invalid_grant');
  expect(seen(answer)).toEqual(seen(await grant({ password: wrong })));
}

describe('The password grant', () => {
  test.each<[string, () => Promise<Answer>]>([
    ['client_secret', () => grant()],
    ['x-gateway-key', () => grantOf(rightFields())],
    ['both', () => grant({}, key)],
  ])('is taken with the key as %s', async (_name, ask) => {
    const { status, headers, body } = await ask();
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/./),
      token_type: 'Bearer',
      username: aliceName,
    });
    expect(JSON.stringify(body)).not.toContain(secret);
    expect(headers.get('x-auth-user')).toBe(aliceName);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('is taken with a charset, further fields and further parameters in the query', async () => {
    const type = { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' };
    expect((await grantOf(rightFields(), type)).status).toBe(200);
    expect((await grantOf([...rightFields(), ['scope', 'mail'], ['x', 'y']])).status).toBe(200);
    expect((await grantOf(rightFields(), {}, '?Cmd=Ping&username=x')).status).toBe(200);
  });

  test('is taken by HTTP/1.0, and with Expect: 100-continue', async () => {
    const headers: Line[] = [keyLine(), ['content-type', formType]];
    const body = new URLSearchParams(rightFields()).toString();
    const path = '/api/verify/grant';
    expect((await raw({ path, version: '1.0', headers, body })).status).toBe(200);
    expect((await raw({ path, headers, body, expectContinue: true })).status).toBe(200);
  });

  test.each<[string, Record<string, string>]>([
    ['a wrong password', { password: wrong }],
    ['what is no app password', { password: 'hunter2' }],
    ['an empty password', { password: '' }],
    ['an empty username', { username: '' }],
    ['an unknown username', { username: 'nobody@example.com' }],
    ['a username of another person', { username: bobName }],
    ['a username that cannot be one', { username: 'ali\0ce/\\#?☃' }],
    ['a username of 10,000 letters', { username: 'a'.repeat(10_000) }],
  ])('with %s is 400 invalid_grant', async (_name, change) => expectInvalidGrant(change));

  test('with what is not UTF-8 is 400 invalid_grant, as somebody typed it', async () => {
    const refused = seen(await grant({ password: wrong }));
    const headers = { ...key, 'content-type': formType };
    for (const bytes of ['%EB', '%C3', '%ED%A0%BD', '%C0%AF', '\u00eb', '\u00ed\u00a0\u00bd']) {
      for (const pair of [
        `username=${aliceName}${bytes}&password=${secret}`,
        `username=${aliceName}&password=${secret}${bytes}`,
      ]) {
        const body = Buffer.from(`grant_type=password&${pair}`, 'latin1');
        const answer = await call(service.origin, 'POST', '/api/verify/grant', { headers, body });
        expect(seen(answer)).toEqual(refused);
      }
    }
  });

  test.each(['authorization_code', 'client_credentials', 'refresh_token', 'Password', 'password ', 'x'])(
    'of the type %s is 400 unsupported_grant_type',
    async (type) => expectGrantError(await grant({ grant_type: type }), 400, 'unsupported_grant_type'),
  );

  test.each(['grant_type', 'username', 'password'])('without %s is 400 invalid_request', async (missing) => {
    const fields = rightFields().filter(([name]) => name !== missing);
    expectGrantError(await grantOf(fields), 400, 'invalid_request');
  });

  test.each(['grant_type', 'username', 'password', 'client_secret'])(
    'with %s twice is 400 invalid_request',
    async (repeated) => {
      const fields: [string, string][] = [...rightFields(), ['client_secret', service.gatewayKey]];
      for (const value of [fields.find(([name]) => name === repeated)?.[1] ?? '', 'x', '']) {
        for (const all of [
          [...fields, [repeated, value] as [string, string]],
          [[repeated, value] as [string, string], ...fields],
        ]) {
          expectGrantError(await grantOf(all), 400, 'invalid_request');
        }
      }
    },
  );

  test.each<[string, () => Record<string, string>, string]>([
    ['HTTP Basic', () => basic(aliceName, secret), ''],
    ['a bearer token', () => ({ authorization: 'Bearer x' }), ''],
    ['Auth-User', () => ({ 'auth-user': aliceName }), ''],
    ['Auth-Pass', () => ({ 'auth-pass': 'x' }), ''],
    ['a password in the query', () => ({}), '?password=x'],
    ['a client_secret in the query', () => ({}), '?client_secret=x'],
  ])('with %s beside it is 400 invalid_request', async (_name, headers, query) => {
    expectGrantError(await grantOf(rightFields(), headers(), query), 400, 'invalid_request');
  });

  test.each([jsonType, 'text/plain', 'multipart/form-data; boundary=x', 'application/x-www-form'])(
    'of the content type %s is 400 invalid_request',
    async (type) => {
      expectGrantError(await grantOf(rightFields(), { 'content-type': type }), 400, 'invalid_request');
    },
  );

  test('without a content type or a body is 400 invalid_request', async () => {
    const path = '/api/verify/grant';
    const body = new URLSearchParams(rightFields()).toString();
    expectGrantError(await raw({ path, headers: [keyLine()], body }), 400, 'invalid_request');
    expectGrantError(await raw({ path, headers: [keyLine()] }), 400, 'invalid_request');
    const headers: Line[] = [keyLine(), ['content-type', formType], ['content-length', '0']];
    expectGrantError(await raw({ path, headers }), 400, 'invalid_request');
  });

  test('in chunks is 411, and of more than 16 KiB is 413, both as invalid_request', async () => {
    const headers: Line[] = [keyLine(), ['content-type', formType]];
    const body = new URLSearchParams(rightFields()).toString();
    const chunked = { path: '/api/verify/grant', body, chunked: true };
    expectGrantError(await raw({ ...chunked, headers }), 411, 'invalid_request');
    // The key went with the body.
    expectGrantError(await raw({ ...chunked, headers: headers.slice(1) }), 411, 'invalid_request');
    const large: [string, string][] = [...rightFields(), ['x', 'x'.repeat(16_384)]];
    expectGrantError(await grantOf(large), 413, 'invalid_request');
  });

  describe.each<[string, Record<string, string>, Record<string, string>]>([
    ['missing', {}, {}],
    ['wrong in client_secret', { client_secret: 'wrong' }, {}],
    ['empty in client_secret', { client_secret: '' }, {}],
    ['wrong in x-gateway-key', {}, { 'x-gateway-key': 'wrong' }],
  ])('with a key that is %s is 503 invalid_client with Retry-After:', (_name, fields, headers) => {
    test.each<[string, () => Record<string, string>]>([
      ['right credentials', () => ({ grant_type: 'password', username: aliceName, password: secret })],
      ['wrong credentials', () => ({ grant_type: 'password', username: aliceName, password: wrong })],
      ['what is no app password', () => ({ grant_type: 'password', username: 'u', password: 'p' })],
      ['no credentials', () => ({ grant_type: 'password' })],
      ['another grant', () => ({ grant_type: 'client_credentials' })],
      ['an empty form', () => ({})],
    ])('%s', async (_pair, form) => {
      expectGrantError(await mail.grant({ ...form(), ...fields }, headers), 503, 'invalid_client');
    });
  });

  test('takes no key from the query or from HTTP Basic', async () => {
    const fields = Object.fromEntries(rightFields());
    const encoded = encodeURIComponent(service.gatewayKey);
    const inQuery = await call(service.origin, 'POST', `/api/verify/grant?client_secret=${encoded}`, {
      headers: { 'content-type': formType },
      body: new URLSearchParams(fields).toString(),
    });
    expectGrantError(inQuery, 503, 'invalid_client');
    expectGrantError(await mail.grant(fields, basic('dovecot', service.gatewayKey)), 503, 'invalid_client');
  });
});

describe('Last used', () => {
  interface LastUsed {
    readonly at: string;
    readonly gateway: string;
    readonly protocol: string | null;
    readonly clientAddress: string | null;
  }

  /** Uses a fresh app password once, and waits until the list shows it, as it is noted after the answer. */
  async function lastUsed(use: (password: string) => Promise<Answer>): Promise<LastUsed> {
    const { id, password } = (await bob.create('Used')).body;
    expect((await use(password)).status).toBe(200);
    let found: LastUsed | undefined;
    const look = async () => {
      const { appPasswords } = (await bob.list()).body;
      found = appPasswords.find((shown: { id: string }) => shown.id === id).lastUsed;
      return found;
    };
    await expect.poll(look, { timeout: 15_000 }).toEqual(expect.anything());
    expect((await bob.remove(id)).status).toBe(204);
    expect(found?.gateway).toBe(localGateway);
    return found as LastUsed;
  }

  test.each([
    ['imap', 'imap'],
    ['IMAP', 'imap'],
    ['  ImAp ', 'imap'],
    ['pop3', 'pop3'],
    ['SMTP', 'smtp'],
    ['submission', 'smtp'],
    ['Submission', 'smtp'],
    ['sieve', 'sieve'],
    ['EAS', 'eas'],
    ['dav', 'dav'],
    ['radius', 'radius'],
    ['ldap', 'ldap'],
    ['', null],
    ['imaps', null],
    ['imap,smtp', null],
    ['constructor', null],
    ['📱', null],
  ])('has the protocol of X-Protocol, of the grant and of JSON: %j is %j', async (sent, protocol) => {
    const fields = (password: string) => ({ username: bobName, password });
    if (sent !== '📱') {
      const headers = { 'x-protocol': sent };
      const byBasic = (password: string) => mail.verify(bobName, password, headers);
      expect((await lastUsed(byBasic)).protocol).toBe(protocol);
      const byGrant = (password: string) => grant(fields(password), headers);
      expect((await lastUsed(byGrant)).protocol).toBe(protocol);
    }
    const byJson = (password: string) => mail.verifyJson({ ...fields(password), protocol: sent });
    expect((await lastUsed(byJson)).protocol).toBe(protocol);
  });

  test.each([
    ['192.0.2.17', '192.0.2.17'],
    ['192.0.2.17:49152', '192.0.2.17'],
    [' 192.0.2.17 ', '192.0.2.17'],
    ['2001:db8::17', '2001:db8::17'],
    ['[2001:db8::17]', '2001:db8::17'],
    ['[2001:db8::17]:49152', '2001:db8::17'],
    ['2001:DB8:0::0017', '2001:db8::17'],
    ['[2001:0db8:0000:0000:0000:0000:0000:0017]:993', '2001:db8::17'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8::1%eth0', '2001:db8::1'],
    ['::ffff:192.0.2.17', '192.0.2.17'],
    ['::FFFF:c000:211', '192.0.2.17'],
    ['[::ffff:192.0.2.17]:49152', '192.0.2.17'],
    ['::ffff:192.0.2.17:49152', '192.0.2.17'],
    ['0000:0000:0000:0000:0000:ffff:192.000.002.017', null],
    ['0000:0000:0000:0000:0000:ffff:192.168.100.200%eth0', '192.168.100.200'],
    ['[::ffff:192.0.2.17%2]:49152', '192.0.2.17'],
    ['64:ff9b::192.0.2.17', '64:ff9b::c000:211'],
    ['fe80::1', 'fe80::1'],
    ['fe80::1%eth0', null],
    ['[FE80::1%25eth0]:49152', null],
    ['2001:db8::1%', null],
    ['2001:db8::g', null],
    ['0x7f.1', null],
    ['2130706433', null],
    ['', null],
    ['garbage', null],
    ['localhost', null],
    ['192.0.2.256', null],
    ['192.0.2.17, 198.51.100.1', null],
    ['192.0.2.17/24', null],
    ['<script>', null],
    ['unix:/run/socket', null],
    ['192.0.2.17:49152:49152', null],
  ])(
    'has the client address of X-Client-Address, of the grant and of JSON: %j is %j',
    async (sent, address) => {
      const fields = (password: string) => ({ username: bobName, password });
      const headers = { 'x-client-address': sent };
      for (const use of [
        (password: string) => mail.verify(bobName, password, headers),
        (password: string) => grant(fields(password), headers),
        (password: string) => mail.verifyJson({ ...fields(password), clientAddress: sent }),
      ]) {
        expect((await lastUsed(use)).clientAddress).toBe(address);
      }
    },
  );

  test.each<[string, Record<string, string>]>([
    ['X-Forwarded-For', { 'x-forwarded-for': '198.51.100.1' }],
    ['Forwarded', { forwarded: 'for=198.51.100.1;proto=https' }],
    ['X-Real-IP', { 'x-real-ip': '198.51.100.1' }],
    ['Client-IP', { 'client-ip': '198.51.100.1', 'x-client-ip': '198.51.100.1' }],
    ['X-Azure-ClientIP', { 'x-azure-clientip': '198.51.100.1', 'x-azure-socketip': '198.51.100.1' }],
  ])('never has a client address from %s', async (_name, headers) => {
    for (const use of [
      (password: string) => mail.verify(bobName, password, headers),
      (password: string) => grant({ username: bobName, password }, headers),
    ]) {
      expect((await lastUsed(use)).clientAddress).toBeNull();
    }
    const both = { ...headers, 'x-client-address': '192.0.2.17' };
    const used = await lastUsed((password) => mail.verify(bobName, password, both));
    expect(used.clientAddress).toBe('192.0.2.17');
  });

  test('has what Dovecot sends with the grant', async () => {
    const dovecot = { 'x-dovecot-auth-service': 'submission', 'x-dovecot-auth-remote': '192.0.2.17:49152' };
    const used = await lastUsed((password) => grant({ username: bobName, password }, dovecot));
    expect(used).toMatchObject({ protocol: 'smtp', clientAddress: '192.0.2.17' });
    const six = { 'x-dovecot-auth-service': 'imap', 'x-dovecot-auth-remote': '[2001:db8::17]:49152' };
    const overSix = await lastUsed((password) => grant({ username: bobName, password }, six));
    expect(overSix).toMatchObject({ protocol: 'imap', clientAddress: '2001:db8::17' });
  });

  test('has X-Protocol and X-Client-Address before what Dovecot sends', async () => {
    const headers = {
      'x-protocol': 'eas',
      'x-client-address': '192.0.2.1',
      'x-dovecot-auth-service': 'imap',
      'x-dovecot-auth-remote': '192.0.2.2:1',
    };
    const used = await lastUsed((password) => grant({ username: bobName, password }, headers));
    expect(used).toMatchObject({ protocol: 'eas', clientAddress: '192.0.2.1' });
  });
});
