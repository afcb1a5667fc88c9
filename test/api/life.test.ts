import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import { wasNight } from '../../shared/runtime/timer.ts';
import { type Answer, call, gateway, person, strangePassword } from '../../testing/api.ts';
import { type Service, startService } from '../../testing/service.ts';
import { onlyOnDemand, runTimer } from '../../testing/timer.ts';
import { startWorldClock, type WorldClock } from '../../testing/world-clock.ts';

const day = 24 * 3600_000;
const users = Array.from({ length: 40 }, (_, i) => ({
  username: `person${i}@example.com`,
  oid: `person-${i}`,
}));
const first = users[39] as (typeof users)[number];
const user = { username: 'user@example.com', oid: 'user', roles: ['AppPasswords.User'] };

let service: Service;
let clock: WorldClock;
let admin: string;
let people = 0;

beforeAll(async () => {
  clock = startWorldClock();
  service = await startService({
    users: [...users, user],
    settings: () => ({ ...clock.settings, ...onlyOnDemand('upkeep') }),
  });
  admin = await service.token('bob@example.com');
});

afterAll(async () => {
  await service.close();
  clock.close();
});

/** Somebody whom no other test knows. */
async function somebody() {
  const index = people++;
  const username = `person${index}@example.com`;
  const token = await service.token(username);
  return { username, token, oid: `person-${index}`, ...person(service.origin, token) };
}

type Json = Record<string, unknown>;

const create = (token: string, json: Json) =>
  call(service.origin, 'POST', '/api/app-passwords', { token, json });
const revive = (token: string, id: string) =>
  call(service.origin, 'POST', `/api/app-passwords/${id}/revive`, { token });
const activity = async (token: string) =>
  (await call(service.origin, 'GET', '/api/activity', { token })).body;
const administer = (method: string, path: string, json?: Json, headers: Record<string, string> = {}) =>
  call(service.origin, method, `/api/admin${path}`, { token: admin, headers, ...(json && { json }) });
const viewed = async (oid: string) => (await administer('GET', `/people/${oid}`)).body;

/** Sets the policy, with the usual one for what is not named. */
async function setPolicy(policy: Json): Promise<Answer> {
  const { headers } = await administer('GET', '/policy');
  const json = { creation: 'everybody', verification: 'allowed', limit: 40 };
  const none = { maximumLifetimeDays: null, idleDays: null, protocols: null };
  const answer = await administer(
    'PUT',
    '/policy',
    { ...json, ...none, ...policy },
    {
      'if-match': headers.get('etag') as string,
    },
  );
  expect(answer.status).toBe(200);
  return answer;
}

/** Whether the credentials are good over a protocol. */
async function works({ username }: { username: string }, password: string, protocol?: string) {
  const { verifyJson } = gateway(service.origin, service.gatewayKey);
  const { status } = await verifyJson({ username, password, ...(protocol !== undefined && { protocol }) });
  expect([200, 401]).toContain(status);
  return status === 200;
}

const inDays = (count: number) => new Date(clock.now() + count * day).toISOString();

/** Lets days pass for one person, whose rows become that much older; the sign-ins of everybody stay new. */
async function letPass(oid: string, days: number): Promise<void> {
  const filter = `PartitionKey eq '${tenantId}.${oid}'`;
  const rows = service.tables.passwords.listEntities<Json>({ queryOptions: { filter } });
  for (const { partitionKey = '', rowKey = '', ...columns } of await Array.fromAsync(rows)) {
    const times = Object.entries(columns).filter(([, value]) => value instanceof Date);
    const older = times.map(([name, value]) => [name, new Date((value as Date).getTime() - days * day)]);
    await service.tables.passwords.updateEntity(
      { partitionKey, rowKey, ...Object.fromEntries(older) },
      'Merge',
    );
  }
}

