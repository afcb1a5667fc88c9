import { beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../../local/identities.ts';
import { addGateway } from '../../operator/gateway-registry.ts';
import { adminRole, helpdeskRole } from '../../shared/domain/person/caller.ts';
import { defaultPolicy } from '../../shared/domain/policy/policy.ts';
import {
  type Answer,
  administrator,
  basic,
  call,
  gateway,
  person,
  strangePassword,
} from '../../testing/api.ts';
import { runTimer, serveInstance } from '../../testing/memory/functions.ts';
import { accessToken } from '../../testing/memory/identity-provider.ts';
import { alice, bob, personOn } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

const helper: User = { username: 'helper@example.com', oid: 'helper', roles: [helpdeskRole] };

let world: World;
let instance: Instance;
let origin: string;
/** An app password of alice. */
let own: { id: string; secret: string };

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
  origin = serveInstance(instance);
  own = await personOn(instance, alice).made();
  instance.records.length = 0;
});

const token = (user: User, change?: Record<string, unknown>) => accessToken(user, world.clock.now(), change);
const application = () =>
  token(
    { username: 'app@example.com', oid: 'app', roles: [adminRole] },
    { idtyp: 'app', scope: undefined, amr: undefined, auth_time: undefined },
  );
const events = () => instance.records.map(({ event }) => event);

type Row = readonly [name: string, status: number, send: (token: string) => Promise<Answer>];

const personal: readonly Row[] = [
  ['list', 200, (by) => person(origin, by).list()],
  ['rename', 200, (by) => person(origin, by).rename(own.id, 'Tablet')],
  ['delete', 204, (by) => person(origin, by).remove(own.id)],
  ['delete-all', 200, (by) => person(origin, by).removeAll()],
  ['activity', 200, (by) => person(origin, by).activity()],
];
const recent: readonly Row[] = [
  ['create', 201, (by) => person(origin, by).create('Laptop')],
  ['register', 201, (by) => person(origin, by).register('Laptop')],
  ['revive', 200, (by) => person(origin, by).revive(own.id)],
];
const views: readonly Row[] = [
  ['admin-find', 200, (by) => administrator(origin, by).find(alice.username)],
  ['admin-person', 200, (by) => administrator(origin, by).person(alice.oid)],
  ['admin-policy', 200, (by) => administrator(origin, by).policy()],
  ['admin-report', 200, (by) => administrator(origin, by).report()],
  ['admin-directory', 200, (by) => administrator(origin, by).directory()],
];
const setPolicy: Row = [
  'admin-policy-set',
  200,
  (by) => administrator(origin, by).setPolicy({ ...defaultPolicy, limit: 9 }, '*'),
];
const changes: readonly Row[] = [
  ['admin-account', 200, (by) => administrator(origin, by).setAccount(alice.oid, { account: 'disabled' })],
  ['admin-suspend', 200, (by) => administrator(origin, by).suspend(alice.oid, own.id)],
  ['admin-resume', 200, (by) => administrator(origin, by).resume(alice.oid, own.id)],
  ['admin-delete', 204, (by) => administrator(origin, by).remove(alice.oid, own.id)],
  ['admin-delete-all', 200, (by) => administrator(origin, by).removeAll(alice.oid)],
  ['admin-erase', 204, (by) => administrator(origin, by).erase(alice.oid)],
];

/** Holds an answer to what every fault is answered with, and to what is recorded of it. */
function expectFault(name: string, { status, headers }: Answer) {
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('5');
  expect(instance.records.at(-1)).toEqual({ event: 'function.failed', function: name, kind: 'unavailable' });
  expect(instance.faults).not.toEqual([]);
}

