import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Gateway } from '../../shared/domain/gateway/gateway.ts';
import { defaultPolicy } from '../../shared/domain/policy/policy.ts';
import { readName, readNewAppPassword } from '../../shared/http/app-password.ts';
import { readBytes, readConfirmation, readJson } from '../../shared/http/body.ts';
import { readCredentials } from '../../shared/http/credentials.ts';
import { readGrant } from '../../shared/http/grant.ts';
import { originOf, remoteAddress } from '../../shared/http/origin.ts';
import { readPolicy } from '../../shared/http/policy.ts';
import { basic } from '../../testing/api.ts';

interface Sent {
  readonly headers?: Record<string, string>;
  readonly query?: string;
  readonly body?: string | Uint8Array;
}

function request({ headers = {}, query = '', body = '' }: Sent): HttpRequest {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return new HttpRequest({
    method: 'POST',
    url: `https://app.invalid/api${query}`,
    headers,
    ...(bytes.length > 0 && { body: { bytes } }),
  });
}

const json = { 'content-type': 'application/json' };
const jsonRequest = (value: unknown, headers = {}) =>
  request({ headers: { ...json, ...headers }, body: JSON.stringify(value) });

/** The fields that a request is refused for. */
async function wrongFields(parsed: Promise<{ kind: string; errors?: readonly { field: string }[] }>) {
  const { kind, errors = [] } = await parsed;
  return kind === 'invalid-request' ? errors.map(({ field }) => field) : kind;
}

describe('A body', () => {
  const schema = z.strictObject({ name: z.string(), count: z.int().optional() });
  const parse = (sent: Sent) => readJson(request(sent), schema);

  test.each<[string, Sent]>([
    ['as it is', { headers: json, body: '{"name":"a"}' }],
    [
      'with a charset',
      { headers: { 'content-type': 'Application/JSON; charset="UTF-8"' }, body: '{"name":"a"}' },
    ],
    ['after a byte order mark', { headers: json, body: '\ufeff{"name":"a"}' }],
    ['between white space', { headers: json, body: ' \r\n{ "name" : "a" }\t' }],
    ['with a name that is escaped', { headers: json, body: '{"n\\u0061me":"a"}' }],
    ['with what looks like its field twice in a value', { headers: json, body: '{"name":"\\"name\\": a"}' }],
  ])('of JSON is read %s', async (_how, sent) => {
    expect(await parse(sent)).toMatchObject({
      kind: 'parsed',
      value: { name: expect.stringContaining('a') },
    });
  });

  test.each<[string, Sent, string | string[]]>([
    ['no content type', { body: '{"name":"a"}' }, 'unsupported-media-type'],
    [
      'another content type',
      { headers: { 'content-type': 'text/plain' }, body: '{}' },
      'unsupported-media-type',
    ],
    [
      'another charset',
      { headers: { 'content-type': 'application/json; charset=latin1' }, body: '{}' },
      'unsupported-media-type',
    ],
    [
      'a malformed content type',
      { headers: { 'content-type': 'json' }, body: '{}' },
      'unsupported-media-type',
    ],
    ['no body', { headers: json }, ['']],
    ['what is no JSON', { headers: json, body: '{name:"a"}' }, ['']],
    ['what is not UTF-8', { headers: json, body: new Uint8Array([0x22, 0xff, 0x22]) }, ['']],
    ['a list', { headers: json, body: '[]' }, ['']],
    ['a field twice', { headers: json, body: '{"name":"a","name":"b"}' }, ['']],
    ['a field twice, once escaped', { headers: json, body: '{"name":"a","n\\u0061me":"b"}' }, ['']],
    ['an unknown field', { headers: json, body: '{"name":"a","hunter2":1}' }, ['']],
    ['a missing field', { headers: json, body: '{}' }, ['name']],
    ['wrong types', { headers: json, body: '{"name":1,"count":"1"}' }, ['name', 'count']],
    [
      'a chunked body',
      { headers: { ...json, 'transfer-encoding': 'chunked' }, body: '{"name":"a"}' },
      'length-required',
    ],
    [
      'too much',
      { headers: json, body: JSON.stringify({ name: 'a'.repeat(16 * 1024) }) },
      'content-too-large',
    ],
    [
      'too much, as it says',
      { headers: { ...json, 'content-length': '16385' }, body: '{}' },
      'content-too-large',
    ],
  ])('with %s is refused', async (_what, sent, wrong) => {
    expect(await wrongFields(parse(sent))).toEqual(wrong);
  });

  test('of 16 KiB is read, and none is nothing', async () => {
    expect(await readBytes(request({ body: 'a'.repeat(16 * 1024) }))).toMatchObject({ kind: 'parsed' });
    expect(await readBytes(request({}))).toEqual({ kind: 'parsed', value: new ArrayBuffer() });
  });

  test('is never repeated in what is wrong with it', async () => {
    const body = '{"hunter2":"hunter2","name":["hunter2"],"count":"hunter2"}';
    expect(JSON.stringify(await parse({ headers: json, body }))).not.toContain('hunter2');
    expect(JSON.stringify(await parse({ headers: json, body: 'hunter2' }))).not.toContain('hunter2');
  });

  test('confirms what cannot be undone', async () => {
    expect(await readConfirmation(jsonRequest({ confirm: true }))).toMatchObject({ kind: 'parsed' });
    for (const value of [{}, { confirm: false }, { confirm: 'true' }, { confirm: true, all: true }])
      expect(await readConfirmation(jsonRequest(value))).toMatchObject({ kind: 'invalid-request' });
  });
});

