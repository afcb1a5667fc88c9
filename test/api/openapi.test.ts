import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { tenantId } from '../../local/identities.ts';
import { adminRole, helpdeskRole } from '../../shared/domain/person/caller.ts';
import { defaultPolicy, type Policy } from '../../shared/domain/policy/policy.ts';
import { type Answer, basic, type Call, call, strangePassword } from '../../testing/api.ts';
import { documentedAnswers, expectContract, operationOf, operations } from '../../testing/contract.ts';
import { type Claims, localMember, now, portalId } from '../../testing/entra-claims.ts';
import { type KeyServer, startKeyServer } from '../../testing/key-server.ts';
import { type Service, startService } from '../../testing/service.ts';

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

function tokenOf(change: Claims = {}): Promise<string> {
  const oid = randomUUID();
  return keys.sign(localMember(keys.issuer, { oid, upn: `${oid}@example.com`, ...change }));
}

/** Somebody whom no other test knows. */
async function somebody(change: Claims = {}) {
  const oid = randomUUID();
  const username = `${oid}@example.com`;
  const token = await tokenOf({ oid, upn: username, ...change });
  const json = { name: 'Phone' };
  const optional = (idempotencyKey: string | undefined) => ({
    ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
  });
  return {
    oid,
    partition: `${tenantId}.${oid}`,
    username,
    token,
    create: (key?: string) => send('POST', '/api/app-passwords', { token, json, ...optional(key) }),
    register: (key?: string) => send('PUT', '/api/registration', { token, json, ...optional(key) }),
    list: () => send('GET', '/api/app-passwords', { token }),
  };
}

type Somebody = Awaited<ReturnType<typeof somebody>>;

const unknownUuid = '8d1f7a3e-52c4-4f0b-9a6e-1b7c2d3e4f50';
const unknownId = `/api/app-passwords/${unknownUuid}`;
const unknownPerson = `/api/admin/people/${unknownUuid}`;
const unknownOfPerson = `${unknownPerson}/app-passwords/${unknownUuid}`;

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
  ['POST', `${unknownId}/revive`, undefined],
  ['GET', '/api/activity', undefined],
  ['GET', '/api/policy', undefined],
] as const;

const administrativeWithBody = [
  ['POST', '/api/admin/people/find', { username: 'alice@example.com' }],
  ['PATCH', unknownPerson, { account: 'disabled' }],
  ['POST', `${unknownPerson}/delete-all`, { confirm: true }],
  ['PUT', '/api/admin/policy', defaultPolicy],
] as const;
const administrative = [
  ...administrativeWithBody,
  ['GET', unknownPerson, undefined],
  ['DELETE', unknownPerson, undefined],
  ['DELETE', unknownOfPerson, undefined],
  ['POST', `${unknownOfPerson}/suspend`, undefined],
  ['POST', `${unknownOfPerson}/resume`, undefined],
  ['GET', '/api/admin/policy', undefined],
  ['GET', '/api/admin/report', undefined],
  ['GET', '/api/admin/directory', undefined],
] as const;

/** What a request to replace the policy has beside its body. */
const overUnknown = { 'if-match': '"unknown"' };
const headersOf = (method: string) => (method === 'PUT' ? overUnknown : {});

const gatewayKey = () => ({ 'x-gateway-key': service.gatewayKey });
const form = { 'content-type': 'application/x-www-form-urlencoded' };

function grant(fields: Record<string, string>, headers = gatewayKey(), at = service.origin) {
  const body = new URLSearchParams(fields).toString();
  return send('POST', '/api/verify/grant', { headers: { ...form, ...headers }, body }, at);
}

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect([answer.status, answer.body.type]).toEqual([status, `/problems/${slug}`]);
}

