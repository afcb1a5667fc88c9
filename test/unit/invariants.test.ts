import { createHmac } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { User } from '../../local/identities.ts';
import { addGateway } from '../../operator/gateway-registry.ts';
import { rotatePepper } from '../../operator/pepper-rotation.ts';
import { deleteAllAppPasswords, deleteAppPassword } from '../../shared/domain/app-password/delete.ts';
import { register } from '../../shared/domain/app-password/register.ts';
import { renameAppPassword } from '../../shared/domain/app-password/rename.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { pepperSecret } from '../../shared/key-vault/pepper.ts';
import { basic, call, gateway, person as personAt, strangePassword } from '../../testing/api.ts';
import { serveInstance } from '../../testing/memory/functions.ts';
import { accessToken } from '../../testing/memory/identity-provider.ts';
import { alice, bob, personOn, signal, wanted } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

let world: World;
let one: Instance;
let other: Instance;

beforeEach(async () => {
  world = await memoryWorld();
  one = instanceIn(world);
  other = instanceIn(world);
});

async function everyRow() {
  const { passwords, usernames } = world.tables;
  const rows = [passwords, usernames].map((table) =>
    Array.fromAsync(table.listEntities<Record<string, unknown>>()),
  );
  return (await Promise.all(rows)).flat();
}

/** What is stored of a person. */
async function stored(person: string) {
  const rows = (await everyRow()).filter(({ partitionKey }) => partitionKey === person);
  return {
    count: rows.find(({ rowKey }) => rowKey === 'profile')?.count ?? 0,
    live: rows.filter(({ state }) => state === 'active').map(({ id }) => id),
  };
}

describe('Invariant 1: a password is never stored, logged or put into a URL', () => {
  test('only a keyed hash of it is stored, and neither it nor a typed username is seen anywhere', async () => {
    const me = personOn(one, alice);
    const { secret } = await me.made();
    const letters = secret.replaceAll('-', '');
    const [wrong, typedAsName] = [strangePassword(), strangePassword()];
    const unknownName = 'somebody.unknown@example.com';
    await me.opens(secret);
    await me.opens(wrong);
    for (const username of [typedAsName, unknownName]) await me.opens(secret, { username });
    await me.list();
    for (let i = 0; i < 2; i++) {
      await one.settle();
      world.clock.advance({ minutes: 16 });
      await me.opens(wrong);
    }

    const { value = '', properties } = await world.keyVault.vault.getSecret(pepperSecret);
    const digest = createHmac('sha256', Buffer.from(value, 'base64url'))
      .update(`app-password:1\0${me.person}\0${letters}`)
      .digest('base64url');
    const rows = await everyRow();
    expect(rows.map(({ rowKey }) => rowKey)).toContain(`${properties.version}.${digest}`);
    const seen = JSON.stringify([rows, world.requests, one.records, one.faults]).toLowerCase();
    for (const hidden of [secret, letters, wrong, wrong.replaceAll('-', ''), typedAsName, unknownName])
      expect(seen).not.toContain(hidden);
  });
});

describe('Invariant 2: no live password that its owner cannot see', () => {
  test.each(['cut', 'swallow'] as const)(
    'storage that goes away in the middle of any change leaves all of it or nothing (%s)',
    async (fate) => {
      const me = personOn(one, alice);
      const caller = me.caller();
      const [first, second] = [await me.made(), await me.made()];
      const { ports } = one;
      const changes = [
        () => me.create(),
        () => register(ports, { caller, wanted: wanted() }, signal),
        () => renameAppPassword(ports, { caller, id: second.id, name: `${Math.random()}` }, signal),
        () => deleteAppPassword(ports, { caller, id: first.id }, signal),
        () => deleteAllAppPasswords(ports, caller, signal),
      ];
      for (const change of changes) {
        for (let lost = 0; lost < 6; lost++) {
          // As long as storage is away, so long is tried again: until the time is up, for which nobody waits here.
          world.fate((index) => (index >= lost && index < lost + 3 ? fate : 'pass'));
          await change().catch((error) => expect(error).toBeInstanceOf(Unavailable));
          world.fate(() => 'pass');
          const { count, live } = await stored(me.person);
          const { appPasswords, remaining } = await me.list();
          expect(appPasswords.map(({ id }) => id).sort()).toEqual([...live].sort());
          expect(count).toBe(live.length);
          expect(remaining).toBe(40 - live.length);
        }
      }
    },
  );

  test('a create whose commit was lost on the way back has made one password, and it is the one that was answered', async () => {
    const me = personOn(one, alice);
    await me.made();
    let lost = 0;
    world.fate((_, request) => (request.includes('$batch') && lost++ === 0 ? 'swallow' : 'pass'));
    const { secret } = await me.made();
    expect(lost).toBeGreaterThan(0);
    expect((await me.list()).appPasswords).toHaveLength(2);
    expect(await me.opens(secret)).toBe(true);
  });
});

