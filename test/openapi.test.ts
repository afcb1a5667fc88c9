import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HostProcess } from '../local/host-process.ts';
import { tenantId } from '../local/identities.ts';
import { type Answer, basic, type Call, call, strangePassword } from './support/api.ts';
import { documentedAnswers, expectContract, operationOf, operations } from './support/contract.ts';
import { type Claims, localMember, portalId } from './support/entra-claims.ts';
import { type KeyServer, startKeyServer } from './support/key-server.ts';
import { type Service, startService } from './support/service.ts';

let keys: KeyServer;
let service: Service;
/** Another instance, whose storage is away. */
let withoutStorage: HostProcess;

/** Every answer that a request got so far, as `documentedAnswers` writes them. */
const seen = new Set<string>();

beforeAll(async () => {
  keys = await startKeyServer();
  service = await startService({
    settings: () => ({
      OIDC_DISCOVERY_URL: keys.discoveryUrl,
      TOKEN_ISSUER: keys.issuer,
      TOKEN_CLIENTS: portalId,
    }),
  });
  withoutStorage = await service.anotherHost({
    TABLES_CONNECTION_STRING: service.stack.tables.replace(/(?<=127\.0\.0\.1:)\d+/, '1'),
  });
});

afterAll(async () => {
  await service.close();
  await keys.close();
});

/** Sends a request and notes which answer it got. */
async function send(method: string, path: string, options: Call = {}, at = service.origin): Promise<Answer> {
  return note(method, path, await call(at, method, path, options));
}

function note(method: string, path: string, answer: Answer): Answer {
  const { status, body } = answer;
  const kind = status < 400 ? undefined : (body.type ?? body.error);
  seen.add([operationOf({ method, path })?.id, status, kind].filter((part) => part !== undefined).join(' '));
  return answer;
}

/** Sends what fetch does not: chunks, and a body with GET. */
async function sendBody(method: string, path: string, headers: Record<string, string>, body: string) {
  const request = httpRequest(service.origin + path, { method, headers }).end(body);
  const [response] = await once(request, 'response');
  const content = await text(response);
  const answer = {
    status: response.statusCode,
    headers: new Headers(response.headers),
    body: content && JSON.parse(content),
  };
  expectContract({ method, path, json: undefined }, answer);
  return note(method, path, answer);
}

const chunks = { 'transfer-encoding': 'chunked' };
const large = 'x'.repeat(16 * 1024 + 1);
const largeLength = { 'content-length': `${large.length}` };

/** A well-formed app password that nobody has. */

function tokenOf(change: Claims = {}): Promise<string> {
  const oid = randomUUID();
  return keys.sign(localMember(keys.issuer, { oid, upn: `${oid}@example.com`, ...change }));
}

/** Somebody whom no other test knows. */
async function somebody() {
  const oid = randomUUID();
  const username = `${oid}@example.com`;
  const token = await tokenOf({ oid, upn: username });
  const json = { name: 'Phone' };
  const optional = (idempotencyKey: string | undefined) => ({
    ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
  });
  return {
    partition: `${tenantId}.${oid}`,
    username,
    token,
    create: (key?: string) => send('POST', '/api/app-passwords', { token, json, ...optional(key) }),
    register: (key?: string) => send('PUT', '/api/registration', { token, json, ...optional(key) }),
    list: () => send('GET', '/api/app-passwords', { token }),
  };
}

type Somebody = Awaited<ReturnType<typeof somebody>>;

const unknownId = '/api/app-passwords/8d1f7a3e-52c4-4f0b-9a6e-1b7c2d3e4f50';
const changes = [
  ['POST', '/api/app-passwords', { name: 'Phone' }],
  ['PUT', '/api/registration', { name: 'Phone' }],
  ['PATCH', unknownId, { name: 'Phone' }],
  ['POST', '/api/app-passwords/delete-all', { confirm: true }],
] as const;
const personal = [
  ...changes,
  ['GET', '/api/app-passwords', undefined],
  ['DELETE', unknownId, undefined],
] as const;

const gatewayKey = () => ({ 'x-gateway-key': service.gatewayKey });
const form = { 'content-type': 'application/x-www-form-urlencoded' };