describe.each([...personal, ...recent])('The function %s', (name, status, send) => {
  test('answers its person, and hands its records on before that where it changes something', async () => {
    const answer = await send(await token(alice));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(instance.flushes).toEqual(['list', 'activity'].includes(name) ? [] : ['changes']);
    expect(events()).not.toContain('function.failed');
  });

  test('refuses whoever is nobody, proves no second factor, or is an application, and counts it', async () => {
    for (const [by, expected, reason] of [
      ['x', 401, 'malformed-token'],
      [await token(alice, { amr: ['pwd'] }), 401, 'no-second-factor'],
      [await token(alice, { exp: 1 }), 401, 'expired-token'],
      [await token(alice, { scope: 'another' }), 403, 'no-scope'],
      [await token(alice, { upn: 'alice@example.net' }), 403, 'username-not-accepted'],
      [await token(alice, { acct: 1 }), 403, 'guest'],
      [await application(), 403, 'application'],
    ] as const) {
      expect((await send(by)).status).toBe(expected);
      expect(instance.records.at(-1)).toMatchObject({ event: 'management.refused', reason });
    }
    expect((await personOn(instance, alice).list()).appPasswords).toMatchObject([
      { name: 'Phone', state: 'active' },
    ]);
  });

  test('answers a fault with 503, and records it', async () => {
    const by = await token(alice);
    world.fate(() => 'cut');
    expectFault(name, await send(by));
  });
});

test.each(recent)('The function %s wants a recent sign-in', async (_name, status, send) => {
  const since = Math.floor(world.clock.now() / 1000);
  const answer = await send(await token(alice, { auth_time: since - 961 }));
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toContain('max_age="900"');
  expect((await send(await token(alice, { auth_time: since - 959 }))).status).toBe(status);
});

test.each(personal)('The function %s takes an older sign-in', async (_name, status, send) => {
  expect((await send(await token(alice, { auth_time: 1 }))).status).toBe(status);
});

test('The function policy says what its person may do', async () => {
  const { status, body } = await person(origin, await token(alice)).policy();
  expect([status, body]).toEqual([
    200,
    { mayCreate: true, protocols: null, maximumLifetimeDays: null, idleDays: null },
  ]);
});

describe.each(views)('The function %s', (name, status, send) => {
  test('answers administrators, the helpdesk and applications with the role', async () => {
    for (const by of [await token(bob), await token(helper), await application()])
      expect((await send(by)).status).toBe(status);
    expect(events()).not.toContain('function.failed');
  });

  test('refuses everybody else, and counts it', async () => {
    for (const [by, expected, reason] of [
      ['x', 401, 'malformed-token'],
      [await token(bob, { amr: ['pwd'] }), 401, 'no-second-factor'],
      [await token(alice), 403, 'no-role'],
      [await token({ ...alice, roles: ['AppPasswords.User'] }), 403, 'no-role'],
    ] as const) {
      expect((await send(by)).status).toBe(expected);
      expect(instance.records.at(-1)).toMatchObject({ event: 'management.refused', act: 'read', reason });
    }
  });

  test('answers a fault with 503, and records it', async () => {
    const by = await token(bob);
    world.clock.advance({ minutes: 2 });
    world.fate(() => 'cut');
    expectFault(name, await send(by));
  });
});

describe.each([...changes, setPolicy])('The function %s', (name, status, send) => {
  test('answers an administrator with a recent sign-in, and hands its records on before that', async () => {
    expect((await send(await token(bob))).status).toBe(status);
    expect(instance.flushes).toEqual(['changes']);
    expect(events()).not.toContain('function.failed');
  });

  test('refuses everybody else, counts it, and does nothing', async () => {
    for (const [by, expected, reason] of [
      ['x', 401, 'malformed-token'],
      [await token(bob, { amr: ['pwd'] }), 401, 'no-second-factor'],
      [await token(bob, { auth_time: 1 }), 401, 'old-sign-in'],
      [await token(helper), 403, 'no-role'],
      [await token(alice), 403, 'no-role'],
    ] as const) {
      expect((await send(by)).status).toBe(expected);
      expect(instance.records.at(-1)).toMatchObject({ event: 'management.refused', reason });
    }
    expect((await personOn(instance, alice).list()).limit).toBe(40);
    expect((await personOn(instance, alice).list()).appPasswords).toMatchObject([{ state: 'active' }]);
  });

  test('answers a fault with 503, and records it', async () => {
    const by = await token(bob);
    world.fate(() => 'cut');
    expectFault(name, await send(by));
  });
});