describe('Protocols', () => {
  test('an app password for some protocols works over these, and over none that is not known', async () => {
    const me = await somebody();
    const { body, status } = await create(me.token, { name: 'Scanner', protocols: ['smtp', 'imap'] });
    expect([status, body.protocols]).toEqual([201, ['imap', 'smtp']]);
    expect((await me.list()).body.appPasswords[0].protocols).toEqual(['imap', 'smtp']);
    for (const protocol of ['imap', 'smtp', 'submission', 'SMTP'])
      expect(await works(me, body.password, protocol)).toBe(true);
    for (const protocol of ['pop3', 'dav', 'gopher', '', undefined])
      expect(await works(me, body.password, protocol)).toBe(false);
  });

  test('the gateway’s key says what it may speak for: a header does not open a restricted one', async () => {
    const me = await somebody();
    const { password } = (await create(me.token, { name: 'Scanner', protocols: ['smtp'] })).body;
    const { addGateway } = await import('../../operator/gateway-registry.ts');
    const key = await addGateway(service.stack.vault, 'calendar', { protocols: 'dav' });
    const calendar = gateway(service.origin, key);
    for (const headers of [{}, { 'x-protocol': 'smtp' }, { 'x-dovecot-auth-service': 'smtp' }])
      expect((await calendar.verify(me.username, password, headers)).status).toBe(401);
    const mail = gateway(service.origin, service.gatewayKey);
    expect((await mail.verify(me.username, password, { 'x-protocol': 'smtp' })).status).toBe(200);
  });

  test('one that the policy withdraws is withdrawn from those that exist, and given back with it', async () => {
    const me = await somebody();
    const all = (await me.create('Phone')).body;
    const some = (await create(me.token, { name: 'Scanner', protocols: ['imap', 'smtp'] })).body;
    await setPolicy({ protocols: ['smtp', 'eas'] });
    try {
      expect(await works(me, all.password, 'eas')).toBe(true);
      for (const protocol of ['imap', undefined]) expect(await works(me, all.password, protocol)).toBe(false);
      expect(await works(me, some.password, 'smtp')).toBe(true);
      for (const protocol of ['imap', 'eas']) expect(await works(me, some.password, protocol)).toBe(false);
      const list = (await me.list()).body.appPasswords;
      expect(list.map(({ protocols }: Json) => protocols)).toEqual([['smtp'], ['smtp', 'eas']]);
      const refused = await create(me.token, { name: 'Phone', protocols: ['smtp', 'imap'] });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'protocols' }] } });
      expect((await create(me.token, { name: 'Phone', protocols: ['eas'] })).status).toBe(201);
    } finally {
      await setPolicy({});
    }
    expect(await works(me, some.password, 'imap')).toBe(true);
    expect(await works(me, all.password)).toBe(true);
  });
});

describe('Expiry', () => {
  test('an app password works until its last moment, and counts and shows after it', async () => {
    const me = await somebody();
    const expiresAt = inDays(7);
    const { body } = await create(me.token, { name: 'Visit', expiresAt });
    expect(body.expiresAt).toBe(expiresAt);
    expect(await works(me, body.password)).toBe(true);
    await letPass(me.oid, 7);
    expect(await works(me, body.password)).toBe(false);
    const list = (await me.list()).body;
    expect(list).toMatchObject({ remaining: 39, appPasswords: [{ name: 'Visit', state: 'expired' }] });
  });

  test('may be said in days, of which the service makes a moment by its own clock', async () => {
    const me = await somebody();
    const { body } = await create(me.token, { name: 'Visit', lifetimeDays: 7 });
    expect(Date.parse(body.expiresAt)).toBe(Date.parse(body.createdAt) + 7 * day);
    const wrong = { status: 400, body: { errors: [{ field: 'lifetimeDays' }] } };
    const both = { lifetimeDays: 7, expiresAt: inDays(7) };
    expect(await create(me.token, { name: 'Both', ...both })).toMatchObject(wrong);
    await setPolicy({ maximumLifetimeDays: 6 });
    try {
      expect(await create(me.token, { name: 'Long', lifetimeDays: 7 })).toMatchObject(wrong);
      expect(await me.register('Long', {}, { lifetimeDays: 7 })).toMatchObject(wrong);
      expect((await me.register('First', {}, { lifetimeDays: 6 })).status).toBe(201);
    } finally {
      await setPolicy({});
    }
  });

  test('the policy’s maximum caps it, also for those that exist, and gives it back', async () => {
    const me = await somebody();
    const free = (await me.create('Free')).body;
    const long = (await create(me.token, { name: 'Long', expiresAt: inDays(300) })).body;
    const short = (await create(me.token, { name: 'Short', expiresAt: inDays(3) })).body;
    await setPolicy({ maximumLifetimeDays: 30 });
    try {
      const left = (at: string) => Math.round((Date.parse(at) - clock.now()) / day);
      const shown = (await me.list()).body.appPasswords;
      expect(shown.map(({ expiresAt }: { expiresAt: string }) => left(expiresAt))).toEqual([3, 30, 30]);
      const capped = await create(me.token, { name: 'Capped', expiresAt: inDays(400) });
      expect([capped.status, left(capped.body.expiresAt)]).toEqual([201, 30]);
      await letPass(me.oid, 31);
      for (const { password } of [free, long, short]) expect(await works(me, password)).toBe(false);
    } finally {
      await setPolicy({});
    }
    expect(await works(me, free.password)).toBe(true);
    expect(await works(me, long.password)).toBe(true);
    expect(await works(me, short.password)).toBe(false);
  });

  test('in the past is refused', async () => {
    const me = await somebody();
    const refused = await create(me.token, { name: 'Late', expiresAt: inDays(-1) });
    const late = { status: 400, body: { errors: [{ field: 'expiresAt' }] } };
    expect(refused).toMatchObject(late);
    expect(await me.register('Late', {}, { expiresAt: inDays(-1) })).toMatchObject(late);
    expect((await me.list()).body.appPasswords).toEqual([]);
  });
});