function grant(fields: Record<string, string>, headers = gatewayKey(), at = service.origin) {
  const body = new URLSearchParams(fields).toString();
  return send('POST', '/api/verify/grant', { headers: { ...form, ...headers }, body }, at);
}

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect([answer.status, answer.body.type]).toEqual([status, `/problems/${slug}`]);
}

test('the document has every function that the host prints, and no other but those of the page', () => {
  const printed = service.host.output().matchAll(/^ {2}\S+: \[(.+)\] http:\/\/[^/]+(\/.*)$/gm);
  const functions = [...printed].flatMap(([, methods, path]) =>
    methods?.split(', ').map((method) => `${method} ${path}`),
  );
  const page = ['/{ignored:maxlength(0)?}', '/assets/{file}'].flatMap((path) => [
    `GET ${path}`,
    `HEAD ${path}`,
  ]);
  expect(functions.sort()).toEqual(
    [...operations.map(({ method, path }) => `${method} ${path}`), ...page, 'GET /settings.json'].sort(),
  );
});

describe('What a person does', () => {
  test.each(personal)('%s %s is refused to everybody but a person with a second factor', async (...args) => {
    const [method, path, json] = args;
    const refused = async (token: string | undefined, status: number, slug: string) => {
      const options = { json, ...(token !== undefined && { token }) };
      expectProblem(await send(method, path, options), status, slug);
    };
    await refused(undefined, 401, 'invalid-token');
    await refused(await tokenOf({ amr: ['pwd'] }), 401, 'insufficient-user-authentication');
    await refused(await tokenOf({ scope: 'openid' }), 403, 'insufficient-scope');
    await refused(await tokenOf({ idtyp: 'app' }), 403, 'forbidden');
    await refused(await tokenOf({ upn: 'carol@elsewhere.example' }), 403, 'username-not-accepted');
  });

  test.each(changes)('%s %s refuses a body that is not as documented', async (method, path, json) => {
    const { token } = await somebody();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify(json);
    expectProblem(await sendBody(method, path, { ...headers, ...chunks }, body), 411, 'length-required');
    expectProblem(await send(method, path, { token, json: { name: large } }), 413, 'content-too-large');
    expectProblem(
      await send(method, path, { token, body, headers: { 'content-type': 'text/plain' } }),
      415,
      'unsupported-media-type',
    );
    for (const wrong of [{}, [], { ...json, more: 1 }, { name: ' ' }, { confirm: false }]) {
      expectProblem(await send(method, path, { token, json: wrong }), 400, 'invalid-request');
    }
    expectProblem(await send(method, path, { token, body: '{', headers }), 400, 'invalid-request');
  });

  test.each(['create', 'register'] as const)('%s refuses an Idempotency-Key that is no UUID', async (how) => {
    const answer = await (await somebody())[how]('once');
    expectProblem(answer, 400, 'invalid-request');
    expect(answer.body.errors).toMatchObject([{ field: 'Idempotency-Key' }]);
  });

  test('an app password is created, listed, renamed, deleted, and deleted again', async () => {
    const { token, create, list } = await somebody();
    const created = await create();
    const { password: _, ...shown } = created.body;
    const path = `/api/app-passwords/${shown.id}`;
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(path);
    expect((await list()).body).toEqual({ appPasswords: [shown], limit: 40, remaining: 39 });

    const json = { name: 'Old phone' };
    const renamed = await send('PATCH', path, { token, json });
    expect([renamed.status, renamed.body]).toEqual([200, { ...shown, ...json }]);

    for (let i = 0; i < 2; i++) expect((await send('DELETE', path, { token })).status).toBe(204);
    expectProblem(await send('PATCH', path, { token, json }), 404, 'not-found');
  });

  test('an app password of nobody, or of somebody else, is not found', async () => {
    const { body } = await (await somebody()).create();
    const { token, create } = await somebody();
    await create();
    for (const path of [unknownId, `/api/app-passwords/${body.id}`, '/api/app-passwords/delete-all']) {
      expectProblem(await send('PATCH', path, { token, json: { name: 'Mine' } }), 404, 'not-found');
      expectProblem(await send('DELETE', path, { token }), 404, 'not-found');
    }
  });

  test('delete-all tells how many it deleted', async () => {
    const { token, create } = await somebody();
    await create();
    await create();
    for (const deleted of [2, 0]) {
      const answer = await send('POST', '/api/app-passwords/delete-all', { token, json: { confirm: true } });
      expect([answer.status, answer.body]).toEqual([200, { deleted }]);
    }
  });

  test('the first registration hands out an app password, and the next one only says when that was', async () => {
    const { register } = await somebody();
    const first = await register();
    expect(first.status).toBe(201);
    expect(first.headers.get('location')).toBe(`/api/app-passwords/${first.body.id}`);
    const next = await register();
    expect([next.status, Object.keys(next.body)]).toEqual([200, ['registeredAt']]);
  });

  test('neither create nor register goes over the limit', async () => {
    const { create, register } = await somebody();
    for (let i = 0; i < 40; i++) expect((await create()).status).toBe(201);
    expectProblem(await create(), 409, 'limit-reached');
    expectProblem(await register(), 409, 'limit-reached');
  });

  test.each(['create', 'register'] as const)('%s does not replace a password that was used', async (how) => {
    const me = await somebody();
    const key = randomUUID();
    expect((await me[how](key)).status).toBe(201);
    const { password } = (await me[how](key)).body;
    await useUntilNoted(me, password);
    expectProblem(await me[how](key), 409, 'already-used');
  });

  test('a disabled account gets no new app password, and sees those that it has', async () => {
    const { partition, create, register, list } = await somebody();
    await create();
    await service.tables.passwords.updateEntity(
      { partitionKey: partition, rowKey: 'profile', account: 'disabled' },
      'Merge',
    );
    expectProblem(await create(), 403, 'account-disabled');
    expectProblem(await register(), 403, 'account-disabled');
    expect((await list()).body.appPasswords).toHaveLength(1);
  });
});

