import { randomInt } from 'node:crypto';
import { HttpRequest } from '@azure/functions';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { formatPassword, generatePassword } from '../../shared/domain/app-password/password.ts';
import { type Protocol, protocols } from '../../shared/domain/gateway/protocol.ts';
import { readNewAppPassword } from '../../shared/http/app-password.ts';
import { readJson } from '../../shared/http/body.ts';
import { readCredentials } from '../../shared/http/credentials.ts';
import { grantError, readGrant } from '../../shared/http/grant.ts';
import { originOf } from '../../shared/http/origin.ts';
import { problem } from '../../shared/http/problem.ts';
import { systemRandom } from '../../shared/runtime/system.ts';
import { basic, call } from '../../testing/api.ts';
import { type Service, startService } from '../../testing/service.ts';

const seed = Number(process.env.STORM_SEED ?? randomInt(2 ** 31));
const full = process.env.STORM === 'full';
const runs = (short: number) => ({ seed, numRuns: full ? short * 6 : short });

interface Raw {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly query?: readonly (readonly [string, string])[];
  readonly body?: string | Uint8Array;
}

/** A request as the worker makes it of what the host hands on. */
function requestOf({ method = 'POST', headers = {}, query = [], body }: Raw): HttpRequest {
  const search = new URLSearchParams(query as readonly [string, string][]);
  // A body with GET is dropped there.
  const bytes =
    method === 'GET' ? undefined : typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return new HttpRequest({
    method,
    url: `http://127.0.0.1:7071/api/verify?${search}`,
    headers,
    ...(bytes !== undefined && { body: { bytes } }),
  } as ConstructorParameters<typeof HttpRequest>[0]);
}

const jsonType = 'application/json';
const formType = 'application/x-www-form-urlencoded';

/** What a header field can hold. */
const fieldValue = fc.stringMatching(/^([!-~\xa1-\xff]([ -~\xa1-\xff]{0,30}[!-~\xa1-\xff])?)?$/);
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.constantFrom('\ufeff', '\ufeffalice', 'a,b', 'a&password=b', '"', '\0', '%', '+', ' ', '\ufffd'),
);
const secretText = fc.stringMatching(/^[A-Za-z0-9]{4}~[A-Za-z0-9]{8,30}$/);

const credentialNames = ['username', 'password', 'client_secret'];
const otherName = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'protocol',
    'clientAddress',
    '__proto__',
    'constructor',
    'Username',
    'user',
    'grant_type',
    '',
  ),
);
const pairs = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(name, value), { maxLength: 3 });

const anyBody: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constant(''),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }),
  fc
    .dictionary(fc.oneof(otherName, fc.constantFrom(...credentialNames)), fc.jsonValue({ maxDepth: 1 }))
    .map((value) => JSON.stringify(value)),
  pairs(fc.oneof(otherName, fc.constantFrom('grant_type', ...credentialNames)), anyText).map((form) =>
    new URLSearchParams(form).toString(),
  ),
  fc
    .tuple(fc.constantFrom('\ufeff', ' ', '[', '{"a":', '{"username":"x","password":"y"}'), fc.json())
    .map((parts) => parts.join('')),
);
const contentType = fc.constantFrom(
  jsonType,
  formType,
  'application/json; charset=utf-8',
  ' APPLICATION/JSON ',
  'text/plain',
  'multipart/form-data; boundary=x',
  '',
);
const anyHeaders = fc
  .tuple(
    fc.dictionary(
      fc.constantFrom(
        'authorization',
        'auth-user',
        'auth-pass',
        'x-gateway-key',
        'content-length',
        'transfer-encoding',
        'x-protocol',
        'x-client-address',
        'x-dovecot-auth-service',
        'x-dovecot-auth-remote',
        'x-forwarded-for',
        'idempotency-key',
      ),
      fieldValue,
      { maxKeys: 3 },
    ),
    fc.option(contentType, { nil: undefined }),
    fc.option(
      fc.oneof(
        fc
          .tuple(anyText, anyText)
          .map(([username, password]) => basic(username, password).authorization as string),
        fieldValue.map((value) => `Basic ${value}`),
        fieldValue.map((value) => `Bearer ${value}, basic ${value}`),
      ),
      { nil: undefined },
    ),
  )
  .map(([headers, type, authorization]) => ({
    ...headers,
    ...(type !== undefined && { 'content-type': type }),
    ...(authorization !== undefined && { authorization }),
  }));