describe('A request for a new app password', () => {
  test('has a name, and may have a last moment, protocols and an idempotency key', async () => {
    expect(await readNewAppPassword(jsonRequest({ name: ' Phone ' }))).toEqual({
      kind: 'parsed',
      value: {
        name: 'Phone',
        expiresAt: null,
        lifetimeDays: null,
        protocols: null,
        idempotencyKey: undefined,
      },
    });
    const key = '2D02715E-6ad3-4458-be52-745991df4974';
    const whole = {
      name: 'Phone',
      expiresAt: '2027-01-31t12:00:00+01:00',
      protocols: ['smtp', 'imap', 'smtp'],
    };
    expect(await readNewAppPassword(jsonRequest(whole, { 'idempotency-key': key }))).toEqual({
      kind: 'parsed',
      value: {
        name: 'Phone',
        expiresAt: Date.UTC(2027, 0, 31, 11),
        lifetimeDays: null,
        protocols: ['imap', 'smtp'],
        idempotencyKey: key,
      },
    });
  });

  test.each([1, 3650])('may have a number of days: %i', async (lifetimeDays) => {
    expect(await readNewAppPassword(jsonRequest({ name: 'Phone', lifetimeDays }))).toMatchObject({
      kind: 'parsed',
      value: { expiresAt: null, lifetimeDays },
    });
  });

  test.each<[string, object, string[], object?]>([
    ['no name', {}, ['name']],
    ['an empty name', { name: ' ' }, ['name']],
    ['no time', { name: 'a', expiresAt: 'tomorrow' }, ['expiresAt']],
    ['a time without an offset', { name: 'a', expiresAt: '2027-01-31T12:00:00' }, ['expiresAt']],
    ['a day that is none', { name: 'a', expiresAt: '2027-02-30T12:00:00Z' }, ['expiresAt']],
    ['a time that is too far away', { name: 'a', expiresAt: '9999-12-31T23:59:59-01:00' }, ['expiresAt']],
    ['a number for a time', { name: 'a', expiresAt: 1 }, ['expiresAt']],
    ['no days', { name: 'a', lifetimeDays: 0 }, ['lifetimeDays']],
    ['too many days', { name: 'a', lifetimeDays: 3651 }, ['lifetimeDays']],
    ['half a day', { name: 'a', lifetimeDays: 0.5 }, ['lifetimeDays']],
    ['days as text', { name: 'a', lifetimeDays: '7' }, ['lifetimeDays']],
    ['days that are null', { name: 'a', lifetimeDays: null }, ['lifetimeDays']],
    ['two ends', { name: 'a', expiresAt: '2099-01-31T12:00:00Z', lifetimeDays: 7 }, ['lifetimeDays']],
    ['no protocol', { name: 'a', protocols: [] }, ['protocols']],
    ['an unknown protocol', { name: 'a', protocols: ['imap', 'gopher'] }, ['protocols.1']],
    ['a protocol alone', { name: 'a', protocols: 'imap' }, ['protocols']],
    ['a key that is no UUID', { name: 'a' }, ['Idempotency-Key'], { 'idempotency-key': 'again' }],
    ['an empty key', { name: 'a' }, ['Idempotency-Key'], { 'idempotency-key': '' }],
    ['everything wrong', { expiresAt: 'x', protocols: [] }, ['name', 'expiresAt', 'protocols']],
  ])('is refused with %s', async (_what, value, fields, headers = {}) => {
    expect(await wrongFields(readNewAppPassword(jsonRequest(value, headers)))).toEqual(fields);
  });

  test('that only renames has a name', async () => {
    expect(await readName(jsonRequest({ name: 'Cafe\u0301' }))).toEqual({
      kind: 'parsed',
      value: { name: 'Caf\u00e9' },
    });
    expect(await wrongFields(readName(jsonRequest({ name: 'a', protocols: ['imap'] })))).toEqual(['']);
  });
});