describe('Invariant 3: revoked means revoked at once', () => {
  test('a password that two instances just accepted is refused by both right after its deletion on one', async () => {
    const [here, there] = [personOn(one, alice), personOn(other, alice)];
    const { id, secret } = await here.made();
    for (const me of [here, there]) expect(await me.opens(secret)).toBe(true);
    await deleteAppPassword(one.ports, { caller: here.caller(), id }, signal);
    for (const me of [here, there]) expect(await me.opens(secret)).toBe(false);
    // What follows the answers from before does not bring it back.
    for (const instance of [one, other]) await instance.settle();
    for (const me of [here, there]) expect(await me.opens(secret)).toBe(false);
  });

  test('nor does a move under a newer pepper bring it back', async () => {
    const [here, there] = [personOn(one, alice), personOn(other, alice)];
    const { id, secret } = await here.made();
    world.clock.advance({ minutes: 1 });
    await rotatePepper(world.keyVault.vault);
    world.clock.advance({ minutes: 21 });
    expect(await there.opens(secret)).toBe(true);
    await deleteAppPassword(one.ports, { caller: here.caller(), id }, signal);
    await other.settle();
    for (const me of [here, there]) expect(await me.opens(secret)).toBe(false);
  });
});

describe('Invariant 4: the limit of 40 is exact', () => {
  test('a storm of creates on two instances leaves exactly 40, and every one of them works', async () => {
    const sides = [personOn(one, alice), personOn(other, alice)] as const;
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, i) => sides[i % 2 === 0 ? 0 : 1].create()),
    );
    const made = results.filter((result) => result.kind === 'created');
    const refused = results.filter(({ kind }) => kind === 'limit-reached');
    expect([made.length, refused.length]).toEqual([40, 20]);
    expect(await stored(sides[0].person)).toMatchObject({ count: 40, live: { length: 40 } });
    for (const { password } of made) expect(await sides[0].opens(password)).toBe(true);
  });
});