const anyRequest: fc.Arbitrary<Raw> = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  headers: anyHeaders,
  query: pairs(fc.oneof(otherName, fc.constantFrom(...credentialNames)), anyText),
  body: anyBody,
});

/** All that a body says under a name, read in this file's own way. */
function valuesIn({ body = '' }: Raw, name: string): unknown[] {
  const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  const form = text
    .replace(/^\ufeff/, '')
    .split('&')
    .map((part) => part.split(/=(.*)/s) as [string, string | undefined])
    .map(([key, value = '']) => [decodeForm(key), decodeForm(value)] as const);
  const found: unknown[] = form.filter(([key]) => key === name).map(([, value]) => value);
  try {
    const json = JSON.parse(text.replace(/^\ufeff/, ''));
    if (Object.hasOwn(json, name)) found.push(json[name]);
  } catch {}
  return found;
}

/** Percent-decoding of a form by bytes (URL Standard, application/x-www-form-urlencoded). */
function decodeForm(text: string): string {
  const bytes: number[] = [];
  const source = Buffer.from(text.toWellFormed().replaceAll('+', ' '));
  for (let index = 0; index < source.length; index++) {
    const hex = source.subarray(index + 1, index + 3).toString('latin1');
    if (source[index] === 0x25 && /^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      index += 2;
    } else bytes.push(source[index] as number);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

/** The credentials in a Basic header, in either of the two encodings. */
function basicPairs({ headers = {} }: Raw): string[] {
  const encoded = /^\s*basic\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1] ?? '';
  const bytes = Buffer.from(encoded, 'base64');
  return [bytes.toString('utf8'), bytes.toString('latin1'), ':'];
}

/** How many sets of credentials of any shape a request holds. */
function setsIn(raw: Raw): number {
  const { headers = {}, query = [] } = raw;
  const authorizations = (headers.authorization ?? '').split(',');
  const hasBody = raw.method !== 'GET';
  return [
    ...(authorizations.some((one) => /^\s*basic(\s|$)/i.test(one)) ? authorizations.map(() => true) : []),
    'auth-user' in headers || 'auth-pass' in headers,
    query.some(([name]) => name === 'password' || name === 'client_secret'),
    hasBody && credentialNames.some((name) => valuesIn(raw, name).length > 0),
  ].filter(Boolean).length;
}

describe('Any request to verify', () => {
  test('gives credentials only from the one place that holds them, or a documented failure', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(anyRequest, async (raw) => {
        const read = await readCredentials(requestOf(raw));
        seen.set(read.kind, (seen.get(read.kind) ?? 0) + 1);
        if (read.kind === 'none') return;
        if (read.kind !== 'credentials') {
          expect([400, 401, 411, 413, 415]).toContain(problem(read).status);
          return;
        }
        expect(setsIn(raw)).toBeLessThan(2);
        const inBasic = basicPairs(raw).includes(`${read.username}:${read.password}`);
        const inBody = (['username', 'password'] as const).every((name) =>
          valuesIn(raw, name).includes(read[name]),
        );
        expect([inBasic, inBody]).toContain(true);
        for (const name of ['protocol', 'clientAddress'] as const) {
          if (read[name] !== undefined) expect(valuesIn(raw, name)).toContain(read[name]);
        }
      }),
      runs(2_000),
    );
    expect(seen.get('credentials')).toBeGreaterThan(50);
    expect(seen.get('ambiguous-credentials')).toBeGreaterThan(100);
  });

  test('gives credentials in HTTP Basic as they are, whatever the username without a colon and the password', async () => {
    const username = anyText.map((text) => text.replaceAll(':', ''));
    await fc.assert(
      fc.asyncProperty(username, anyText, fc.constantFrom('GET', 'POST'), async (name, password, method) => {
        const read = await readCredentials(requestOf({ method, headers: basic(name, password) }));
        expect(read).toEqual({ kind: 'credentials', username: name, password });
      }),
      runs(2_000),
    );
  });

  test('gives credentials in JSON as they are', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, anyText, contentType, async (username, password, type) => {
        const body = JSON.stringify({ username, password });
        const read = await readCredentials(requestOf({ headers: { 'content-type': type }, body }));
        if (/^\s*application\/json/i.test(type)) {
          expect(read).toEqual({ kind: 'credentials', username, password });
        } else expect(read).toEqual({ kind: 'unsupported-media-type' });
      }),
      runs(1_000),
    );
  });

  test('that holds two sets of any shapes gives none', async () => {
    const pair = fc.tuple(fc.stringMatching(/^[a-z]{1,9}$/), fc.stringMatching(/^[a-z]{1,9}$/));
    type Shape = readonly [string, (pair: [string, string]) => Raw];
    const shapes: readonly Shape[] = [
      ['authorization', ([u, p]) => ({ headers: basic(u, p) })],
      ['body', ([username, password]) => ({ body: JSON.stringify({ username, password }) })],
      ['body', ([, password]) => ({ body: JSON.stringify({ password }) })],
      ['body', ([username, password]) => ({ body: `${new URLSearchParams({ username, password })}` })],
      ['body', ([, secret]) => ({ body: `x=1&client_secret=${secret}` })],
      ['auth', ([u, p]) => ({ headers: { 'Auth-User': u, 'Auth-Pass': p } })],
      ['auth', ([, p]) => ({ headers: { 'AUTH-PASS': p } })],
      [
        'query',
        ([u, p]) => ({
          query: [
            ['username', u],
            ['password', p],
          ],
        }),
      ],
      ['query', ([, p]) => ({ query: [['client_secret', p]] })],
    ];
    const two = fc
      .tuple(fc.constantFrom(...shapes), fc.constantFrom(...shapes))
      .filter(([[a], [b]]) => a !== b);
    await fc.assert(
      fc.asyncProperty(two, pair, pair, contentType, async ([[, first], [, second]], a, b, type) => {
        const [one, other] = [first(a), second(b)];
        const raw = {
          ...one,
          ...other,
          headers: { 'content-type': type, ...one.headers, ...other.headers },
        };
        expect(await readCredentials(requestOf(raw))).toEqual({ kind: 'ambiguous-credentials' });
      }),
      runs(1_000),
    );
  });

  test('that says the password twice in its JSON gives none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('username', 'password'),
        fc.stringMatching(/^[a-z]{1,9}$/),
        async (name, more) => {
          const body = `{"username":"alice","password":"one","${name}":"${more}"}`;
          const read = await readCredentials(requestOf({ headers: { 'content-type': jsonType }, body }));
          expect(read.kind).not.toBe('credentials');
        },
      ),
      runs(20),
    );
  });

  test('with a field that is not known in its JSON gives none', async () => {
    const known = ['username', 'password', 'protocol', 'clientAddress'];
    await fc.assert(
      fc.asyncProperty(
        otherName.filter((name) => !known.includes(name)),
        fc.json(),
        async (name, value) => {
          const body = `{"username":"alice","password":"one",${JSON.stringify(name)}:${value}}`;
          const read = await readCredentials(requestOf({ headers: { 'content-type': jsonType }, body }));
          expect(read).toMatchObject({ kind: 'invalid-request' });
        },
      ),
      runs(500),
    );
  });
});

