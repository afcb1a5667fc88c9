import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Call, call, person } from '../../testing/api.ts';
import { type Target, target } from '../../testing/service.ts';

let service: Target;
let token: string;
/** An administrator's. */
let bobsToken: string;
let alice: ReturnType<typeof person>;
let bob: ReturnType<typeof person>;
/** One of alice's app passwords, which every test leaves as it is. */
let own: string;
/** One of bob's. */
let bobs: string;
let bobsIsOurs = false;

beforeAll(async () => {
  service = await target();
  token = await service.token('alice@example.com');
  alice = person(service.origin, token);
  bobsToken = await service.token('bob@example.com');
  bob = person(service.origin, bobsToken);
  await alice.removeAll();
  own = (await alice.create('Untouched')).body.id;
  const created = await bob.create('Of another person');
  bobsIsOurs = created.status === 201;
  bobs = bobsIsOurs ? created.body.id : (await bob.list()).body.appPasswords[0].id;
});

afterAll(async () => {
  await alice?.removeAll();
  if (bobsIsOurs) await bob.remove(bobs);
  await service?.close();
});

/** What no answer may hold: every input that is refused has it somewhere. */
const mark = 'Zwiebelkuchen';

type Operation = 'create' | 'register' | 'rename' | 'delete all';

function operation(name: Operation): readonly [method: string, path: string] {
  switch (name) {
    case 'create':
      return ['POST', '/api/app-passwords'];
    case 'register':
      return ['PUT', '/api/registration'];
    case 'rename':
      return ['PATCH', `/api/app-passwords/${own}`];
    case 'delete all':
      return ['POST', '/api/app-passwords/delete-all'];
  }
}

/** The operations that take a name, and all that take a body. */
const naming = ['create', 'register', 'rename'] as const;
const withBody = [...naming, 'delete all'] as const;

function send(name: Operation, options: Omit<Call, 'token'>): Promise<Answer> {
  return call(service.origin, ...operation(name), { token, ...options });
}

const json = { 'content-type': 'application/json' };

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect([answer.status, answer.body.type]).toEqual([status, `/problems/${slug}`]);
  expect(answer.body).toMatchObject({
    status,
    title: expect.stringMatching(/\S/),
    detail: expect.stringMatching(/\S/),
  });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(JSON.stringify([answer.body, [...answer.headers]])).not.toContain(mark);
}

function expectInvalid(answer: Answer, ...fields: string[]): void {
  expectProblem(answer, 400, 'invalid-request');
  expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  for (const { detail } of answer.body.errors) expect(detail).toMatch(/\S/);
}