test.each(changes)('The function %s answers an application with the role', async (_name, status, send) => {
  expect((await send(await application())).status).toBe(status);
});

test('The function admin-policy-set answers no application', async () => {
  const [, , send] = setPolicy;
  expect((await send(await application())).status).toBe(403);
  expect(instance.records.at(-1)).toMatchObject({ event: 'management.refused', reason: 'application' });
});

describe('Answers to administrators', () => {
  test('say what was not found, or not accepted', async () => {
    const admin = administrator(origin, await token(bob));
    expect((await admin.person('stranger')).status).toBe(404);
    expect((await admin.find('stranger')).status).toBe(404);
    expect((await admin.suspend(alice.oid, bob.oid)).status).toBe(404);
    expect((await admin.setAccount(alice.oid, { username: 'alice@example.net' })).status).toBe(400);
    expect((await admin.setAccount(bob.oid, { account: 'disabled' })).status).toBe(403);
    expect((await admin.report('x')).status).toBe(400);
    const { headers } = await admin.policy();
    await admin.setPolicy({ ...defaultPolicy, limit: 9 }, '*');
    expect((await admin.setPolicy(defaultPolicy, headers.get('etag') ?? '')).status).toBe(412);
  });

  test('a report that is gone on with is recorded once', async () => {
    const admin = administrator(origin, await token(bob));
    await admin.report();
    await admin.report('x');
    expect(events()).toEqual(['report.viewed']);
  });
});

describe('The functions verify and verify-grant', () => {
  const form = (password: string, key = world.gatewayKey) => ({
    grant_type: 'password',
    username: alice.username,
    password,
    client_secret: key,
  });
  const asks = (key = world.gatewayKey) => {
    const { verify, verifyJson, grant } = gateway(origin, key);
    return [
      (password: string) => verify(alice.username, password),
      (password: string) => verifyJson({ username: 'ALICE', password }),
      (password: string) => grant(form(password, key)),
    ];
  };

  test('answer with the canonical username', async () => {
    for (const ask of asks()) {
      const { status, headers, body } = await ask(own.secret);
      expect([status, headers.get('x-auth-user'), body.username]).toEqual([
        200,
        alice.username,
        alice.username,
      ]);
    }
  });

  test('refuse what is wrong', async () => {
    for (const password of [strangePassword(), 'hunter2']) {
      const answers = await Promise.all(asks().map((ask) => ask(password)));
      expect(answers.map(({ status, body }) => body.error ?? status)).toEqual([401, 401, 'invalid_grant']);
    }
  });

  test('answer a wrong key, and a fault, with 503', async () => {
    for (const ask of asks('wrong')) expect((await ask(own.secret)).status).toBe(503);
    expect(events()).toContain('gateway-key.refused');
    world.fate(() => 'cut');
    world.clock.advance({ seconds: 11 });
    for (const [index, ask] of asks().entries())
      expectFault(index === 2 ? 'verify-grant' : 'verify', await ask(own.secret));
  });

  test('answer with 503 where nobody can tell whether a key is new', async () => {
    await gateway(origin, world.gatewayKey).verify(alice.username, own.secret);
    world.keyVault.isAway = true;
    for (const ask of asks('wrong')) expect((await ask(own.secret)).status).toBe(503);
    expect(events()).toContain('function.failed');
  });

  test('note the network that a key is first used from', async () => {
    const from = { 'x-forwarded-for': 'ignored, 203.0.113.7:1234' };
    for (let i = 0; i < 2; i++)
      await gateway(origin, world.gatewayKey).verify(alice.username, own.secret, from);
    await instance.settle();
    expect(instance.records.filter(({ event }) => event === 'gateway.new-network')).toEqual([
      { event: 'gateway.new-network', gateway: 'mail', network: '203.0.113.0/24', isFirst: true },
    ]);
  });

  test('say to a gateway for RADIUS what FreeRADIUS reads', async () => {
    const key = await addGateway(world.keyVault.vault, 'radius', { protocols: 'radius' });
    world.clock.advance({ minutes: 1 });
    const { status, headers } = await gateway(origin, key).verify(alice.username, strangePassword());
    expect([status, headers.get('content-type')]).toEqual([401, 'application/json']);
  });

  test('want credentials, once', async () => {
    const key = { 'x-gateway-key': world.gatewayKey };
    expect((await call(origin, 'GET', '/api/verify', { headers: key })).status).toBe(401);
    const twice = {
      headers: { ...key, ...basic(alice.username, own.secret) },
      json: { username: 'a', password: 'b' },
    };
    expect((await call(origin, 'POST', '/api/verify', twice)).status).toBe(400);
    const unread = await call(origin, 'POST', '/api/verify/grant', {
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(unread.status).toBe(411);
  });
});

describe('The function health', () => {
  test('is well where everything answers, which serves for 5 seconds', async () => {
    for (const method of ['GET', 'HEAD'])
      expect((await call(origin, method, '/api/health')).status).toBe(200);
    world.fate(() => 'cut');
    expect((await call(origin, 'GET', '/api/health')).status).toBe(200);
    world.clock.advance({ seconds: 5 });
    expectFault('health', await call(origin, 'GET', '/api/health'));
  });

  test('is not well before it has read Key Vault', async () => {
    world.keyVault.isAway = true;
    const fresh = serveInstance(instanceIn(world));
    expect((await call(fresh, 'GET', '/api/health')).status).toBe(503);
  });
});

test('The function portal-settings tells the page where to sign in, as data to a browser and nothing else', async () => {
  const answer = await fetch(`${origin}/settings.json`);
  expect(await answer.json()).toEqual(instance.app.portal);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'cache-control': 'no-cache',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
  });
});