describe('Any request for a grant', () => {
  test('gives only what its form says once, and nothing where something else holds credentials', async () => {
    let given = 0;
    const withForm = fc
      .tuple(
        anyRequest,
        fc.subarray(
          [
            ['grant_type', 'password'],
            ['username', 'alice'],
            ['password', 'secret'],
          ] as [string, string][],
          { minLength: 2 },
        ),
        pairs(fc.oneof(otherName, fc.constantFrom('username', 'client_secret')), anyText),
        fc.boolean(),
      )
      .map(([raw, form, more, alone]): Raw => {
        const { authorization: _, 'auth-user': __, 'auth-pass': ___, ...headers } = raw.headers ?? {};
        return {
          ...raw,
          ...(alone && { query: [] }),
          method: 'POST',
          headers: { ...(alone ? headers : raw.headers), 'content-type': formType },
          body: new URLSearchParams([...form, ...more]).toString(),
        };
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyRequest, withForm), async (raw) => {
        const { key, grant } = await readGrant(requestOf(raw));
        const { headers = {} } = raw;
        if (key !== null && key !== '') {
          expect([headers['x-gateway-key'], valuesIn(raw, 'client_secret')[0]]).toContain(key);
        }
        if (grant.kind !== 'grant') {
          expect([400, 411, 413]).toContain(grantError(grant.kind).status);
          return;
        }
        given++;
        expect(valuesIn(raw, 'grant_type')).toEqual(['password']);
        expect(valuesIn(raw, 'username')).toEqual([grant.username]);
        expect(valuesIn(raw, 'password')).toEqual([grant.password]);
        expect(valuesIn(raw, 'client_secret').length).toBeLessThan(2);
        expect(setsIn(raw)).toBe(1);
        expect(headers).not.toHaveProperty('authorization');
      }),
      runs(2_000),
    );
    expect(given).toBeGreaterThan(20);
  });
});