describe('Credentials', () => {
  const pair = { kind: 'credentials', username: 'alice', password: 'secret' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const read = (sent: Sent) => readCredentials(request(sent));
  const raw = (bytes: string, encoding: BufferEncoding = 'utf8') =>
    `Basic ${Buffer.from(bytes, encoding).toString('base64')}`;

  test.each<[string, Sent]>([
    ['Basic', { headers: basic('alice', 'secret') }],
    [
      'Basic in small letters, with spaces',
      { headers: { authorization: ` basic   ${btoa('alice:secret')} ` } },
    ],
    ['JSON', { headers: json, body: JSON.stringify({ username: 'alice', password: 'secret' }) }],
    ['Basic beside a body without any', { headers: { ...basic('alice', 'secret'), ...form }, body: 'a=b' }],
    [
      'Basic beside a bearer token in another header',
      { headers: { ...basic('alice', 'secret'), cookie: 'a' } },
    ],
  ])('are read from %s', async (_where, sent) => {
    expect(await read(sent)).toEqual(pair);
  });

  test.each<[string, string, string, string]>([
    ['a colon in the password', raw('alice:se:cret'), 'alice', 'se:cret'],
    ['UTF-8', raw('älice:sécret'), 'älice', 'sécret'],
    ['Latin-1', raw('älice:sécret', 'latin1'), 'älice', 'sécret'],
    ['no colon', raw('alice'), '', ''],
    ['nothing in it', 'Basic', '', ''],
    ['what is no base64', 'Basic !', '', ''],
  ])('in Basic with %s are what they are', async (_what, authorization, username, password) => {
    expect(await read({ headers: { authorization } })).toEqual({ kind: 'credentials', username, password });
  });

  test('in JSON may say where they come from', async () => {
    const value = { username: 'alice', password: 'secret', protocol: 'imap', clientAddress: '192.0.2.1' };
    expect(await readCredentials(jsonRequest(value))).toEqual({ kind: 'credentials', ...value });
    expect(await wrongFields(readCredentials(jsonRequest({ username: 'alice' })))).toEqual(['password']);
    expect(await wrongFields(readCredentials(jsonRequest({ ...value, admin: true })))).toEqual(['']);
  });

  const one = basic('alice', 'secret');
  const body = JSON.stringify({ username: 'alice', password: 'secret' });
  test.each<[string, Sent]>([
    ['two of Basic', { headers: { authorization: `${one.authorization}, ${one.authorization}` } }],
    ['Basic after another scheme', { headers: { authorization: `Bearer x, ${one.authorization}` } }],
    ['Basic and JSON', { headers: { ...one, ...json }, body }],
    ['Basic and JSON of another type', { headers: { ...one, 'content-type': 'text/plain' }, body }],
    ['Basic and a form', { headers: { ...one, ...form }, body: 'password=x' }],
    ['Basic and a header of nginx', { headers: { ...one, 'auth-pass': 'x' } }],
    ['Basic and the query', { headers: one, query: '?password=x' }],
    ['a header and the query', { headers: { 'auth-user': 'x' }, query: '?client_secret=x' }],
    ['JSON and the query', { headers: json, body, query: '?password=x' }],
  ])('are refused where there is more than one set: %s', async (_what, sent) => {
    expect(await read(sent)).toEqual({ kind: 'ambiguous-credentials' });
  });

  test.each<[string, Sent]>([
    ['nothing', {}],
    ['a bearer token', { headers: { authorization: 'Bearer x' } }],
    ['what is never taken', { headers: { 'auth-user': 'alice', 'auth-pass': 'secret' } }],
    ['the query alone', { query: '?password=x' }],
    ['white space', { headers: json, body: ' \n' }],
  ])('are none in %s', async (_where, sent) => {
    expect(await read(sent)).toEqual({ kind: 'none' });
  });

  test('are not read from a body that is too large, chunked, or of another type', async () => {
    expect(await read({ body: 'a'.repeat(16 * 1024 + 1) })).toEqual({ kind: 'content-too-large' });
    expect(await read({ headers: { 'transfer-encoding': 'chunked' } })).toEqual({ kind: 'length-required' });
    expect(await read({ headers: form, body: 'username=a&password=b' })).toEqual({
      kind: 'unsupported-media-type',
    });
  });
});

describe('A password grant', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const whole = 'grant_type=password&username=alice&password=secret&client_secret=key';
  const read = (sent: Sent) => readGrant(request(sent));

  test('has its key in the form, or in a header, which comes first', async () => {
    const grant = { kind: 'grant', username: 'alice', password: 'secret' };
    expect(await read({ headers: form, body: whole })).toEqual({ key: 'key', grant });
    expect(await read({ headers: { ...form, 'x-gateway-key': 'other' }, body: whole })).toEqual({
      key: 'other',
      grant,
    });
  });

  test.each<[string, Sent, string]>([
    ['no type', { headers: form, body: 'username=alice&password=secret' }, 'invalid_request'],
    [
      'another type',
      { headers: form, body: whole.replace('=password', '=refresh_token') },
      'unsupported_grant_type',
    ],
    ['no password', { headers: form, body: 'grant_type=password&username=alice' }, 'invalid_request'],
    ['a field twice', { headers: form, body: `${whole}&username=bob` }, 'invalid_request'],
    ['credentials in a header', { headers: { ...form, ...basic('a', 'b') }, body: whole }, 'invalid_request'],
    ['credentials in the query', { headers: form, body: whole, query: '?password=x' }, 'invalid_request'],
    ['JSON', { headers: json, body: '{}' }, 'invalid_request'],
    ['a chunked body', { headers: { ...form, 'transfer-encoding': 'chunked' } }, 'length_required'],
    ['too much', { headers: form, body: 'a'.repeat(16 * 1024 + 1) }, 'content_too_large'],
  ])('is refused with %s', async (_what, sent, kind) => {
    expect((await read(sent)).grant).toEqual({ kind });
  });
});