describe('An app password that is not used for the policy’s days', () => {
  test('is suspended, is revived by its owner, and lives on while it is used', async () => {
    const me = await somebody();
    const { id, password } = (await me.create('Old laptop')).body;
    const used = (await me.create('Phone')).body;
    await setPolicy({ idleDays: 60 });
    try {
      await letPass(me.oid, 40);
      expect(await works(me, used.password)).toBe(true);
      await vi.waitFor(async () => {
        const { appPasswords } = await viewed(me.oid);
        expect(appPasswords[0].lastUsed).not.toBeNull();
      });
      await letPass(me.oid, 20);
      expect(await works(me, used.password)).toBe(true);
      expect(await works(me, password)).toBe(false);
      const listed = (await me.list()).body.appPasswords;
      expect(listed[0]).toMatchObject({ state: 'active' });
      expect(listed[1]).toMatchObject({ state: 'suspended', suspendedFor: ['idle'] });
      expect(await revive(me.token, id)).toMatchObject({ status: 200, body: { id, state: 'active' } });
      expect((await revive(me.token, id)).status).toBe(200);
      expect(await works(me, password)).toBe(true);
      expect((await activity(me.token)).changes[0]).toMatchObject({
        kind: 'revived',
        by: 'person',
        appPassword: { id },
      });
      await letPass(me.oid, 61);
      expect(await works(me, password)).toBe(false);
    } finally {
      await setPolicy({});
    }
    expect(await works(me, password)).toBe(true);
  });

  test('is revived by nobody else, and nobody revives what an administrator suspended', async () => {
    const [me, other] = [await somebody(), await somebody()];
    const { id, password } = (await me.create('Phone')).body;
    expect((await revive(other.token, id)).status).toBe(404);
    await administer('POST', `/people/${me.oid}/app-passwords/${id}/suspend`);
    expect(await revive(me.token, id)).toMatchObject({
      status: 200,
      body: { state: 'suspended', suspendedFor: ['administrator'] },
    });
    expect(await works(me, password)).toBe(false);
  });
});