/** A use is noted after the answer. */
async function useUntilNoted({ username, list }: Somebody, password: string): Promise<void> {
  const headers = { ...gatewayKey(), 'x-protocol': 'imap', 'x-client-address': '192.0.2.17:49152' };
  const typed = { ...headers, ...basic(username, password) };
  expect((await send('GET', '/api/verify', { headers: typed })).status).toBe(200);
  await vi.waitFor(async () => {
    const [{ lastUsed }] = (await list()).body.appPasswords;
    expect(lastUsed).toMatchObject({ protocol: 'imap', gateway: 'local', clientAddress: '192.0.2.17' });
  });
}

describe('What a gateway asks', () => {
  test('a good pair is 200 with the canonical username, in every way to send it', async () => {
    const { username, create } = await somebody();
    const { password } = (await create()).body;
    const typed = username.toUpperCase();
    const headers = { ...gatewayKey(), ...basic(typed, password) };
    const json = { username: typed, password, protocol: 'imap', clientAddress: '2001:db8::17' };
    const fields = { grant_type: 'password', username: typed, password };
    const answers = await Promise.all([
      send('GET', '/api/verify', { headers }),
      send('POST', '/api/verify', { headers }),
      send('POST', '/api/verify', { headers, json: { protocol: 'imap' } }),
      send('POST', '/api/verify', { headers: gatewayKey(), json }),
      grant(fields),
      send('POST', '/api/verify/grant', {
        headers: form,
        body: new URLSearchParams({ ...fields, client_secret: service.gatewayKey }).toString(),
      }),
    ]);
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('x-auth-user'), body.username]).toEqual([200, username, username]);
    }
  });

  test.each(['GET', 'POST'])('%s without a good pair is 401, and with two of them 400', async (method) => {
    const pair = basic('alice@example.com', strangePassword());
    const refused = (headers: Record<string, string>, path = '/api/verify') =>
      send(method, path, { headers: { ...gatewayKey(), ...headers } });
    expectProblem(await refused(pair), 401, 'invalid-credentials');
    expectProblem(await refused({}), 401, 'invalid-credentials');
    expectProblem(await refused({ 'auth-user': 'alice' }), 401, 'invalid-credentials');
    expectProblem(await refused({ ...pair, 'auth-user': 'alice' }), 400, 'ambiguous-credentials');
    expectProblem(await refused(pair, '/api/verify?password=x'), 400, 'ambiguous-credentials');
  });

  test.each(['GET', 'POST'])('%s without a right gateway key is 503', async (method) => {
    for (const headers of [{}, { 'x-gateway-key': 'wrong' }]) {
      expectProblem(await send(method, '/api/verify', { headers }), 503, 'invalid-gateway-key');
    }
  });

  test.each(['GET', 'POST'])('%s with a body in chunks is 411, and with a large one 413', async (method) => {
    const headers = { ...gatewayKey(), ...basic('alice@example.com', strangePassword()) };
    const answer = await sendBody(method, '/api/verify', { ...headers, ...chunks }, 'x');
    expectProblem(answer, 411, 'length-required');
    const second = await sendBody(method, '/api/verify', { ...headers, ...largeLength }, large);
    expectProblem(second, 413, 'content-too-large');
  });

  test('a JSON body that is not as documented is refused', async () => {
    const post = (options: Call) =>
      send('POST', '/api/verify', { ...options, headers: { ...gatewayKey(), ...options.headers } });
    for (const json of [{ username: 'alice' }, { username: 'alice', password: 'x', more: 1 }]) {
      expectProblem(await post({ json }), 400, 'invalid-request');
    }
    expectProblem(
      await post({ body: 'username=alice&password=x', headers: form }),
      415,
      'unsupported-media-type',
    );
  });

  test('a grant that fails is an error by RFC 6749', async () => {
    const fields = { grant_type: 'password', username: 'alice@example.com', password: strangePassword() };
    const expectError = (answer: Answer, status: number, error: string) =>
      expect([answer.status, answer.body.error]).toEqual([status, error]);
    expectError(await grant(fields), 400, 'invalid_grant');
    expectError(await grant({ ...fields, password: 'hunter2' }), 400, 'invalid_grant');
    expectError(await grant({ ...fields, grant_type: 'refresh_token' }), 400, 'unsupported_grant_type');
    expectError(await grant({ grant_type: 'password' }), 400, 'invalid_request');
    expectError(await grant(fields, { 'x-gateway-key': 'wrong' }), 503, 'invalid_client');
    const headers = { ...gatewayKey(), ...form };
    expectError(
      await sendBody('POST', '/api/verify/grant', { ...headers, ...chunks }, 'x'),
      411,
      'invalid_request',
    );
    expectError(
      await sendBody('POST', '/api/verify/grant', { ...headers, ...largeLength }, large),
      413,
      'invalid_request',
    );
  });
});