/** Whether a text holds a piece of 8 characters of one of the others. */
function repeats(told: string, typed: readonly string[]): boolean {
  return typed.some((text) =>
    Array.from({ length: Math.max(0, text.length - 7) }, (_, at) => text.slice(at, at + 8)).some((piece) =>
      told.includes(piece),
    ),
  );
}

describe('A refusal', () => {
  test('repeats no piece of the request, wherever somebody put a secret', async () => {
    const schema = z.strictObject({ name: z.string(), protocols: z.array(z.enum(protocols)).optional() });
    const body = fc.oneof(
      secretText,
      fc.dictionary(secretText, secretText).map((value) => JSON.stringify(value)),
      fc
        .record({
          name: fc.oneof(
            secretText.map((text) => `${text}\n`),
            fc.integer(),
          ),
          protocols: fc.array(secretText),
        })
        .map((value) => JSON.stringify(value)),
      fc.tuple(secretText, secretText).map((form) => form.join('=')),
      fc.array(secretText).map((value) => JSON.stringify(value)),
      secretText.map((text) => JSON.stringify({ username: [text], password: { [text]: text } })),
    );
    const headers = fc.record(
      { 'content-type': contentType, 'idempotency-key': secretText, 'auth-user': secretText },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(body, headers, async (text, given) => {
        const request = () => requestOf({ headers: given as Record<string, string>, body: text });
        const typed = [...Object.values(given), text].flatMap(
          (value) => value.match(/[A-Za-z0-9]{4}~[A-Za-z0-9]+/g) ?? [],
        );
        const readings = [
          await readJson(request(), schema),
          await readNewAppPassword(request()),
          await readCredentials(request()),
        ];
        for (const read of readings) {
          if (read.kind === 'parsed' || read.kind === 'credentials' || read.kind === 'none') continue;
          expect(repeats(JSON.stringify(problem(read)), typed)).toBe(false);
        }
        const { grant } = await readGrant(request());
        if (grant.kind !== 'grant')
          expect(repeats(JSON.stringify(grantError(grant.kind)), typed)).toBe(false);
      }),
      runs(1_000),
    );
  });
});

const ajv = new Ajv2020({ strictTypes: false });
addFormats.default(ajv);
const isAddress = ajv.compile({ anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] });