test('the document has every function that the host prints, and no other but those of the page and the files for devices', () => {
  const printed = service.host.output().matchAll(/^ {2}\S+: \[(.+)\] http:\/\/[^/]+(\/.*)$/gm);
  const functions = [...printed].flatMap(([, methods, path]) =>
    methods?.split(', ').map((method) => `${method} ${path}`),
  );
  const files = [
    '/mail.mobileconfig',
    '/mail/config-v1.1.xml',
    '/.well-known/autoconfig/mail/config-v1.1.xml',
  ];
  const ofPage = ['/{ignored:maxlength(0)?}', '/assets/{file}', '/settings.json'];
  const page = [...ofPage, ...files].flatMap((path) => [`GET ${path}`, `HEAD ${path}`]);
  expect(functions.sort()).toEqual(
    [...operations.map(({ method, path }) => `${method} ${path}`), ...page].sort(),
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
    const { token, username, create, list } = await somebody();
    const created = await create();
    const { password: _, ...shown } = created.body;
    const path = `/api/app-passwords/${shown.id}`;
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(path);
    expect((await list()).body).toEqual({ username, appPasswords: [shown], limit: 40, remaining: 39 });

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

describe('What an app password may do', () => {
  test('it is for some protocols and until some day, as its maker says', async () => {
    const { token, list } = await somebody();
    for (const [method, path] of changes.slice(0, 2)) {
      const json = {
        name: 'Scanner',
        expiresAt: '2099-01-01T01:00:00+01:00',
        protocols: ['smtp', 'imap', 'smtp'],
      };
      const { status, body } = await send(method, path, { token, json });
      expect([status, body.expiresAt, body.protocols]).toEqual([
        201,
        '2099-01-01T00:00:00.000Z',
        ['imap', 'smtp'],
      ]);
    }
    const [shown] = (await list()).body.appPasswords;
    expect(shown).toMatchObject({ expiresAt: '2099-01-01T00:00:00.000Z', protocols: ['imap', 'smtp'] });
  });

  test('one that was not used for long is revived by its owner, unless the account is disabled', async () => {
    const { partition, token, create, list } = await somebody();
    const { id } = (await create()).body;
    const path = `/api/app-passwords/${id}/revive`;
    await makeOld(partition);
    await withPolicy({ idleDays: 30 }, async () => {
      const suspended = { id, state: 'suspended', suspendedFor: ['idle'] };
      expect((await list()).body.appPasswords).toMatchObject([suspended]);
      await setAccount(partition, 'disabled');
      expectProblem(await send('POST', path, { token }), 403, 'account-disabled');
      await setAccount(partition, 'enabled');
      for (let i = 0; i < 2; i++) {
        const { status, body } = await send('POST', path, { token });
        expect([status, body.id, body.state]).toEqual([200, id, 'active']);
      }
    });
    expectProblem(await send('POST', `${unknownId}/revive`, { token }), 404, 'not-found');
  });

  test('the policy says who may make one, and what it is for', async () => {
    const me = await somebody();
    const { token } = me;
    await me.create();
    const own = async () => (await send('GET', '/api/policy', { token })).body;
    const open = { mayCreate: true, protocols: null, maximumLifetimeDays: null, idleDays: null };
    expect(await own()).toEqual(open);
    await withPolicy({ creation: 'app-role', protocols: ['imap'], limit: 2 }, async () => {
      expect(await own()).toEqual({ ...open, mayCreate: false, protocols: ['imap'] });
      expectProblem(await me.create(), 403, 'creation-denied');
      expectProblem(await me.register(), 403, 'creation-denied');
    });
    const json = { name: 'Phone', protocols: ['smtp'] };
    expect((await send('POST', '/api/app-passwords', { token, json })).status).toBe(201);
    await withPolicy({ protocols: ['imap'], limit: 2, maximumLifetimeDays: 1 }, async () => {
      const { appPasswords, limit, remaining } = (await me.list()).body;
      const left = appPasswords.map(({ protocols }: { protocols: string[] }) => protocols);
      expect([limit, remaining, left]).toEqual([2, 0, [[], ['imap']]]);
      expect(appPasswords).not.toMatchObject([{ expiresAt: null }]);
      expectProblem(await send('POST', '/api/app-passwords', { token, json }), 400, 'invalid-request');
    });
  });

  test.each([
    ['POST', '/api/app-passwords'],
    ['PUT', '/api/registration'],
  ])('%s %s is 429 to whom too many of them are on their way', async (method, path) => {
    const token = await tokenOf();
    const json = { name: 'Phone' };
    await vi.waitFor(async () => {
      const many = Array.from({ length: 400 }, () => send(method, path, { token, json }));
      const refused = (await Promise.all(many)).find(({ status }) => status === 429);
      if (refused === undefined) throw new Error('all of them fit');
      expectProblem(refused, 429, 'too-many-requests');
    }, 20_000);
  });

  test('its owner reads what changed, and where it was refused', async () => {
    const me = await somebody();
    const made = (await me.create()).body;
    const { id, password } = made;
    await send('DELETE', `/api/app-passwords/${id}`, { token: me.token });
    const headers = { ...gatewayKey(), 'x-protocol': 'imap', ...basic(me.username, password) };
    expectProblem(await send('GET', '/api/verify', { headers }), 401, 'invalid-credentials');
    const activity = async () => (await send('GET', '/api/activity', { token: me.token })).body;
    await vi.waitFor(async () => expect((await activity()).refusals).toHaveLength(1));
    const appPassword = { id, name: 'Phone' };
    const { changes, refusals } = await activity();
    expect(changes).toMatchObject([
      { kind: 'deleted', by: 'person', appPassword, count: null },
      { kind: 'created', by: 'person', appPassword, count: null },
    ]);
    const recent = [{ reason: 'deleted', protocol: 'imap', gateway: 'local', clientAddress: null }];
    expect(refusals).toMatchObject([{ appPassword: { ...appPassword, state: 'deleted' }, count: 1, recent }]);
  });
});

/** Puts all that a person has far into the past. */
async function makeOld(partition: string): Promise<void> {
  const { passwords } = service.tables;
  const old = Date.now() - 1000 * 24 * 3600_000;
  const filter = `PartitionKey eq '${partition}'`;
  for await (const { rowKey, createdAt } of passwords.listEntities<{ createdAt?: Date }>({
    queryOptions: { filter },
  })) {
    if (rowKey === undefined || createdAt === undefined) continue;
    await passwords.updateEntity({ partitionKey: partition, rowKey, createdAt: new Date(old) }, 'Merge');
  }
}

/** Runs a task under another policy. */
async function withPolicy(change: Partial<Policy>, task: () => Promise<void>): Promise<void> {
  await setPolicy(change);
  try {
    await task();
  } finally {
    await setPolicy({});
  }
}

async function setPolicy(change: Partial<Policy>): Promise<void> {
  const token = await administratorToken();
  const { headers } = await send('GET', '/api/admin/policy', { token });
  const over = { 'if-match': headers.get('etag') ?? '' };
  const json = { ...defaultPolicy, ...change };
  const answer = await send('PUT', '/api/admin/policy', { token, json, headers: over });
  expect([answer.status, answer.body]).toEqual([200, json]);
}

async function setAccount(partitionKey: string, account: 'enabled' | 'disabled'): Promise<void> {
  await service.tables.passwords.updateEntity({ partitionKey, rowKey: 'profile', account }, 'Merge');
}

const administratorToken = () => tokenOf({ roles: [adminRole] });

describe('What an administrator does', () => {
  test.each(administrative)('%s %s is refused to everybody else', async (method, path, json) => {
    const refused = async (token: string | undefined, status: number, slug: string) => {
      const options = { json, headers: headersOf(method), ...(token !== undefined && { token }) };
      expectProblem(await send(method, path, options), status, slug);
    };
    await refused(undefined, 401, 'invalid-token');
    const roles = [adminRole];
    await refused(await tokenOf({ roles, amr: ['pwd'] }), 401, 'insufficient-user-authentication');
    await refused(await tokenOf({ roles, scope: 'openid' }), 403, 'insufficient-scope');
    await refused(await tokenOf(), 403, 'forbidden');
  });

  test.each(administrative)('%s %s takes the helpdesk where openapi.yaml says so', async (...args) => {
    const [method, path, json] = args;
    const ask = async (change: Claims) => {
      const token = await tokenOf({ roles: [helpdeskRole], ...change });
      return send(method, path, { token, json, headers: headersOf(method) });
    };
    expectProblem(await ask({ amr: ['pwd'] }), 401, 'insufficient-user-authentication');
    expectProblem(await ask({ scope: 'openid' }), 403, 'insufficient-scope');
    const answer = await ask({});
    if (!operationOf({ method, path })?.security.includes('helpdesk'))
      expectProblem(answer, 403, 'forbidden');
    // Nobody is known here by that id or username.
    else expect(answer.status).toBe(path.includes('/people/') ? 404 : 200);
  });

  test.each(administrativeWithBody)('%s %s refuses a body that is not as documented', async (...args) => {
    const [method, path, json] = args;
    const token = await administratorToken();
    const more = headersOf(method);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more };
    const body = JSON.stringify(json);
    expectProblem(await sendBody(method, path, { ...headers, ...chunks }, body), 411, 'length-required');
    expectProblem(
      await send(method, path, { token, json: { username: large }, headers: more }),
      413,
      'content-too-large',
    );
    expectProblem(
      await send(method, path, { token, body, headers: { ...more, 'content-type': 'text/plain' } }),
      415,
      'unsupported-media-type',
    );
    const bad = [[], null, { ...json, more: 1 }, { username: '' }, { account: 'gone' }, { confirm: false }];
    for (const wrong of [...bad, { ...defaultPolicy, limit: 41 }, { ...defaultPolicy, protocols: [] }]) {
      expectProblem(await send(method, path, { token, json: wrong, headers: more }), 400, 'invalid-request');
    }
    expectProblem(await send(method, path, { token, body: '{', headers }), 400, 'invalid-request');
  });

  test('a person is found by the username, and seen with everything but secrets', async () => {
    const me = await somebody();
    const { password, ...made } = (await me.create()).body;
    await send('DELETE', `/api/app-passwords/${made.id}`, { token: me.token });
    const { password: _, ...other } = (await me.register()).body;
    const token = await administratorToken();
    const find = (username: string) => send('POST', '/api/admin/people/find', { token, json: { username } });
    const found = await find(me.username.toUpperCase());
    expect([found.status, found.body]).toEqual([200, { id: me.oid, username: me.username }]);
    expectProblem(await find('nobody@example.com'), 404, 'not-found');

    for (const typed of [password, strangePassword()]) {
      const headers = { ...gatewayKey(), ...basic(me.username, typed) };
      expectProblem(await send('GET', '/api/verify', { headers }), 401, 'invalid-credentials');
    }
    const path = `/api/admin/people/${me.oid}`;
    await vi.waitFor(async () => {
      const { body } = await send('GET', path, { token });
      expect(body.refusals).toMatchObject({ count: 1, recent: [{ reason: 'unknown-app-password' }] });
      expect(body.deleted).toMatchObject([{ refusals: { count: 1, recent: [{ reason: 'deleted' }] } }]);
    });
    const { status, body } = await send('GET', path, { token });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: me.oid,
      username: me.username,
      account: 'enabled',
      limit: 40,
      remaining: 39,
      appPasswords: [{ ...other, proof: { amr: ['pwd', 'mfa'], acrs: [] }, refusals: null }],
      deleted: [{ id: made.id, name: made.name, createdAt: made.createdAt, lastUsed: null }],
      changes: [{ kind: 'created' }, { kind: 'deleted' }, { kind: 'created' }],
    });
    expectProblem(await send('GET', unknownPerson, { token }), 404, 'not-found');
  });

  test('an app password is suspended, resumed, deleted, and deleted again', async () => {
    const me = await somebody();
    const { id } = (await me.create()).body;
    const token = await administratorToken();
    const path = `/api/admin/people/${me.oid}/app-passwords/${id}`;
    for (let i = 0; i < 2; i++) {
      const { status, body } = await send('POST', `${path}/suspend`, { token });
      expect([status, body.state, body.suspendedFor]).toEqual([200, 'suspended', ['administrator']]);
    }
    expect((await me.list()).body.appPasswords).toMatchObject([{ suspendedFor: ['administrator'] }]);
    await setAccount(me.partition, 'disabled');
    expectProblem(await send('POST', `${path}/resume`, { token }), 403, 'account-disabled');
    await setAccount(me.partition, 'enabled');
    for (let i = 0; i < 2; i++) {
      const { status, body } = await send('POST', `${path}/resume`, { token });
      expect([status, body.id, body.state]).toEqual([200, id, 'active']);
    }
    for (let i = 0; i < 2; i++) expect((await send('DELETE', path, { token })).status).toBe(204);

    const nothing = [unknownOfPerson, `/api/admin/people/${me.oid}/app-passwords/${unknownUuid}`];
    for (const none of nothing) expectProblem(await send('DELETE', none, { token }), 404, 'not-found');
    for (const none of [...nothing, path]) {
      expectProblem(await send('POST', `${none}/suspend`, { token }), 404, 'not-found');
      expectProblem(await send('POST', `${none}/resume`, { token }), 404, 'not-found');
    }
  });

  test('all are deleted, and a person is erased', async () => {
    const me = await somebody();
    await me.create();
    await me.create();
    const token = await administratorToken();
    const path = `/api/admin/people/${me.oid}`;
    for (const deleted of [2, 0]) {
      const answer = await send('POST', `${path}/delete-all`, { token, json: { confirm: true } });
      expect([answer.status, answer.body]).toEqual([200, { deleted }]);
    }
    for (let i = 0; i < 2; i++) expect((await send('DELETE', path, { token })).status).toBe(204);
    expectProblem(await send('GET', path, { token }), 404, 'not-found');
  });

  test('an account is disabled, enabled and renamed', async () => {
    const me = await somebody();
    await me.create();
    const token = await administratorToken();
    const path = `/api/admin/people/${me.oid}`;
    const set = (json: object) => send('PATCH', path, { token, json });
    const { username } = me;
    for (const account of ['disabled', 'enabled'] as const) {
      const answer = await set({ account });
      expect([answer.status, answer.body]).toEqual([200, { id: me.oid, username, account }]);
    }
    const renamed = await set({ username: `NEW-${username}` });
    expect(renamed.body).toEqual({ id: me.oid, username: `new-${username}`, account: 'enabled' });
    expect((await set({})).body).toEqual(renamed.body);
    expectProblem(await set({ username: 'carol@elsewhere.example' }), 400, 'invalid-request');
    expectProblem(await send('PATCH', unknownPerson, { token, json: {} }), 404, 'not-found');

    const later = await somebody({ iat: now() + 30 });
    await later.create();
    expectProblem(await set({ username: later.username }), 403, 'username-not-accepted');
  });

  test('the policy is replaced by who has seen it', async () => {
    const token = await administratorToken();
    const path = '/api/admin/policy';
    const get = () => send('GET', path, { token });
    const put = (json: Policy, etag: string | null) =>
      send('PUT', path, { token, json, headers: etag === null ? {} : { 'if-match': etag } });
    const first = await get();
    expect(first.body).toEqual(defaultPolicy);
    const etag = first.headers.get('etag');
    const wanted = { ...defaultPolicy, maximumLifetimeDays: 3650 };
    const set = await put(wanted, etag);
    expect([set.status, set.body]).toEqual([200, wanted]);
    expect((await get()).headers.get('etag')).toBe(set.headers.get('etag'));
    expectProblem(await put(defaultPolicy, etag), 412, 'precondition-failed');
    expect((await get()).body).toEqual(wanted);
    expect((await put(defaultPolicy, set.headers.get('etag'))).status).toBe(200);
  });

  /** Replaces the policy as it is now, by an If-Match made of its ETag. */
  async function replace(ifMatch: (etag: string) => string | undefined): Promise<Answer> {
    const token = await administratorToken();
    const { headers, body } = await send('GET', '/api/admin/policy', { token });
    const json = { ...defaultPolicy, limit: body.limit === 39 ? 38 : 39 };
    const over = ifMatch(headers.get('etag') as string);
    const ifMatchField = over === undefined ? {} : { 'if-match': over };
    return send('PUT', '/api/admin/policy', { token, json, headers: ifMatchField });
  }

  test.each<[string, (etag: string) => string]>([
    ['as it came', (etag) => etag],
    ['with white space around it', (etag) => ` \t${etag}\t `],
    ['first of a list', (etag) => `${etag}, "AAAA"`],
    ['last of a list, without spaces', (etag) => `"AAAA","B,B",${etag}`],
    ['in a list with empty elements', (etag) => `, ,"AAAA" , ,${etag},,`],
    ['beside an empty tag, and one of other characters', (etag) => `"", "!#[]~", ${etag}`],
    ['twice', (etag) => `${etag}, ${etag}`],
    ['weak, as a proxy that compresses makes it', (etag) => `W/${etag}`],
    ['weak in a list', (etag) => `W/"AAAA", W/${etag}`],
    ['as whatever there is', () => '*'],
    ['as whatever there is, with white space', () => ' * '],
  ])('the policy is replaced over its ETag %s', async (_name, ifMatch) => {
    expect((await replace(ifMatch)).status).toBe(200);
  });

  test.each<[string, (etag: string) => string]>([
    ['another', () => '"unknown"'],
    ['another of the same alphabet', () => '"AAAA"'],
    ['a weak other', () => 'W/"AAAA"'],
    ['an empty one', () => '""'],
    ['a list of others', () => '"AAAA", W/"BBBB", ""'],
    ['its own with what Apache appends', (etag) => etag.replace(/"$/, '-gzip"')],
    ['its own in capitals', (etag) => etag.toUpperCase()],
    ['the half of it', (etag) => `${etag.slice(0, 8)}"`],
    ['its own inside another', (etag) => `"x,${etag.slice(1, -1)}"`],
    ['its own, weak inside the quotes', (etag) => etag.replace('"', '"W/')],
    ['a star in quotes', () => '"*"'],
  ])('a policy over an ETag that is not that of the present one is 412: %s', async (_name, ifMatch) => {
    expectProblem(await replace(ifMatch), 412, 'precondition-failed');
  });

  test.each<[string, (etag: string) => string | undefined]>([
    ['none', () => undefined],
    ['empty', () => ''],
    ['only commas', () => ' , ,'],
    ['without quotes', (etag) => etag.slice(1, -1)],
    ['with one quote', (etag) => etag.slice(0, -1)],
    ['in single quotes', (etag) => etag.replaceAll('"', "'")],
    ['weak in small letters', (etag) => `w/${etag}`],
    ['weak with a space', (etag) => `W/ ${etag}`],
    ['a list without commas', (etag) => `${etag} ${etag}`],
    ['a list with semicolons', (etag) => `${etag}; ${etag}`],
    ['a star in a list', (etag) => `${etag}, *`],
    ['two stars', () => '*, *'],
    ['a space in the quotes', () => '"A A"'],
    ['a word beside it', (etag) => `${etag} or not`],
    ['a date', () => 'Sat, 28 Nov 2026 10:00:00 GMT'],
  ])('a policy over an If-Match that is malformed is 400: %s', async (_name, ifMatch) => {
    const refused = await replace(ifMatch);
    expectProblem(refused, 400, 'invalid-request');
    expect(refused.body.errors).toMatchObject([{ field: 'If-Match' }]);
  });

  test('of many changes over one ETag at once, one is done', async () => {
    const token = await administratorToken();
    const { headers } = await send('GET', '/api/admin/policy', { token });
    const over = { 'if-match': headers.get('etag') as string };
    const put = (limit: number) =>
      send('PUT', '/api/admin/policy', { token, json: { ...defaultPolicy, limit }, headers: over });
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => put(10 + i)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    await setPolicy({});
  });

  test('the report counts people and app passwords', async () => {
    await (await somebody()).create();
    const token = await administratorToken();
    const report = (query = '') => send('GET', `/api/admin/report${query}`, { token });
    const { status, body } = await report();
    expect(status).toBe(200);
    expect(body.counts.people).toBeGreaterThan(0);
    for (const wrong of ['', 'x', Buffer.from('{}').toString('base64')]) {
      expectProblem(await report(`?continuation=${wrong}`), 400, 'invalid-request');
    }
  });

  test('it is seen whether a directory is followed', async () => {
    const { status, body } = await send('GET', '/api/admin/directory', { token: await administratorToken() });
    expect([status, body.configured, body.lastSuccessAt]).toEqual([200, false, null]);
  });
});

describe('What a gateway asks', () => {
  test('good credentials are 200 with the canonical username, in every way to send it', async () => {
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

  test.each(['GET', 'POST'])(
    '%s without good credentials is 401, and with two of them 400',
    async (method) => {
      const pair = basic('alice@example.com', strangePassword());
      const refused = (headers: Record<string, string>, path = '/api/verify') =>
        send(method, path, { headers: { ...gatewayKey(), ...headers } });
      expectProblem(await refused(pair), 401, 'invalid-credentials');
      expectProblem(await refused({}), 401, 'invalid-credentials');
      expectProblem(await refused({ 'auth-user': 'alice' }), 401, 'invalid-credentials');
      expectProblem(await refused({ ...pair, 'auth-user': 'alice' }), 400, 'ambiguous-credentials');
      expectProblem(await refused(pair, '/api/verify?password=x'), 400, 'ambiguous-credentials');
    },
  );

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
  test('health is 200, also by HEAD, with the headers of GET and no body', async () => {
    const [full, head] = [await send('GET', '/api/health'), await send('HEAD', '/api/health')];
    expect([full.status, full.body]).toEqual([200, { status: 'ok' }]);
    expect([head.status, head.body]).toEqual([200, '']);
    const ofTheConnection = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'];
    const described = ({ headers }: Answer) =>
      [...headers].filter(([name]) => !ofTheConnection.includes(name));
    expect(described(head)).toEqual(described(full));
  });

  test.each(personal)('%s %s is 503 while storage is away', async (method, path, json) => {
    const { token } = await somebody();
    const answer = await send(method, path, { token, json }, withoutStorage.origin);
    expectProblem(answer, 503, 'temporarily-unavailable');
  });

  test.each(administrative)('%s %s is 503 while storage is away', async (method, path, json) => {
    const options = { token: await administratorToken(), json, headers: headersOf(method) };
    const answer = await send(method, path, options, withoutStorage.origin);
    expectProblem(answer, 503, 'temporarily-unavailable');
  });

  test('verify and health are 503 while storage is away', async () => {
    const { origin } = withoutStorage;
    const pair = { username: 'alice@example.com', password: strangePassword() };
    const headers = { ...gatewayKey(), ...basic(pair.username, pair.password) };
    const answers = await Promise.all([
      send('GET', '/api/verify', { headers }, origin),
      send('POST', '/api/verify', { headers: gatewayKey(), json: pair }, origin),
      send('GET', '/api/health', {}, origin),
    ]);
    for (const answer of answers) expectProblem(answer, 503, 'temporarily-unavailable');
    const head = await send('HEAD', '/api/health', {}, origin);
    expect([head.status, head.headers.get('retry-after'), head.body]).toEqual([503, '5', '']);
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
    ['GET', `${unknownId}/revive`],
    ['POST', '/api/activity'],
    ['PUT', '/api/policy'],
    ['GET', '/api/admin/people'],
    ['PUT', unknownPerson],
    ['GET', unknownOfPerson],
    ['PATCH', '/api/admin/policy'],
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
  const username = 'alice@example.com';
  const listOf = (...appPasswords: unknown[]) => ({ username, appPasswords, limit: 40, remaining: 39 });
  const check = (
    answer: { status?: number; headers?: Record<string, string>; body?: unknown },
    asked: Parameters<typeof expectContract>[0] = request,
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

  test('finds a body in an answer to HEAD', () => {
    const head = { method: 'HEAD', path: '/api/health', json: undefined };
    expect(check({ body: '' }, head)).not.toThrow();
    expect(check({ body: { status: 'ok' } }, head)).toThrow('an answer to HEAD has a body');
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
    for (const wrong of [
      { protocols: [] },
      { protocols: ['ftp'] },
      { expiresAt: '2099-01-01' },
      { lifetimeDays: 3651 },
      { lifetimeDays: 1, expiresAt: '2099-01-01T00:00:00Z' },
    ]) {
      const wanted = { ...creation, json: { name: 'Phone', ...wrong } };
      expect(check(answer, wanted)).toThrow('it took a request that the document refuses');
    }
  });

  test('finds a parameter that is missing or wrong', () => {
    const change = { method: 'PUT', path: '/api/admin/policy', json: defaultPolicy };
    const answer = { headers: { etag: '"version"' }, body: defaultPolicy };
    expect(check(answer, change)).toThrow('it took a request without If-Match');
    const taken = (over: string) => check(answer, { ...change, headers: { 'if-match': over } });
    for (const wrong of ['before', 'w/"before"', '"a" "b"', '*, "before"', '"be fore"'])
      expect(taken(wrong)).toThrow('it took a request whose If-Match the document refuses');
    for (const right of ['"before"', 'W/"before"', '"a", ,"before"', '*']) expect(taken(right)).not.toThrow();
    const deletion = { method: 'DELETE', path: '/api/app-passwords/1', json: undefined };
    const deleted = new Headers({ 'cache-control': 'no-store' });
    expect(() => expectContract(deletion, { status: 204, headers: deleted, body: '' })).toThrow('whose id');
  });

  test('finds a reason for a suspension where there is none, and none where there is one', () => {
    const suspended = { ...appPassword, state: 'suspended' };
    const suspendedFor = ['idle'];
    expect(check({ body: listOf({ ...suspended, suspendedFor }) })).not.toThrow();
    for (const wrong of [suspended, { ...suspended, suspendedFor: [] }, { ...appPassword, suspendedFor }]) {
      expect(check({ body: listOf(wrong) })).toThrow('the body is wrong');
    }
  });

  test('finds an answer where there is nothing, and never repeats the query', () => {
    const nowhere = check({}, { ...request, path: '/api/secrets?password=hunter2' });
    expect(nowhere).toThrow('only a 404 with an empty body is right');
    expect(nowhere).not.toThrow('hunter2');
    expect(check({ status: 418 })).not.toThrow('hunter2');
  });
});