describe('What everybody meets', () => {
  test('health is 200', async () => {
    expect((await send('GET', '/api/health')).status).toBe(200);
  });

  test('every operation is 503 while storage is away', async () => {
    const { token } = await somebody();
    const { origin } = withoutStorage;
    const pair = { username: 'alice@example.com', password: strangePassword() };
    const headers = { ...gatewayKey(), ...basic(pair.username, pair.password) };
    const answers = await Promise.all([
      ...personal.map(([method, path, json]) => send(method, path, { token, json }, origin)),
      send('GET', '/api/verify', { headers }, origin),
      send('POST', '/api/verify', { headers: gatewayKey(), json: pair }, origin),
      send('GET', '/api/health', {}, origin),
    ]);
    for (const answer of answers) expectProblem(answer, 503, 'temporarily-unavailable');
    const { status, body } = await grant({ grant_type: 'password', ...pair }, gatewayKey(), origin);
    expect([status, body.error]).toEqual([503, 'temporarily_unavailable']);
  });

  test.each([
    ['GET', '/api'],
    ['GET', '/api/registration'],
    ['HEAD', '/api/app-passwords'],
    ['DELETE', '/api/app-passwords'],
    ['PUT', unknownId],
    ['GET', '/api/app-passwords/delete-all'],
    ['POST', `${unknownId}/rename`],
    ['OPTIONS', '/api/verify'],
    ['GET', '/api/verify/grant'],
    ['POST', '/api/health'],
    ['GET', '/openapi.yaml'],
  ])('%s %s is not in the document, and 404 with an empty body', async (method, path) => {
    const { status, body } = await call(service.origin, method, path, { token: await tokenOf() });
    expect([status, body]).toEqual([404, '']);
  });
});

test('every answer that the document has was seen above, and no other', () => {
  expect([...seen].sort()).toEqual(documentedAnswers().sort());
});