describe('A refusal', () => {
  test('of a deleted, expired, suspended or wrong-protocol password is told to its owner, with its reason', async () => {
    const me = await somebody();
    const [deleted, expired, suspended] = [
      (await me.create('Old phone')).body,
      (await create(me.token, { name: 'Visit', expiresAt: inDays(1) })).body,
      (await me.create('Tablet')).body,
    ];
    const scanner = (await create(me.token, { name: 'Scanner', protocols: ['smtp'] })).body;
    await me.remove(deleted.id);
    await administer('POST', `/people/${me.oid}/app-passwords/${suspended.id}/suspend`);
    await letPass(me.oid, 1);
    expect((await activity(me.token)).refusals).toEqual([]);
    for (const { password } of [deleted, expired, suspended, scanner]) {
      const { verifyJson } = gateway(service.origin, service.gatewayKey);
      const typed = { username: me.username, password, protocol: 'imap', clientAddress: '203.0.113.7' };
      expect((await verifyJson(typed)).status).toBe(401);
    }
    const where = { protocol: 'imap', gateway: 'local', clientAddress: '203.0.113.7' };
    await vi.waitFor(async () => {
      const { refusals } = await activity(me.token);
      const told = refusals.map(({ appPassword, count, recent }: Json) => [appPassword, count, recent]);
      expect(told).toHaveLength(4);
      for (const [name, state, reason] of [
        ['Old phone', 'deleted', 'deleted'],
        ['Visit', 'expired', 'expired'],
        ['Tablet', 'suspended', 'suspended'],
        ['Scanner', 'active', 'wrong-protocol'],
      ])
        expect(told).toContainEqual([
          expect.objectContaining({ name, state }),
          1,
          [{ at: expect.any(String), reason, ...where }],
        ]);
    });
  });

  test('is counted in memory, and written at most once in 15 minutes', async () => {
    const me = await somebody();
    const { id, password } = (await me.create('Old phone')).body;
    await me.remove(id);
    const refusals = async () => (await activity(me.token)).refusals[0];
    const counts = (count: number) =>
      vi.waitFor(async () => expect(await refusals()).toMatchObject({ appPassword: { id }, count }));
    await works(me, password, 'imap');
    await counts(1);
    const { rowKey, etag } = await rowOf(me.oid, id);
    for (let i = 0; i < 11; i++) expect(await works(me, password, 'smtp')).toBe(false);
    expect((await rowOf(me.oid, id)).etag).toBe(etag);
    clock.advance({ minutes: 15 });
    // Whatever is asked next, the count is written after it.
    await works(me, strangePassword());
    await counts(12);
    expect((await refusals()).recent).toHaveLength(10);
    expect((await rowOf(me.oid, id)).rowKey).toBe(rowKey);
  });

  test('of a password that the person never had is counted for the administrator', async () => {
    const me = await somebody();
    await me.create('Phone');
    const before = clock.now();
    await works(me, strangePassword(), 'imap');
    await vi.waitFor(async () => {
      const { refusals } = await viewed(me.oid);
      expect(refusals).toMatchObject({
        count: 1,
        recent: [{ reason: 'unknown-app-password', protocol: 'imap' }],
      });
      expect(Date.parse(refusals.since)).toBeGreaterThanOrEqual(before);
    });
    expect((await activity(me.token)).refusals).toEqual([]);
  });

  async function rowOf(oid: string, id: string) {
    const filter = `PartitionKey eq '${tenantId}.${oid}' and id eq '${id}' and state ge ''`;
    const rows = await Array.fromAsync(service.tables.passwords.listEntities({ queryOptions: { filter } }));
    return rows[0] as { etag: string; rowKey: string };
  }
});