/** Sends a body with fetch itself, which may be a stream, or bytes without a content type. */
async function raw(
  name: Operation,
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string>,
): Promise<Answer> {
  const [method, path] = operation(name);
  const init: RequestInit & { duplex: 'half' } = {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
    duplex: 'half',
  };
  const response = await fetch(service.origin + path, init);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function names(): Promise<string[]> {
  return (await alice.list()).body.appPasswords.map(({ name }: { name: string }) => name);
}

describe('The name of an app password', () => {
  const bad: readonly (readonly [string, unknown])[] = [
    ['missing', undefined],
    ['null', null],
    ['a number', 7],
    ['true', true],
    ['an array', [mark]],
    ['an object', { name: mark }],
    ['empty', ''],
    ['only spaces', '   '],
    ['only white space of other kinds', '\u00a0\u2003\u3000'],
    ['only zero-width characters', '\u200b\u200c\u200d\u2060\ufeff'],
    ['only spaces and zero-width characters', ' \u200b '],
    ['65 characters long', mark.padEnd(65, 'x')],
    ['65 emoji long', '📱'.repeat(65)],
    ['with a line feed', `${mark}\nPhone`],
    ['with a tab', `${mark}\tPhone`],
    ['with a null character', `${mark}\0`],
    ['with an escape character', `${mark}\u001b[31m`],
    ['with a delete character', `${mark}\u007f`],
    ['with a C1 control character', `${mark}\u0085`],
    ['with a line end of Windows', `${mark}\r\nPhone`],
    ['with a line feed between line feeds', `\n${mark}\nPhone\n`],
    ['with a line separator', `${mark}\u2028Phone`],
    ['with a paragraph separator', `${mark}\u2029Phone`],
    ['only line ends', '\r\n\u2028'],
    ['with a right-to-left override', `${mark}\u202egpj`],
    ['with a left-to-right embedding', `${mark}\u202a`],
    ['with a right-to-left isolate', `${mark}\u2067gpj`],
    ['with a pop directional isolate', `${mark}\u2069`],
    ['with a lone high surrogate', `${mark}\ud800`],
    ['with a lone low surrogate', `\udc00${mark}`],
  ];

  describe.each(naming)('is refused on %s when it is', (operation) => {
    test.each(bad)('%s', async (_name, name) => {
      expectInvalid(await send(operation, { json: { name } }), 'name');
    });
  });

  test('may have 64 emoji, and has white space around it removed', async () => {
    for (const [given, name] of [
      ['📱'.repeat(64), '📱'.repeat(64)],
      [`  ${'a'.repeat(64)}\u00a0`, 'a'.repeat(64)],
      ['Phone\n', 'Phone'],
      ['\r\n\tPhone of Ann\r\n', 'Phone of Ann'],
      ['\u00a0\u2028Phone\u2029\u3000', 'Phone'],
      ['Cafe\u0301', 'Café'],
    ] as const) {
      const created = await alice.create(given);
      expect([created.status, created.body.name]).toEqual([201, name]);
      const renamed = await alice.rename(created.body.id, given);
      expect([renamed.status, renamed.body.name]).toEqual([200, name]);
      expect((await alice.remove(created.body.id)).status).toBe(204);
    }
  });
});

describe.each(['create', 'register'] as const)(
  'The end of an app password is refused on %s when it is',
  (operation) => {
    test.each([
      ['null', null],
      ['a number', 4070908800],
      ['true', true],
      ['an array', ['2099-01-01T00:00:00Z']],
      ['empty', ''],
      ['not a time', mark],
      ['a day', '2099-01-01'],
      ['a time without an offset', '2099-01-01T00:00:00'],
      ['a time without seconds', '2099-01-01T00:00Z'],
      ['a time without a day', '00:00:00Z'],
      ['a day that no month has', '2099-02-30T00:00:00Z'],
      ['an hour that no day has', '2099-01-01T25:00:00Z'],
      ['a time in words', 'Thu, 01 Jan 2099 00:00:00 GMT'],
      ['a time with something behind it', `2099-01-01T00:00:00Z ${mark}`],
      ['a year of five digits', '+12099-01-01T00:00:00Z'],
      ['29 February of a year that has none', '2099-02-29T00:00:00z'],
      ['29 February of a century that has none', '2100-02-29t00:00:00Z'],
      ['the 31st of a month of 30 days', '2099-04-31T00:00:00Z'],
      ['month 13', '2099-13-01T00:00:00Z'],
      ['hour 24', '2099-01-01T24:00:00Z'],
      ['minute 60', '2099-01-01T00:60:00Z'],
      ['a leap second', '2098-12-31T23:59:60Z'],
      ['a time with an offset without a colon', '2099-01-01T00:00:00+0100'],
      ['a time with an offset of hours alone', '2099-01-01T00:00:00+01'],
      ['a time with an offset of 24 hours', '2099-01-01T00:00:00+24:00'],
      ['a time with a sign that is no hyphen', '2099-01-01T00:00:00\u221201:00'],
      ['a time with a space for the T', '2099-01-01 00:00:00Z'],
      ['a time with a fraction of no digits', '2099-01-01T00:00:00.Z'],
      ['a time with a fraction after a comma', '2099-01-01T00:00:00,5Z'],
      ['a time without hyphens and colons', '20990101T000000Z'],
      ['a day of a week', '2099-W01-1T00:00:00Z'],
      ['a time with a zone by name', '2099-01-01T00:00:00Z[Europe/Amsterdam]'],
      ['a time with white space around it', ' 2099-01-01T00:00:00Z '],
    ])('%s', async (_name, expiresAt) => {
      expectInvalid(await send(operation, { json: { name: 'Phone', expiresAt } }), 'expiresAt');
    });
  },
);

// On register only of a person who is not registered yet; test/api/life.test.ts has one.
describe('The end of an app password is refused on create when it is', () => {
  test.each([
    ['the beginning of all times', '1970-01-01T00:00:00Z'],
    ['yesterday', new Date(Date.now() - 24 * 3600_000).toISOString()],
    ['a moment ago', new Date(Date.now() - 1000).toISOString()],
  ])('%s', async (_name, expiresAt) => {
    expectInvalid(await send('create', { json: { name: 'Phone', expiresAt } }), 'expiresAt');
  });
});

test.each([
  ['2099-01-31t12:00:00z', '2099-01-31T12:00:00.000Z'],
  ['2099-01-31T12:00:00z', '2099-01-31T12:00:00.000Z'],
  ['2099-01-31t12:00:00+01:00', '2099-01-31T11:00:00.000Z'],
  ['2099-01-31T12:00:00-00:00', '2099-01-31T12:00:00.000Z'],
  ['2099-01-31T00:30:00+14:00', '2099-01-30T10:30:00.000Z'],
  ['2099-12-31T23:59:59-23:59', '2100-01-01T23:58:59.000Z'],
  ['2096-02-29T12:00:00Z', '2096-02-29T12:00:00.000Z'],
  ['2099-01-31t12:00:00.5z', '2099-01-31T12:00:00.500Z'],
  ['2099-01-31T12:00:00.123456789Z', '2099-01-31T12:00:00.123Z'],
])('The end of an app password may be %s, which is %s', async (expiresAt, meant) => {
  const { status, body } = await send('create', { json: { name: 'Phone', expiresAt } });
  expect([status, body.expiresAt]).toEqual([201, meant]);
  expect((await alice.remove(body.id)).status).toBe(204);
});

describe.each(['create', 'register'] as const)('Protocols are refused on %s when they are', (operation) => {
  test.each([
    ['null', null, 'protocols'],
    ['a word', 'imap', 'protocols'],
    ['a number', 7, 'protocols'],
    ['an object', { imap: true }, 'protocols'],
    ['an empty list', [], 'protocols'],
    ['an unknown one', [mark], 'protocols.0'],
    ['an unknown one among others', ['imap', mark], 'protocols.1'],
    ['in capitals', ['IMAP'], 'protocols.0'],
    ['another name for one', ['submission'], 'protocols.0'],
    ['a list with a number in it', ['imap', 7], 'protocols.1'],
    ['a list with null in it', [null], 'protocols.0'],
    ['a list with a list in it', ['imap', ['smtp']], 'protocols.1'],
  ])('%s', async (_name, protocols, field) => {
    expectInvalid(await send(operation, { json: { name: 'Phone', protocols } }), field);
  });
});

test('What is refused says what a time and a protocol look like', async () => {
  const answer = await send('create', { json: { name: 'Phone', expiresAt: mark, protocols: [mark] } });
  expectInvalid(answer, 'expiresAt', 'protocols.0');
  const [time, protocol] = answer.body.errors;
  expect(time.detail).toContain('RFC 3339');
  expect(protocol.detail).toContain('imap');
});

/** Bytes that are in no UTF-8 (RFC 3629). */
const notUtf8: readonly (readonly [string, readonly number[]])[] = [
  ['Latin-1', [0xeb]],
  ['Windows-1252', [0xeb, 0x92, 0x73]],
  ['half a character', [0xc3]],
  ['two thirds of one', [0xe2, 0x82]],
  ['three quarters of one', [0xf0, 0x9f, 0x93]],
  ['the end of one alone', [0xab]],
  ['a slash in two bytes', [0xc0, 0xaf]],
  ['a slash in three bytes', [0xe0, 0x80, 0xaf]],
  ['a slash in four bytes', [0xf0, 0x80, 0x80, 0xaf]],
  ['NUL as Java writes it', [0xc0, 0x80]],
  ['an encoded surrogate', [0xed, 0xa0, 0xbd]],
  ['an encoded pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb3, 0xb1]],
  ['more than U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['five bytes for one character', [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ['FE and FF', [0xfe, 0xff]],
];

describe('A body', () => {
  test.each(naming)(
    'with a field that is not known is refused on %s, and the field is not repeated',
    async (operation) => {
      expectInvalid(await send(operation, { json: { name: 'Phone', [`${mark}-hunter2`]: mark } }), '');
      expectInvalid(await send(operation, { json: { name: 'Phone', password: mark } }), '');
      expectInvalid(await send(operation, { headers: json, body: '{"name":"Phone","__proto__":{}}' }), '');
      expectInvalid(await send(operation, { headers: json, body: '{"name":"Phone","":1}' }), '');
    },
  );

  describe.each(['create', 'register'] as const)('is refused on %s with', (operation) => {
    test.each([
      ['id', 'ac7e1bd2-0000-4000-8000-000000000000'],
      ['state', 'active'],
      ['suspendedFor', []],
      ['createdAt', '2030-01-01T00:00:00Z'],
    ])('%s, which is not known there', async (field, value) => {
      expectInvalid(await send(operation, { json: { name: 'Phone', [field]: value } }), '');
    });
  });

  test.each([
    ['expiresAt', '2099-01-01T00:00:00Z'],
    ['protocols', ['imap']],
    ['state', 'active'],
  ])('with %s is refused on rename: it is not known there', async (field, value) => {
    expectInvalid(await send('rename', { json: { name: 'Phone', [field]: value } }), '');
  });

  describe.each(withBody)('on %s is refused when it is', (operation) => {
    test.each([
      ['empty', ''],
      ['no JSON', mark],
      ['half of it', `{"name":"${mark}`],
      ['followed by something', `{"name":"${mark}"} x`],
      ['a form', `name=${mark}`],
      ['JSON with a comment', `{"name":"${mark}" /* ${mark} */}`],
      ['NaN', `{"name":NaN,"x":"${mark}"}`],
      ['an array', `[{"name":"${mark}"}]`],
      ['an empty array', '[]'],
      ['null', 'null'],
      ['a string', `"${mark}"`],
      ['a number', '7'],
      ['true', 'true'],
      ['nested a thousand times', `${'['.repeat(1000)}${']'.repeat(1000)}`],
    ])('%s', async (_name, body) => {
      expectInvalid(await send(operation, { headers: json, body }), '');
    });
  });

  describe.each(withBody)('on %s is refused when it is not UTF-8, as it holds', (operation) => {
    test.each(notUtf8)('%s', async (_name, bytes) => {
      const body = Buffer.concat([Buffer.from('{"name":"Zo'), Uint8Array.from(bytes), Buffer.from('"}')]);
      const answer = await send(operation, { headers: json, body });
      expectInvalid(answer, '');
      expect(answer.body.errors[0].detail).toContain('UTF-8');
    });

    test.each(['', '\ufeff'])('UTF-16 after %j, in either order of bytes', async (byteOrderMark) => {
      const body = Buffer.from(`${byteOrderMark}{"name":"Phone","confirm":true}`, 'utf16le');
      expectInvalid(await send(operation, { headers: json, body }), '');
      expectInvalid(await send(operation, { headers: json, body: body.swap16() }), '');
    });

    test('two byte order marks', async () => {
      expectInvalid(await send(operation, { headers: json, body: '\ufeff\ufeff{"name":"Phone"}' }), '');
    });
  });

  test('in UTF-8 is taken as it is, with a byte order mark and without', async () => {
    for (const name of [
      'Zo\u00eb\u2019s t\u00e9l\u00e9',
      '\ufffd',
      '\u{1f4f1}',
      '\u05d8\u05dc\u05e4\u05d5\u05df',
    ]) {
      for (const byteOrderMark of ['', '\ufeff']) {
        const text = `${byteOrderMark}{"name":"${name}"}`;
        const { status, body } = await send('create', { headers: json, body: text });
        expect([status, body.name]).toEqual([201, name]);
        expect((await alice.remove(body.id)).status).toBe(204);
      }
    }
  });

  test.each(withBody)('of more than 16 KiB is 413 on %s', async (operation) => {
    for (const size of [16_385, 200_000]) {
      const body = JSON.stringify({ name: mark, confirm: true }).padEnd(size);
      expectProblem(await send(operation, { headers: json, body }), 413, 'content-too-large');
    }
  });

  test.each(naming)('of exactly 16 KiB is read on %s', async (operation) => {
    const body = JSON.stringify({ name: '' }).padEnd(16_384);
    expectInvalid(await send(operation, { headers: json, body }), 'name');
  });

  describe.each(withBody)('of another content type is 415 on %s:', (operation) => {
    test.each([
      'text/plain',
      'text/json',
      'application/x-www-form-urlencoded',
      'application/json-patch+json',
      'application/problem+json',
      'application/jsonp',
      'application/',
      '*/*',
      'text/plain, application/json',
      'application/json; charset=iso-8859-1',
      'application/json; charset="windows-1252"',
      'application/json;CHARSET=UTF-16',
      'application/json; charset=utf-7',
      'application/json; charset=unknown',
      'application/json; x=y; charset=gbk',
    ])('%s', async (type) => {
      const body = JSON.stringify({ name: mark });
      const answer = await send(operation, { headers: { 'content-type': type }, body });
      expectProblem(answer, 415, 'unsupported-media-type');
    });

    test('none', async () => {
      const body = new TextEncoder().encode(JSON.stringify({ name: mark }));
      expectProblem(await raw(operation, body, {}), 415, 'unsupported-media-type');
    });
  });

  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json; charset="UTF-8"',
    'application/json;Charset=utf8',
    'application/json;x=y',
    'application/json ;',
  ])('of the content type %s is read', async (type) => {
    const answer = await send('create', { headers: { 'content-type': type }, body: '{"name":""}' });
    expectInvalid(answer, 'name');
  });

  test.each(withBody)('in chunks is 411 on %s', async (operation) => {
    const stream = new Blob([JSON.stringify({ name: mark, confirm: true })]).stream();
    expectProblem(await raw(operation, stream, json), 411, 'length-required');
  });

  test('that was refused has changed nothing', async () => {
    expect(await names()).toEqual(['Untouched']);
  });
});

describe('An Idempotency-Key', () => {
  const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';

  describe.each(['create', 'register'] as const)('is refused on %s when it is', (operation) => {
    test.each([
      ['empty', ''],
      ['a word', mark],
      ['a UUID without hyphens', uuid.replaceAll('-', '')],
      ['a UUID in braces', `{${uuid}}`],
      ['a UUID in quotes', `"${uuid}"`],
      ['a UUID as a URN', `urn:uuid:${uuid}`],
      ['a UUID with a letter more', `${uuid}0`],
      ['a UUID that is none', uuid.replace('f', 'g')],
      ['two UUIDs', `${uuid}, ${uuid}`],
      ['very long', mark.repeat(100)],
    ])('%s', async (_name, key) => {
      const answer = await send(operation, { json: { name: mark }, headers: { 'idempotency-key': key } });
      expectInvalid(answer, 'Idempotency-Key');
      if (key !== '') expect(JSON.stringify(answer.body)).not.toContain(key);
    });
  });
});

describe('An id', () => {
  /** Everything of an answer that a client sees, but the time. */
  async function seen(method: 'PATCH' | 'DELETE', id: string) {
    const response = await fetch(`${service.origin}/api/app-passwords/${id}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(method === 'PATCH' && json) },
      ...(method === 'PATCH' && { body: JSON.stringify({ name: mark }) }),
    });
    const headers = [...response.headers].filter(([name]) => name !== 'date');
    return { status: response.status, headers, body: await response.text() };
  }

  describe.each(['PATCH', 'DELETE'] as const)(
    'with %s is the same 404 byte for byte, whether it is',
    (method) => {
      test.each([
        ['of another person', () => bobs],
        ['of another person, in capitals', () => bobs.toUpperCase()],
        ['no UUID', () => mark],
        ['the id of all zeros', () => '00000000-0000-0000-0000-000000000000'],
        ['the key of the profile', () => 'profile'],
        ['a query', () => encodeURIComponent(`${mark}' or PartitionKey ne '`)],
        ['a path', () => `..%2f..%2f${mark}`],
        ['not ASCII', () => encodeURIComponent(`ä📱${mark}`)],
        ['a space', () => '%20'],
        ['very long', () => mark.repeat(150)],
      ])('%s', async (_name, id) => {
        const unknown = await seen(method, randomUUID());
        expect(unknown.status).toBe(404);
        const body = JSON.parse(unknown.body);
        expect(body).toMatchObject({ type: '/problems/not-found', status: 404 });
        expect(Object.fromEntries(unknown.headers)).toMatchObject({
          'content-type': 'application/problem+json',
          'cache-control': 'no-store',
        });
        const answer = await seen(method, id());
        expect(answer).toEqual(unknown);
        expect(answer.body).not.toContain(mark);
      });
    },
  );

  test('of another person stays as it was', async () => {
    const { appPasswords } = (await bob.list()).body;
    const { name } = appPasswords.find(({ id }: { id: string }) => id === bobs);
    expect(name).not.toBe(mark);
  });

  test('of one’s own that is deleted is 404 with PATCH, and 204 again with DELETE', async () => {
    const { id } = (await alice.create('Old phone')).body;
    expect((await alice.remove(id)).status).toBe(204);
    expectProblem(await alice.rename(id, mark), 404, 'not-found');
    expect((await alice.remove(id)).status).toBe(204);
    expect(await names()).toEqual(['Untouched']);
  });
});

describe('The id of a person that nobody has', () => {
  const missing: readonly (readonly [string, string])[] = [
    ['no id', mark],
    ['the key of a part of the store', 'policy'],
    ['a query', encodeURIComponent(`${mark}' or PartitionKey ne '`)],
    ['a path', `..%2f..%2f${mark}`],
    ['a backslash', `%5c${mark}`],
    ['characters that no key has', `%23%3f${mark}`],
    ['a line feed', `%0a${mark}`],
    ['not ASCII', encodeURIComponent(`ä📱${mark}`)],
    ['a space', '%20'],
    ['very long', mark.repeat(150)],
  ];

  test.each(missing)('is 404 for an administrator when it is %s', async (_name, oid) => {
    const administered = `/api/admin/people/${oid}`;
    const one = `${administered}/app-passwords/${own}`;
    for (const [method, path, json] of [
      ['GET', administered],
      ['PATCH', administered, {}],
      ['DELETE', one],
      ['POST', `${one}/suspend`],
      ['POST', `${one}/resume`],
    ] as const) {
      const answer = await call(service.origin, method, path, { token: bobsToken, json });
      expectProblem(answer, 404, 'not-found');
    }
  });

  test.each(missing)('is nobody to erase, and has nothing to delete, when it is %s', async (_name, oid) => {
    const administered = `/api/admin/people/${oid}`;
    const confirmed = { token: bobsToken, json: { confirm: true } };
    const deletion = await call(service.origin, 'POST', `${administered}/delete-all`, confirmed);
    expect([deletion.status, deletion.body]).toEqual([200, { deleted: 0 }]);
    const erasure = await call(service.origin, 'DELETE', administered, { token: bobsToken });
    expect(erasure.status).toBe(204);
  });
});

describe('Delete all', () => {
  test.each([
    ['no confirm', {}],
    ['confirm false', { confirm: false }],
    ['confirm null', { confirm: null }],
    ['confirm 1', { confirm: 1 }],
    ['confirm as a string', { confirm: 'true' }],
    ['confirm as a word', { confirm: mark }],
    ['confirm in an array', { confirm: [true] }],
  ])('with %s is refused', async (_name, body) => {
    expectInvalid(await send('delete all', { json: body }), 'confirm');
  });

  test('with a field that is not known is refused', async () => {
    expectInvalid(await send('delete all', { json: { confirm: true, [mark]: 1 } }), '');
  });

  test('that was refused has deleted nothing', async () => {
    expect(await names()).toEqual(['Untouched']);
  });
});

describe('A method or a path that is not in the contract', () => {
  test.each([
    ['PUT', '/api/app-passwords'],
    ['PATCH', '/api/app-passwords'],
    ['DELETE', '/api/app-passwords'],
    ['OPTIONS', '/api/app-passwords'],
    ['GET', '/api/app-passwords/{id}'],
    ['POST', '/api/app-passwords/{id}'],
    ['PUT', '/api/app-passwords/{id}'],
    ['GET', '/api/app-passwords/delete-all'],
    ['PUT', '/api/app-passwords/delete-all'],
    ['GET', '/api/registration'],
    ['POST', '/api/registration'],
    ['PATCH', '/api/registration'],
    ['DELETE', '/api/registration'],
    ['PUT', '/api/verify'],
    ['DELETE', '/api/verify'],
    ['GET', '/api/verify/grant'],
    ['POST', '/api/health'],
    ['GET', '/api'],
    ['GET', '/api/'],
    ['GET', '/app-passwords'],
    ['GET', '/api/v1/app-passwords'],
    ['GET', '/api/app-password'],
    ['GET', '/api/app-passwords/{id}/password'],
    ['DELETE', '/api/app-passwords/{id}/password'],
    ['GET', '/api//app-passwords'],
    ['GET', '/api/users'],
    ['GET', '/.env'],
    ['GET', '/package.json'],
  ])('is 404: %s %s', async (method, path) => {
    const url = service.origin + path.replace('{id}', own);
    const body = method === 'GET' || method === 'OPTIONS' ? {} : { body: JSON.stringify({ name: mark }) };
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, ...json },
      ...body,
    });
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain(mark);
  });

  test('is 404 with HEAD, which the list does not have', async () => {
    const response = await fetch(`${service.origin}/api/app-passwords`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(404);
  });

  test('takes "delete-all" for an id that nobody has, with PATCH and DELETE', async () => {
    expectProblem(await alice.rename('delete-all', mark), 404, 'not-found');
    expectProblem(await alice.remove('delete-all'), 404, 'not-found');
    expect(await names()).toEqual(['Untouched']);
  });
});

// Last, as it fills the list.
describe('The limit of 40 app passwords', () => {
  test('refuses the next one with a hint to delete one, and takes it after that', async () => {
    for (let count = (await names()).length; count < 40; count++) {
      expect((await alice.create(`Device ${count}`)).status).toBe(201);
    }
    const full = (await alice.list()).body;
    expect([full.appPasswords.length, full.limit, full.remaining]).toEqual([40, 40, 0]);

    const refused = await alice.create(mark);
    expectProblem(refused, 409, 'limit-reached');
    expect(refused.body.detail).toMatch(/delete/i);
    expectProblem(await alice.create(mark, { 'idempotency-key': randomUUID() }), 409, 'limit-reached');

    // Somebody who registered before, on a store that is not empty, is told so; nobody gets a 41st.
    const registered = await alice.register(mark);
    if (registered.status === 200) expect(Object.keys(registered.body)).toEqual(['registeredAt']);
    else expectProblem(registered, 409, 'limit-reached');

    // Input is looked at first.
    expectInvalid(await alice.create(''), 'name');
    expect((await names()).length).toBe(40);

    expect((await alice.remove(full.appPasswords[0].id)).status).toBe(204);
    expect((await alice.list()).body.remaining).toBe(1);
    expect((await alice.create('In its place')).status).toBe(201);
    expectProblem(await alice.create(mark), 409, 'limit-reached');
  });
});