describe('The check of the contract', () => {
  const request = { method: 'GET', path: '/api/app-passwords?password=hunter2', json: undefined };
  const appPassword = {
    id: '8d1f7a3e-52c4-4f0b-9a6e-1b7c2d3e4f50',
    name: 'Phone',
    createdAt: '2026-11-23T09:30:00.000Z',
    expiresAt: null,
    protocols: null,
    lastUsed: null,
    state: 'active',
  };
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  const listOf = (...appPasswords: unknown[]) => ({ appPasswords, limit: 40, remaining: 39 });
  const check = (
    answer: { status?: number; headers?: Record<string, string>; body?: unknown },
    asked: { method: string; path: string; json: unknown } = request,
  ) => {
    const { status = 200, body = listOf(appPassword) } = answer;
    return () =>
      expectContract(asked, { status, body, headers: new Headers({ ...headers, ...answer.headers }) });
  };

  test('takes an answer as documented', () => {
    expect(check({})).not.toThrow();
    expect(check({ headers: { 'content-type': 'Application/JSON; charset=utf-8' } })).not.toThrow();
  });

  test('finds a status that is not documented', () => {
    expect(check({ status: 418 })).toThrow(
      'GET /api/app-passwords answered 418: the status is not documented',
    );
  });

  test('finds a field that is missing, and one that is too much', () => {
    const { state: _, ...less } = appPassword;
    expect(check({ body: listOf(less) })).toThrow('/appPasswords/0 must have required property');
    const password = strangePassword();
    const more = check({ body: listOf({ ...appPassword, password }) });
    expect(more).toThrow('must NOT have additional properties');
    expect(more).not.toThrow(password);
  });

  test('finds a value of another format', () => {
    for (const change of [{ id: '1' }, { createdAt: 'today' }, { state: 'deleted' }, { expiresAt: '' }]) {
      expect(check({ body: listOf({ ...appPassword, ...change }) })).toThrow('the body is wrong');
    }
  });

  test('finds a header that is missing, wrong or not documented', () => {
    expect(check({ headers: { 'cache-control': 'private' } })).toThrow('the header Cache-Control is wrong');
    expect(check({ headers: { 'x-auth-user': 'alice' } })).toThrow(
      'the header x-auth-user is not documented',
    );
    const problem = {
      type: '/problems/temporarily-unavailable',
      title: 'Away',
      status: 503,
      detail: 'Wait.',
    };
    const unavailable = (retry: Record<string, string>) =>
      check({
        status: 503,
        body: problem,
        headers: { 'content-type': 'application/problem+json', ...retry },
      });
    expect(unavailable({})).toThrow('the header Retry-After is missing');
    expect(unavailable({ 'retry-after': 'soon' })).toThrow('the header Retry-After is wrong');
    expect(unavailable({ 'retry-after': '5' })).not.toThrow();
  });

  test('finds a problem of another operation or another status', () => {
    const type = { 'content-type': 'application/problem+json', 'retry-after': '5' };
    const problem = { type: '/problems/invalid-gateway-key', title: 'Key', status: 503, detail: 'Send it.' };
    expect(check({ status: 503, headers: type, body: problem })).toThrow('the body is wrong: /type');
    const other = { ...problem, type: '/problems/temporarily-unavailable', status: 500 };
    expect(check({ status: 503, headers: type, body: other })).toThrow('the body is wrong: /status');
  });

  test('finds a content type or a body that is not documented', () => {
    expect(check({ headers: { 'content-type': 'text/html' } })).toThrow('the content type text/html is not');
    const deletion = { method: 'DELETE', path: unknownId, json: undefined };
    expect(check({ status: 204 }, deletion)).toThrow('a body is not documented');
  });

  test('finds a request that should have been refused', () => {
    const creation = { method: 'POST', path: '/api/app-passwords', json: { name: 'Phone', more: 1 } };
    const created = { ...appPassword, password: strangePassword() };
    const location = { location: `/api/app-passwords/${appPassword.id}` };
    const answer = { status: 201, headers: location, body: created };
    expect(check(answer, creation)).toThrow('it took a request that the document refuses');
    expect(check(answer, { ...creation, json: { name: 'Phone' } })).not.toThrow();
  });

  test('finds an answer where there is nothing, and never repeats the query', () => {
    const nowhere = check({}, { ...request, path: '/api/secrets?password=hunter2' });
    expect(nowhere).toThrow('only a 404 with an empty body is right');
    expect(nowhere).not.toThrow('hunter2');
    expect(check({ status: 418 })).not.toThrow('hunter2');
  });
});