describe('Addresses of clients', () => {
  const lastUsed = async (oid: string) => (await viewed(oid)).appPasswords[0].lastUsed;

  test('are shown for the days that the setting says', async () => {
    const me = await somebody();
    const { password } = (await me.create('Phone')).body;
    const { verifyJson } = gateway(service.origin, service.gatewayKey);
    const typed = { username: me.username, password, protocol: 'imap', clientAddress: '203.0.113.7' };
    await verifyJson(typed);
    const used = { protocol: 'imap', gateway: 'local' };
    await vi.waitFor(async () =>
      expect(await lastUsed(me.oid)).toMatchObject({ ...used, clientAddress: '203.0.113.7' }),
    );
    await letPass(me.oid, 91);
    expect(await lastUsed(me.oid)).toMatchObject({ ...used, clientAddress: null });
  });

  test.each([
    ['in the minute before', '2026-11-28T03:29:00Z', '2026-11-28T03:30:00Z', true],
    ['a minute later', '2026-11-28T03:30:00Z', '2026-11-28T03:31:00Z', false],
    ['at noon', '2026-11-28T11:59:00Z', '2026-11-28T12:00:00Z', false],
    ['over a night without an instance', '2026-11-28T02:00:00Z', '2026-11-28T09:00:00Z', true],
    ['over midnight', '2026-11-28T23:59:00Z', '2026-11-29T00:00:00Z', false],
  ])('are removed once a night, whenever the timer ran: %s', (_, last, now, isDue) => {
    expect(wasNight(Date.parse(last), Date.parse(now))).toBe(isDue);
  });

  test('are removed from the table at night when their time is over, and no others', async () => {
    const [old, recent] = [await somebody(), await somebody()];
    const { verifyJson } = gateway(service.origin, service.gatewayKey);
    for (const me of [old, recent]) {
      const { password } = (await me.create('Phone')).body;
      for (const secret of [password, strangePassword()])
        await verifyJson({ username: me.username, password: secret, clientAddress: '203.0.113.7' });
      await vi.waitFor(async () => expect((await stored(me.oid)).match(/203\.0\.113\.7/g)).toHaveLength(2));
    }
    await letPass(old.oid, 91);
    await letRefusalsPass(old.oid, 91);
    await runTimer(service.host, 'upkeep');
    expect(await stored(old.oid)).not.toContain('203.0.113.7');
    expect((await viewed(old.oid)).refusals.count).toBe(1);
    expect((await stored(recent.oid)).match(/203\.0\.113\.7/g)).toHaveLength(2);
  });

  async function stored(oid: string): Promise<string> {
    const queryOptions = { filter: `PartitionKey eq '${tenantId}.${oid}'` };
    return JSON.stringify(await Array.fromAsync(service.tables.passwords.listEntities({ queryOptions })));
  }

  /** As {@link letPass}, for what the profile keeps of refusals. */
  async function letRefusalsPass(oid: string, days: number): Promise<void> {
    const place = [`${tenantId}.${oid}`, 'profile'] as const;
    const { refusals = '' } = await service.tables.passwords.getEntity<{ refusals: string }>(...place);
    const older = refusals.replace(/"at":(\d+)/g, (_, at) => `"at":${Number(at) - days * day}`);
    const [partitionKey, rowKey] = place;
    await service.tables.passwords.updateEntity({ partitionKey, rowKey, refusals: older }, 'Merge');
  }

  test('are not even stored where it says 0', async () => {
    const me = await somebody();
    const { password } = (await me.create('Phone')).body;
    const other = await service.anotherHost({ CLIENT_ADDRESS_DAYS: '0' });
    const { verifyJson } = gateway(other.origin, service.gatewayKey);
    for (const secret of [password, strangePassword()])
      await verifyJson({ username: me.username, password: secret, clientAddress: '203.0.113.7' });
    await vi.waitFor(async () => {
      const { appPasswords, refusals } = await viewed(me.oid);
      expect([appPasswords[0].lastUsed?.clientAddress, refusals?.recent[0].clientAddress]).toEqual([
        null,
        null,
      ]);
    });
    expect(await stored(me.oid)).not.toContain('203.0.113.7');
  });
});