describe('Where a request comes from', () => {
  const address = fc
    .tuple(
      fc.constantFrom('', '', '', ' ', '[', '::ffff:'),
      fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.string()),
      fc.constantFrom('', '', '', '', '%eth0', '%25en1', '/24', '.'),
      fc.constantFrom('', '', ']'),
      fc.constantFrom('', ':993', ':', ':x', ' '),
    )
    .map((parts) => parts.join(''));
  const place = fc.option(
    fc.oneof(address, fieldValue, fc.constantFrom<string>(...protocols, 'IMAP', 'submission')),
    {
      nil: undefined,
    },
  );
  const allowed = fc.subarray<Protocol>([...protocols]);

  test('is a protocol that the gateway may speak for, and an address as documented that the gateway said', async () => {
    let addresses = 0;
    fc.assert(
      fc.property(
        allowed,
        fc.array(place, { minLength: 7, maxLength: 7 }),
        (may, [a, b, c, d, forwarded, protocol, clientAddress]) => {
          const clean = (value: string | undefined) => value?.replace(/[^ -~]/g, '').trim();
          const named: Record<string, string | undefined> = {
            'x-protocol': clean(a),
            'x-client-address': clean(b),
            'x-dovecot-auth-service': clean(c),
            'x-dovecot-auth-remote': clean(d),
            'x-forwarded-for': clean(forwarded),
          };
          const headers = Object.fromEntries(
            Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined),
          );
          const origin = originOf(
            requestOf({ headers }),
            { name: 'mail', protocols: may, goesOnWith: 'typed' },
            { protocol, clientAddress },
          );
          expect(origin.gateway).toBe('mail');
          expect([...may, null]).toContain(origin.protocol);
          const said = clientAddress ?? headers['x-client-address'] ?? headers['x-dovecot-auth-remote'];
          if (origin.clientAddress === null) return;
          addresses++;
          expect([origin.clientAddress, isAddress(origin.clientAddress)]).toEqual([
            origin.clientAddress,
            true,
          ]);
          for (const text of [said ?? '', origin.clientAddress])
            expect(addressOf(text)).toBe(origin.clientAddress);
        },
      ),
      runs(2_000),
    );
    expect(addresses).toBeGreaterThan(20);
  });

  const addressOf = (said: string) =>
    originOf(requestOf({}), { name: 'mail', protocols: [], goesOnWith: 'canonical' }, { clientAddress: said })
      .clientAddress;

  /** Eight groups, often zero; the first never makes an address that a zone belongs to. */
  const groups = fc
    .array(fc.oneof(fc.constant(0), fc.nat({ max: 0xf }), fc.nat({ max: 0xffff })), {
      minLength: 8,
      maxLength: 8,
    })
    .filter(([first = 0]) => first >> 6 !== 0xfe80 >> 6);
  /** How somebody writes them: with zeros, in capitals, the last two as IPv4, some zeros left out, with more around. */
  const style = fc.record({
    padded: fc.boolean(),
    capital: fc.boolean(),
    dotted: fc.boolean(),
    shortened: fc.nat({ max: 7 }),
    zone: fc.constantFrom('', '', '%eth0', '%25en1', '%7'),
    around: fc.constantFrom<readonly [string, string]>(['', ''], [' ', ' '], ['[', ']'], ['[', ']:49152']),
  });
  type Style = typeof style extends fc.Arbitrary<infer T> ? T : never;

  function spell(given: readonly number[], { padded, capital, dotted, shortened, zone, around }: Style) {
    const hex = given.map((group) => group.toString(16).padStart(padded ? 4 : 1, '0'));
    const [high = 0, low = 0] = given.slice(6);
    const tail = dotted ? [[high >> 8, high & 255, low >> 8, low & 255].join('.')] : hex.slice(6);
    const parts = [...hex.slice(0, 6), ...tail];
    // From one zero on, all that follow it may be left out.
    const isZero = (index: number) => given[index] === 0 && (!dotted || index < 6);
    let end = shortened;
    while (end < 8 && isZero(end)) end++;
    const text =
      end > shortened
        ? `${parts.slice(0, shortened).join(':')}::${parts.slice(end).join(':')}`
        : parts.join(':');
    return `${around[0]}${capital ? text.toUpperCase() : text}${zone}${around[1]}`;
  }

  test('is one text for an address, however it is spelt', () => {
    fc.assert(
      fc.property(groups, style, style, (given, one, other) => {
        const address = addressOf(spell(given, one));
        expect(address).not.toBeNull();
        expect(addressOf(spell(given, other))).toBe(address);
      }),
      runs(2_000),
    );
  });

  test('is an address as RFC 5952 spells it', () => {
    // The URL Standard spells them alike, but none of them with IPv4 in it.
    const isPlain = (given: readonly number[]) => given.slice(0, 5).some((group) => group !== 0);
    fc.assert(
      fc.property(groups.filter(isPlain), style, (given, how) => {
        const hex = given.map((group) => group.toString(16)).join(':');
        expect(`[${addressOf(spell(given, how))}]`).toBe(new URL(`http://[${hex}]`).hostname);
      }),
      runs(2_000),
    );
  });

  test('is an address of IPv4 where that is mapped into IPv6', () => {
    fc.assert(
      fc.property(fc.ipV4(), style, (ipv4, how) => {
        const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number);
        const mapped = [0, 0, 0, 0, 0, 0xffff, (a << 8) | b, (c << 8) | d];
        expect(addressOf(spell(mapped, how))).toBe(ipv4);
      }),
      runs(1_000),
    );
  });
});