describe('Where credentials come from', () => {
  const mail: Gateway = { name: 'mail', protocols: ['imap', 'smtp'], goesOnWith: 'canonical' };
  const from = (headers: Record<string, string>, body = {}) => originOf(request({ headers }), mail, body);

  test('is said in the body, in headers, or in those of Dovecot, and the first of these counts', async () => {
    const dovecot = { 'x-dovecot-auth-service': 'smtp', 'x-dovecot-auth-remote': '192.0.2.3' };
    const headers = { 'x-protocol': 'imap', 'x-client-address': '192.0.2.2' };
    expect(from(dovecot)).toEqual({ gateway: 'mail', protocol: 'smtp', clientAddress: '192.0.2.3' });
    expect(from({ ...dovecot, ...headers })).toEqual({
      gateway: 'mail',
      protocol: 'imap',
      clientAddress: '192.0.2.2',
    });
    expect(from(headers, { protocol: 'smtp', clientAddress: '192.0.2.1' })).toEqual({
      gateway: 'mail',
      protocol: 'smtp',
      clientAddress: '192.0.2.1',
    });
  });

  test('is nothing where nothing says it, and never what a client can write', () => {
    expect(from({ 'x-forwarded-for': '192.0.2.1' })).toEqual({
      gateway: 'mail',
      protocol: null,
      clientAddress: null,
    });
    expect(from({ 'x-protocol': 'radius' }).protocol).toBeNull();
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:1234', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['2001:db8::1%eth0', '2001:db8::1'],
    ['fe80::1%eth0', null],
    ['192.0.2.256', null],
    ['192.0.2', null],
    ['mail.example.com', null],
    ['', null],
    ['2001:db8::g', null],
  ])('is an address in its one spelling: %s', (given, address) => {
    expect(from({ 'x-client-address': given }).clientAddress).toBe(address);
  });

  test('is on the network what the front end appended', () => {
    const remote = (value: string) => remoteAddress(request({ headers: { 'x-forwarded-for': value } }));
    expect(remote('192.0.2.1, 203.0.113.7:51234')).toBe('203.0.113.7');
    expect(remote('203.0.113.7, nonsense')).toBeNull();
    expect(remoteAddress(request({}))).toBeNull();
  });
});