describe('The policy', () => {
  test('denies creation, and what exists goes on, is listed and can be deleted', async () => {
    const me = await somebody();
    const { id, password } = (await me.create('Phone')).body;
    await setPolicy({ creation: 'nobody' });
    try {
      const mayCreate = async (token: string) =>
        (await call(service.origin, 'GET', '/api/policy', { token })).body.mayCreate;
      expect(await mayCreate(me.token)).toBe(false);
      const denied = { status: 403, body: { type: '/problems/creation-denied' } };
      expect(await me.create('Laptop')).toMatchObject(denied);
      expect(await me.register('First')).toMatchObject(denied);
      expect(await works(me, password)).toBe(true);
      expect((await me.list()).body.appPasswords).toMatchObject([{ id, state: 'active' }]);
      expect((await me.rename(id, 'Old phone')).status).toBe(200);
      expect((await me.remove(id)).status).toBe(204);
      await setPolicy({ creation: 'app-role' });
      expect(await me.create('Laptop')).toMatchObject(denied);
      const allowed = await service.token(user.username);
      expect(await mayCreate(allowed)).toBe(true);
      expect((await person(service.origin, allowed).create('Laptop')).status).toBe(201);
    } finally {
      await setPolicy({});
    }
    expect(await me.register('First')).toMatchObject({ status: 201, body: { password: expect.any(String) } });
  });

  test('denies verification, with the uniform refusal and its reason for the owner', async () => {
    const me = await somebody();
    const { password } = (await me.create('Phone')).body;
    await setPolicy({ verification: 'denied' });
    try {
      expect(await works(me, password)).toBe(false);
      await vi.waitFor(async () => {
        const [{ recent }] = (await activity(me.token)).refusals;
        expect(recent[0].reason).toBe('verification-denied');
      });
    } finally {
      await setPolicy({});
    }
    expect(await works(me, password)).toBe(true);
  });

  test('lowers the limit, and those beyond it go on', async () => {
    const me = await somebody();
    const made = [(await me.create('One')).body, (await me.create('Two')).body];
    await setPolicy({ limit: 1 });
    try {
      expect(await me.create('Three')).toMatchObject({
        status: 409,
        body: { type: '/problems/limit-reached' },
      });
      expect((await me.list()).body).toMatchObject({ limit: 1, remaining: 0, appPasswords: [{}, {}] });
      for (const { password } of made) expect(await works(me, password)).toBe(true);
    } finally {
      await setPolicy({});
    }
  });

  test('is versioned: of two changes of the same one the second is refused', async () => {
    const read = await administer('GET', '/policy');
    const etag = read.headers.get('etag') as string;
    const change = (limit: number, headers: Record<string, string>) =>
      administer('PUT', '/policy', { ...read.body, limit }, headers);
    try {
      expect((await change(30, { 'if-match': etag })).status).toBe(200);
      expect(await change(20, { 'if-match': etag })).toMatchObject({
        status: 412,
        body: { type: '/problems/precondition-failed' },
      });
      expect(await change(20, {})).toMatchObject({ status: 400, body: { errors: [{ field: 'If-Match' }] } });
      expect((await administer('GET', '/policy')).body.limit).toBe(30);
    } finally {
      await setPolicy({});
    }
  });

  test('holds on another instance within 60 seconds', async () => {
    const me = await somebody();
    const { password } = (await me.create('Phone')).body;
    const other = gateway((await service.anotherHost()).origin, service.gatewayKey);
    expect((await other.verify(me.username, password)).status).toBe(200);
    await setPolicy({ verification: 'denied' });
    try {
      clock.advance({ seconds: 59 });
      expect((await other.verify(me.username, password)).status).toBe(401);
    } finally {
      await setPolicy({});
    }
  });

  test('that is not one is refused, and nothing is repeated of it', async () => {
    const { headers, body } = await administer('GET', '/policy');
    const etag = { 'if-match': headers.get('etag') as string };
    for (const wrong of [
      { creation: 'friends' },
      { limit: 41 },
      { limit: 0 },
      { idleDays: 0 },
      { maximumLifetimeDays: 1.5 },
      { protocols: [] },
      { protocols: ['gopher'] },
      { other: 'friends' },
    ]) {
      const answer = await administer('PUT', '/policy', { ...body, ...wrong }, etag);
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body)).not.toMatch(/friends|gopher/);
    }
  });
});

describe('The activity of a person', () => {
  test('tells each change with who made it, newest first, and at most 100', async () => {
    const me = await somebody();
    const { id } = (await me.create('Phone')).body;
    await me.rename(id, 'Old phone');
    await administer('POST', `/people/${me.oid}/app-passwords/${id}/suspend`);
    await administer('POST', `/people/${me.oid}/app-passwords/${id}/resume`);
    await me.remove(id);
    const { changes } = await activity(me.token);
    expect(changes.map(({ kind, by, appPassword }: Json) => [kind, by, appPassword])).toEqual([
      ['deleted', 'person', { id, name: 'Old phone' }],
      ['resumed', 'administrator', { id, name: 'Old phone' }],
      ['suspended', 'administrator', { id, name: 'Old phone' }],
      ['renamed', 'person', { id, name: 'Old phone' }],
      ['created', 'person', { id, name: 'Phone' }],
    ]);
    const busy = (await me.create('Busy')).body;
    for (let i = 0; i < 105; i++) await me.rename(busy.id, `Busy ${i}`);
    const all = (await activity(me.token)).changes;
    expect(all).toHaveLength(100);
    expect(all[0].appPassword.name).toBe('Busy 104');
  });

  test('of somebody who did nothing yet is empty', async () => {
    expect(await activity(await service.token(first.username))).toEqual({ changes: [], refusals: [] });
  });
});