describe('The function upkeep', () => {
  const run = (last: number) =>
    runTimer(instance, 'upkeep', {
      schedule: { adjustForDST: false },
      scheduleStatus: { last: new Date(last).toISOString(), next: '', lastUpdated: '' },
      isPastDue: false,
    });

  test('forgets old addresses once a night', async () => {
    await personOn(instance, alice).opens(own.secret);
    await instance.settle();
    world.clock.advance({ minutes: 91 * 24 * 60 });
    const kept = async () =>
      (await Array.fromAsync(world.tables.passwords.listEntities<Record<string, unknown>>())).filter(
        ({ lastUsedClientAddress = '' }) => lastUsedClientAddress !== '',
      ).length;
    // It is noon.
    await run(world.clock.now() - 60_000);
    expect(await kept()).toBe(1);
    await run(world.clock.now() - 12 * 3_600_000);
    expect(await kept()).toBe(0);
  });

  test('records a fault, and leaves it to the next run', async () => {
    world.fate(() => 'cut');
    await run(0);
    expect(instance.records).toEqual([{ event: 'function.failed', function: 'upkeep', kind: 'unavailable' }]);
    expect(instance.flushes).toContain('everything');
  });
});

test('A defect of the app is 503 as well, and recorded as what it is', async () => {
  const failing = {
    ...instance.ports,
    passwords: { ...instance.ports.passwords, person: () => Promise.reject(new TypeError('a secret')) },
  };
  const broken = serveInstance({ ...instance, app: { ...instance.app, ports: failing } });
  const { status } = await person(broken, await token(alice)).list();
  expect(status).toBe(503);
  expect(instance.records.at(-1)).toEqual({ event: 'function.failed', function: 'list', kind: 'defect' });
  expect(JSON.stringify(instance.faults)).not.toContain('a secret');
});