describe('A running service', () => {
  let service: Service;
  let token: string;
  let username: string;
  let password: string;
  const typed = new Set<string>();

  beforeAll(async () => {
    service = await startService();
    token = await service.token('alice@example.com');
    username = 'alice@example.com';
    const created = await call(service.origin, 'POST', '/api/app-passwords', {
      token,
      json: { name: 'Phone' },
    });
    password = created.body.password;
  });

  afterAll(() => service?.close());

  const ascii = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
  /** What people type: never the right password, which the test does not let through. */
  const typedText = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }),
    fc.constant(undefined).map(() => formatPassword(generatePassword(systemRandom))),
    fc.string(),
  );
  const headers = fc
    .dictionary(
      fc.constantFrom(
        'auth-user',
        'auth-pass',
        'x-protocol',
        'x-client-address',
        'x-forwarded-for',
        'content-type',
      ),
      ascii,
      { maxKeys: 2 },
    )
    .map((all) => all as Record<string, string>);
  const search = pairs(
    fc.oneof(otherName, fc.constantFrom('password', 'client_secret', 'access_token')),
    ascii,
  );

  test('answers any verify and any grant as documented, and lets nobody in', async () => {
    const ways = fc.constantFrom('basic', 'json', 'form', 'raw');
    const request = fc.record({
      way: ways,
      name: fc.oneof(typedText, fc.constant('alice@example.com')),
      secret: typedText,
      headers,
      search,
      body: fc.oneof(
        fc.json(),
        fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
      ),
      key: fc.constantFrom('right', 'right', 'right', 'wrong', 'none'),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ way, name, secret, headers, search, body, key }) => {
        const user = name.toWellFormed();
        for (const text of [user, secret.toWellFormed()]) {
          if (text.trim().length >= 8 && text !== username) typed.add(text);
        }
        const query = new URLSearchParams(search);
        const own = {
          ...(key === 'right' && { 'x-gateway-key': service.gatewayKey }),
          ...(key === 'wrong' && { 'x-gateway-key': 'wrong' }),
        };
        const path = `/api/verify${way === 'form' ? '/grant' : ''}?${query}`;
        const answer = await call(service.origin, 'POST', path, {
          headers: {
            ...headers,
            ...own,
            ...(way === 'basic' && basic(user, secret)),
            ...(way === 'json' && { 'content-type': jsonType }),
            ...(way === 'form' && { 'content-type': formType }),
          },
          ...(way === 'json' && { body: JSON.stringify({ username: user, password: secret }) }),
          ...(way === 'form' && {
            body: `${new URLSearchParams({ grant_type: 'password', username: user, password: secret })}`,
          }),
          ...(way === 'raw' && { body }),
        });
        expect([400, 401, 411, 413, 415, 503]).toContain(answer.status);
        expect(answer.status === 503).toBe(key !== 'right');
        expect(repeats(JSON.stringify(answer.body), [user.trim(), secret.trim()])).toBe(false);
      }),
      runs(250),
    );
  });

  test('answers any create as documented, and makes a password only with a right token and a right body', async () => {
    const authorization = fc.oneof(
      { arbitrary: fc.constant('right'), weight: 3 },
      ascii,
      ascii.map((text) => `Bearer ${text}`),
    );
    const body = fc.oneof(
      fc.json(),
      fc
        .record({ name: fc.oneof(fc.string({ unit: 'binary' }), fc.string()) })
        .map((value) => JSON.stringify(value)),
      fc
        .dictionary(fc.oneof(fc.constant('name'), fc.string()), fc.jsonValue())
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(authorization, body, headers, search, async (auth, text, more, pairs) => {
        const right = auth === 'right';
        const { status } = await call(
          service.origin,
          'POST',
          `/api/app-passwords?${new URLSearchParams(pairs)}`,
          {
            headers: {
              'content-type': jsonType,
              ...more,
              authorization: right ? `Bearer ${token}` : auth,
            },
            body: text.toWellFormed(),
          },
        );
        expect(right ? [201, 400, 409, 415] : [401]).toContain(status);
        if (status !== 201) return;
        const { name, ...rest } = JSON.parse(text);
        expect([typeof name, rest]).toEqual(['string', {}]);
      }),
      runs(120),
    );
  });

  test('still takes the right credentials, and has printed nothing of what was typed', async () => {
    const answer = await call(service.origin, 'GET', '/api/verify', {
      headers: { 'x-gateway-key': service.gatewayKey, ...basic(username, password) },
    });
    expect(answer.status).toBe(200);
    const output = service.host.output();
    expect(output).toContain('verify.refused');
    expect(output).not.toContain('"event":"fault"');
    expect(typed.size).toBeGreaterThan(100);
    const printed = [...typed, password].filter(
      (text) => output.includes(text) || output.includes(JSON.stringify(text).slice(1, -1)),
    );
    expect(printed).toEqual([]);
  });
});