describe('A policy', () => {
  const read = (value: unknown, etag = '"YQ"') => readPolicy(jsonRequest(value, { 'if-match': etag }));
  const strict = {
    creation: 'app-role',
    verification: 'denied',
    maximumLifetimeDays: 1,
    idleDays: 3650,
    protocols: ['imap', 'smtp'],
    limit: 40,
  };

  test.each([defaultPolicy, strict])('is read whole: %j', async (policy) => {
    expect(await read(policy)).toMatchObject({ kind: 'parsed', value: { policy } });
  });

  test('has its protocols in one order, and each once', async () => {
    expect(await read({ ...strict, protocols: ['smtp', 'imap', 'smtp'] })).toMatchObject({
      value: { policy: strict },
    });
  });

  test.each<[string, object]>([
    ['creation', { creation: 'somebody' }],
    ['verification', { verification: true }],
    ['maximumLifetimeDays', { maximumLifetimeDays: 0 }],
    ['maximumLifetimeDays', { maximumLifetimeDays: 3651 }],
    ['idleDays', { idleDays: 1.5 }],
    ['idleDays', { idleDays: undefined }],
    ['protocols', { protocols: [] }],
    ['protocols.0', { protocols: ['gopher'] }],
    ['limit', { limit: 0 }],
    ['limit', { limit: 41 }],
    ['', { more: 1 }],
  ])('is refused for its %s: %j', async (field, change) => {
    expect(await wrongFields(read({ ...strict, ...change }))).toEqual([field]);
  });

  test.each<[string, boolean]>([
    ['*', true],
    ['"YQ"', true],
    ['W/"YQ"', true],
    ['"Yg", , "YQ"', true],
    ['"Yg"', false],
    ['""', false],
  ])('replaces the versions that are named (RFC 9110 section 13.1.1): %s', async (etag, mayReplace) => {
    const parsed = await read(strict, etag);
    expect(parsed.kind === 'parsed' && parsed.value.mayReplace('a')).toBe(mayReplace);
  });

  test.each(['', 'YQ', '"YQ', '"YQ" "Yg"', '*, "YQ"'])('needs an ETag that is one: %s', async (etag) => {
    expect(await wrongFields(read(strict, etag))).toEqual(['If-Match']);
  });
});