describe('Invariant 5: every failure of a well-formed password looks the same', () => {
  let people = 0;

  /** Somebody with an app password, whose name no instance has looked up lately. */
  async function somebody() {
    const me = personOn(one, { username: `person${people}@example.com`, oid: `person-${people++}` });
    return { me, ...(await me.made()) };
  }

  async function failures() {
    const [deleted, replaced, foreign, known] = [
      await somebody(),
      await somebody(),
      await somebody(),
      await somebody(),
    ];
    await deleteAppPassword(one.ports, { caller: deleted.me.caller(), id: deleted.id }, signal);
    const again = { idempotencyKey: '2d02715e-6ad3-4458-be52-745991df4974' };
    const lost = await replaced.me.made(again);
    world.clock.advance({ seconds: 1 });
    await replaced.me.made(again);
    /** One that was fine until something was written about it. */
    const altered = async (columns: Record<string, unknown>) => {
      const { me, key, secret } = await somebody();
      await world.tables.passwords.updateEntity(
        { partitionKey: me.person, rowKey: key, ...columns },
        'Merge',
      );
      return [me.username, secret] as const;
    };
    const name = async () => (await somebody()).me.username;
    return {
      'expired password': await altered({ expiresAt: new Date(world.clock.now() - 1) }),
      'suspended password': await altered({ state: 'suspended', suspendedFor: 'administrator' }),
      'password for another protocol': await altered({ protocols: 'dav' }),
      'password in a state that nobody knows': await altered({ state: 'frozen' }),
      'unknown username': ['nobody@example.com', strangePassword()],
      'a username that cannot be one': ['ali\u0000ce/\\#?☃', strangePassword()],
      'a username with what is invisible': [`\u00a0${await name()}\u200b`, strangePassword()],
      'a username behind a domain field': [`EXAMPLE\\${await name()}`, strangePassword()],
      'a username in a domain beyond ASCII': ['alice@b\u00fccher.example', strangePassword()],
      'a wrong password with what is invisible': [await name(), `\u200b${strangePassword()}\0`],
      'wrong password': [await name(), strangePassword()],
      'deleted password': [deleted.me.username, deleted.secret],
      'replaced password': [replaced.me.username, lost.secret],
      'password of another person': [known.me.username, foreign.secret],
    } as const satisfies Record<string, readonly [string, string]>;
  }

  async function compare(kind: string, reads: readonly string[]) {
    const all = await failures();
    const key = await addGateway(world.keyVault.vault, `gateway-${kind}`, {
      protocols: 'imap',
      username: kind,
    });
    const { verifyJson } = gateway(serveInstance(instanceIn(world)), key);
    // Reads the policy and the peppers, which are not read for each of them.
    await verifyJson({ username: 'first@example.com', password: strangePassword() });
    const looks = new Map<string, unknown[]>();
    for (const [failure, [username, password]] of Object.entries(all)) {
      const look = async () => {
        const before = world.requests.length;
        const { status, body, headers } = await verifyJson({ username, password });
        const asked = world.requests.slice(before).map((request) => request.replace(/\(.*/s, ''));
        return { status, body, headers: [...headers], asked: asked.sort() };
      };
      // Once with the name looked up anew, once with the name remembered.
      looks.set(failure, [await look(), await look()]);
    }
    const [first, ...others] = looks.values();
    expect(first).toMatchObject([
      { status: 401, asked: [...reads, 'GET /Usernames'] },
      { status: 401, asked: reads },
    ]);
    for (const look of others) expect(look).toEqual(first);
  }

  test.each(['canonical', 'typed'])(
    'same status, body, headers and storage operations for each kind, whether the name is remembered or not, where a gateway goes on with the %s username',
    (kind) => compare(kind, ['GET /AppPasswords']),
  );

  test('also during a rotation of the pepper', async () => {
    world.clock.advance({ minutes: 1 });
    await rotatePepper(world.keyVault.vault);
    // Both are looked at, and then the newest once more.
    await compare('canonical', ['GET /AppPasswords', 'GET /AppPasswords', 'GET /AppPasswords']);
  });
});

describe('Invariant 6: a fault is never an answer', () => {
  async function requests() {
    const origin = serveInstance(one);
    const me = personAt(origin, await accessToken(alice, world.clock.now()));
    const { id, password } = (await me.create('Phone')).body;
    const { verify, grant } = gateway(origin, world.gatewayKey);
    const { username } = alice;
    const form = { grant_type: 'password', username, password, client_secret: world.gatewayKey };
    // Longer than a name is remembered.
    world.clock.advance({ seconds: 11 });
    return {
      works: () => verify(username, password),
      all: [
        () => verify(username, password),
        () => verify(username, strangePassword()),
        () => verify('nobody@example.com', strangePassword()),
        () => grant(form),
        () => me.create('Laptop'),
        () => me.list(),
        () => me.rename(id, 'Old phone'),
        () => me.remove(id),
        () => me.removeAll(),
        () => me.register('First'),
      ],
    };
  }

  /** What is answered within so many milliseconds, for which nobody waits here. */
  async function within<T>(patience: number, answers: Promise<T>): Promise<T> {
    let isOver = false;
    const over = answers.finally(() => {
      isOver = true;
    });
    for (let passed = 0; !isOver; passed += 100) {
      expect(passed).toBeLessThan(patience);
      await turn();
      await vi.advanceTimersByTimeAsync(100);
    }
    return over;
  }

  test.each(['cut', 'busy', 'hang'] as const)(
    'storage that is away (%s) is 503 with Retry-After within 3 seconds',
    async (fate) => {
      const { works, all } = await requests();
      world.fate(() => fate);
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const answers = await within(3_000, Promise.all(all.map((request) => request())));
      vi.useRealTimers();
      for (const { status, headers } of answers) {
        expect(status).toBe(503);
        expect(headers.get('retry-after')).toBe('5');
      }
      world.fate(() => 'pass');
      expect((await works()).status).toBe(200);
    },
  );

  test('an app password that cannot be read is 503, also where the name is remembered', async () => {
    const me = personOn(one, alice);
    const { secret } = await me.made();
    await me.opens(secret);
    world.fate((_, request) => (request.startsWith('GET /AppPasswords(') ? 'cut' : 'pass'));
    for (const password of [secret, strangePassword()])
      await expect(me.opens(password)).rejects.toThrow(Unavailable);
  });

  test.each(['passwords', 'usernames'] as const)(
    'a storage account without the table of the %s is 503, and never a wrong password',
    async (name) => {
      const { all } = await requests();
      await world.tables[name].deleteTable();
      const needName = name === 'usernames' ? all.slice(0, 5) : all;
      for (const { status } of await Promise.all(needName.map((request) => request())))
        expect(status).toBe(503);
    },
  );

  test('a gateway key that is missing or wrong is 503 of its own type, whatever the password', async () => {
    const { secret } = await personOn(one, alice).made();
    const origin = serveInstance(one);
    for (const key of [{}, { 'x-gateway-key': '' }, { 'x-gateway-key': 'wrong' }])
      for (const password of [secret, strangePassword(), 'hunter2']) {
        const headers = { ...basic(alice.username, password), ...key };
        const { status, body } = await call(origin, 'GET', '/api/verify', { headers });
        expect([status, body.type]).toEqual([503, '/problems/invalid-gateway-key']);
      }
  });
});

describe('Invariant 7: what cannot be a password costs nothing', () => {
  test.each([
    ['hunter2', 'hunter2'],
    ['nothing', ''],
    ['wrong check letters', 'abcdefghijklmnopqrst'],
    ['5,000 letters', 'a'.repeat(5_000)],
    ['Tr0ub4dor&3', 'Tr0ub4dor&3'],
    ['six groups', 'aaaa-bbbb-cccc-dddd-eeee-ffff'],
  ])('no storage operation for %s', async (_what, password) => {
    const me = personOn(one, alice);
    await me.made();
    await one.settle();
    const before = world.requests.length;
    // Nobody has looked up this one's name, nor the policy.
    expect(await personOn(other, alice).opens(password)).toBe(false);
    await other.settle();
    expect(world.requests.slice(before)).toEqual([]);
  });
});

describe('Invariant 8: only a token that proves a second factor manages passwords', () => {
  test('neither a sign-in without it, nor an app password, nor a gateway key opens any management route', async () => {
    const me = personOn(one, alice);
    const { id, secret } = await me.made();
    const origin = serveInstance(one);
    const now = world.clock.now();
    const before = await stored(me.person);
    const without = [
      await accessToken(alice, now, { amr: ['pwd'] }),
      await accessToken(alice, now, { amr: undefined }),
      await accessToken(alice, now, { amr: 'mfa' }),
    ];
    for (const token of [...without, secret, world.gatewayKey]) {
      const { create, list, rename, remove, removeAll, register, revive, activity, policy } = personAt(
        origin,
        token,
      );
      const attempts = [
        ...[create('x'), list(), rename(id, 'x'), remove(id), removeAll()],
        ...[register('x'), revive(id), activity(), policy()],
      ];
      for (const { status, headers } of await Promise.all(attempts)) {
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
      }
    }
    expect(before).toEqual({ count: 1, live: [id] });
    expect(await stored(me.person)).toEqual(before);
  });
});

describe('Invariant 9: the person is the immutable id, never the username', () => {
  const renamed: User = { ...alice, username: 'renamed@example.com' };

  test('a renamed person keeps the passwords, and the old username opens nothing', async () => {
    const { secret } = await personOn(one, alice).made();
    world.clock.advance({ minutes: 1 });
    expect((await personOn(one, renamed).list()).appPasswords).toHaveLength(1);
    expect(await personOn(one, renamed).opens(secret)).toBe(true);
    expect(await personOn(one, alice).opens(secret)).toBe(false);
  });

  test('whoever gets the name gets nothing of what was made under it', async () => {
    const { secret } = await personOn(one, alice).made();
    world.clock.advance({ minutes: 1 });
    const heir: User = { ...bob, username: alice.username };
    expect((await personOn(one, heir).list()).appPasswords).toEqual([]);
    const own = await personOn(one, heir).made();
    expect(await personOn(one, heir).opens(own.secret)).toBe(true);
    expect(await personOn(one, heir).opens(secret)).toBe(false);
  });
});
