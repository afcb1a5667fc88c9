import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { localGateway } from '../../local/stack.ts';
import { type Answer, basic, call, type gateway, persist, type person } from '../../testing/api.ts';
import type { Target } from '../../testing/service.ts';
import { aliceAndBob, aliceName, bobName } from './people.ts';

let service: Target;
let alice: ReturnType<typeof person>;
let bob: ReturnType<typeof person>;
let mail: ReturnType<typeof gateway>;
/** Leaves neither of them an app password. */
let clear: () => Promise<void>;

beforeAll(async () => {
  ({ service, alice, bob, mail, clear } = await aliceAndBob());
});

beforeEach(() => clear());

afterAll(async () => {
  await clear?.();
  await service?.close();
});

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsed: { at: string } | null;
}

async function passwordsOf(owner: ReturnType<typeof person>): Promise<Shown[]> {
  return (await owner.list()).body.appPasswords;
}

async function namesOf(owner: ReturnType<typeof person>): Promise<string[]> {
  return (await passwordsOf(owner)).map(({ name }) => name);
}

/** Creates an app password, which must succeed. */
async function made(answer: Promise<Answer>): Promise<Shown & { password: string }> {
  const { status, body } = await answer;
  expect([status, body.type]).toEqual([201, undefined]);
  return body;
}

/** Whether verify accepts credentials; anything but yes or no fails the test. */
async function accepts(username: string, password: string): Promise<boolean> {
  const { status } = await mail.verify(username, password);
  expect([200, 401]).toContain(status);
  return status === 200;
}

/** Waits until the list shows when a password was last used, which is noted after the answer. */
async function seenUsed(owner: ReturnType<typeof person>, id: string): Promise<{ at: string }> {
  let lastUsed: Shown['lastUsed'] | undefined;
  const look = async () => {
    lastUsed = (await passwordsOf(owner)).find((shown) => shown.id === id)?.lastUsed;
    return lastUsed;
  };
  await expect.poll(look, { timeout: 15_000 }).toEqual(expect.anything());
  return lastUsed as { at: string };
}

function expectProblem(answer: Answer, status: number, slug: string): void {
  expect([answer.status, answer.body.type]).toEqual([status, `/problems/${slug}`]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

const idempotent = (key: string) => ({ 'idempotency-key': key });

describe('A new app password', () => {
  test('comes with 201, where it is, and five groups of four letters that no cache may keep', async () => {
    const before = Date.now();
    const { status, headers, body } = await alice.create('Phone');
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/app-passwords/${body.id}`);
    expect(headers.get('cache-control')).toBe('no-store');
    const { id, createdAt, password, ...others } = body;
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(password).toMatch(/^[a-z]{4}(-[a-z]{4}){4}$/);
    expect(new Date(createdAt).toISOString()).toBe(createdAt);
    // Another machine's clock may differ a little.
    expect(Math.abs(Date.parse(createdAt) - before)).toBeLessThan(120_000);
    expect(others).toEqual({
      name: 'Phone',
      expiresAt: null,
      protocols: null,
      lastUsed: null,
      state: 'active',
    });
  });

  test('is accepted by verify at once, for its owner and nobody else', async () => {
    const { password } = await made(alice.create('Phone'));
    await made(bob.create('Phone'));
    expect(await accepts(aliceName, password)).toBe(true);
    expect(await accepts(bobName, password)).toBe(false);
  });

  test('is shown once: no later answer holds it', async () => {
    const { id, password } = await made(alice.create('Phone'));
    const later = [
      await alice.list(),
      await alice.rename(id, 'Old phone'),
      await mail.verify(aliceName, password),
      await alice.remove(id),
    ];
    for (const { body, headers } of later) {
      const text = JSON.stringify([body, ...headers]).toLowerCase();
      expect(text).not.toContain(password);
      expect(text).not.toContain(password.replaceAll('-', ''));
      if (typeof body === 'object') expect(body).not.toHaveProperty('password');
    }
  });

  test('works beside all others, also one of the same name', async () => {
    const all = [await made(alice.create('Phone')), await made(alice.create('Phone'))];
    expect(new Set(all.map(({ id }) => id)).size).toBe(2);
    for (const { password } of all) expect(await accepts(aliceName, password)).toBe(true);
    expect(await namesOf(alice)).toEqual(['Phone', 'Phone']);
  });

  test('needs no registration', async () => {
    await made(alice.create('Phone'));
    await made(bob.create('Phone'));
  });
});

describe('The list', () => {
  test('is empty for somebody who has none', async () => {
    const { status, headers, body } = await alice.list();
    const empty = { username: aliceName, appPasswords: [], limit: 40, remaining: 40 };
    expect([status, body]).toEqual([200, empty]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('has the newest first, everything but the secrets, and how many more fit', async () => {
    const created = [];
    for (const name of ['Phone', 'Scanner', 'Calendar']) created.push(await made(alice.create(name)));
    const { body } = await alice.list();
    const shown = created.reverse().map(({ password: _, ...rest }) => rest);
    expect(body).toEqual({ username: aliceName, appPasswords: shown, limit: 40, remaining: 37 });
  });

  test('has nothing of other people', async () => {
    await made(bob.create('Of Bob'));
    await made(alice.create('Of Alice'));
    expect(await namesOf(alice)).toEqual(['Of Alice']);
    expect(await namesOf(bob)).toEqual(['Of Bob']);
  });
});

describe('Renaming', () => {
  test('changes the name and nothing else, and the password goes on working', async () => {
    const older = await made(alice.create('Scanner'));
    const { password, ...phone } = await made(alice.create('Phone'));
    const renamed = await alice.rename(phone.id, 'Old phone');
    expect([renamed.status, renamed.body]).toEqual([200, { ...phone, name: 'Old phone' }]);
    expect(renamed.headers.get('cache-control')).toBe('no-store');
    expect(await passwordsOf(alice)).toMatchObject([renamed.body, { id: older.id, name: 'Scanner' }]);
    expect(await accepts(aliceName, password)).toBe(true);
  });

  test('to the same name again, or to the name of another one, is no error', async () => {
    await made(alice.create('Scanner'));
    const { id } = await made(alice.create('Phone'));
    for (const name of ['Phone', 'Scanner', 'Scanner']) {
      const { status, body } = await alice.rename(id, name);
      expect([status, body.name]).toEqual([200, name]);
    }
    expect(await namesOf(alice)).toEqual(['Scanner', 'Scanner']);
  });
});

describe('Last used', () => {
  test('is null until the password is used; a refused one changes nothing', async () => {
    const { id, password } = await made(alice.create('Phone'));
    const other = await made(alice.create('Scanner'));
    expect(await accepts(bobName, password)).toBe(false);
    expect(await accepts(aliceName, other.password)).toBe(true);
    await seenUsed(alice, other.id);
    expect((await passwordsOf(alice)).find((shown) => shown.id === id)?.lastUsed).toBeNull();
  });

  test.each([
    ['the gateway alone', {}, { protocol: null, clientAddress: null }],
    [
      'the gateway, protocol and client address, where the gateway sends them',
      { 'x-protocol': 'imap', 'x-client-address': '192.0.2.17' },
      { protocol: 'imap', clientAddress: '192.0.2.17' },
    ],
    [
      'an IPv6 address without its port',
      { 'x-protocol': 'eas', 'x-client-address': '[2001:db8::17]:49152' },
      { protocol: 'eas', clientAddress: '2001:db8::17' },
    ],
  ])('shows %s', async (_name, headers: Record<string, string>, expected) => {
    const { id, createdAt, password } = await made(alice.create('Phone'));
    expect((await mail.verify(aliceName, password, headers)).status).toBe(200);
    const { at, ...others } = await seenUsed(alice, id);
    expect(others).toEqual({ gateway: localGateway, ...expected });
    expect(new Date(at).toISOString()).toBe(at);
    expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(createdAt));
  });
});

describe('Deleting', () => {
  test('stops the password with the answer: the very next verify refuses it', async () => {
    const { id, password } = await made(alice.create('Phone'));
    expect(await accepts(aliceName, password)).toBe(true);
    const deleted = await alice.remove(id);
    expect([deleted.status, deleted.body]).toEqual([204, '']);
    expect(await accepts(aliceName, password)).toBe(false);
    expect(await passwordsOf(alice)).toEqual([]);
  });

  test('again is 204 as well, and frees no second place', async () => {
    const { id } = await made(alice.create('Phone'));
    await made(alice.create('Scanner'));
    for (const _ of [1, 2, 3]) expect((await alice.remove(id)).status).toBe(204);
    expect((await alice.list()).body.remaining).toBe(39);
  });

  test('at the same moment from several windows is 204 for each of them', async () => {
    const { id, password } = await made(alice.create('Phone'));
    const answers = await Promise.all(Array.from({ length: 8 }, () => persist(() => alice.remove(id))));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(204));
    expect((await alice.list()).body).toMatchObject({ appPasswords: [], remaining: 40 });
    expect(await accepts(aliceName, password)).toBe(false);
  });

  test('leaves one’s other passwords working', async () => {
    const gone = await made(alice.create('Phone'));
    const stays = await made(alice.create('Phone'));
    await alice.remove(gone.id);
    expect(await accepts(aliceName, stays.password)).toBe(true);
    expect((await passwordsOf(alice)).map(({ id }) => id)).toEqual([stays.id]);
  });

  test('and renaming reach nothing of other people', async () => {
    const { id, password } = await made(bob.create('Of Bob'));
    await made(alice.create('Of Alice'));
    expectProblem(await alice.remove(id), 404, 'not-found');
    expectProblem(await alice.rename(id, 'Mine'), 404, 'not-found');
    expect(await accepts(bobName, password)).toBe(true);
    expect(await namesOf(bob)).toEqual(['Of Bob']);
  });
});

describe('Deleting all', () => {
  test('stops every one with the answer and says how many, and the next time none', async () => {
    const all = [];
    for (const name of ['Phone', 'Scanner', 'Calendar']) all.push(await made(alice.create(name)));
    const bobs = await made(bob.create('Of Bob'));
    const first = await alice.removeAll();
    expect([first.status, first.body]).toEqual([200, { deleted: 3 }]);
    for (const { password } of all) expect(await accepts(aliceName, password)).toBe(false);
    expect((await alice.removeAll()).body).toEqual({ deleted: 0 });
    expect((await alice.list()).body).toMatchObject({ appPasswords: [], remaining: 40 });
    expect(await accepts(bobName, bobs.password)).toBe(true);
  });

  test('does not count the ones that were deleted before', async () => {
    const { id } = await made(alice.create('Phone'));
    await made(alice.create('Scanner'));
    await alice.remove(id);
    expect((await alice.removeAll()).body).toEqual({ deleted: 1 });
  });
});

describe('The limit of 40', () => {
  test('is exact under 60 creates at once, and one deletion makes room for one more', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const key = idempotent(randomUUID());
        return persist(() => alice.create(`Device ${index}`, key));
      }),
    );
    const created = answers.filter(({ status }) => status === 201);
    expect(created).toHaveLength(40);
    for (const answer of answers) if (answer.status !== 201) expectProblem(answer, 409, 'limit-reached');

    const full = (await alice.list()).body;
    expect([full.limit, full.remaining]).toEqual([40, 0]);
    const ids = (shown: Shown[]) => shown.map(({ id }) => id).sort();
    expect(ids(full.appPasswords)).toEqual(ids(created.map(({ body }) => body)));
    for (const { body } of created) expect(await accepts(aliceName, body.password)).toBe(true);
    expectProblem(await alice.create('One more'), 409, 'limit-reached');
    // The limit is each person's own.
    await made(bob.create('Phone'));

    expect((await alice.remove(created[0]?.body.id)).status).toBe(204);
    expect((await alice.list()).body.remaining).toBe(1);
    const { password } = await made(alice.create('In its place'));
    expect(await accepts(aliceName, password)).toBe(true);
    expectProblem(await alice.create('One more'), 409, 'limit-reached');
    expect((await alice.removeAll()).body).toEqual({ deleted: 40 });
  });

  test('does not stop a repeat of the create that took the last place', async () => {
    for (let count = 1; count < 40; count++) await made(alice.create(`Device ${count}`));
    const key = idempotent(randomUUID());
    const lost = await made(alice.create('The last', key));
    const again = await made(alice.create('The last', key));
    expect((await alice.list()).body.remaining).toBe(0);
    expect(await accepts(aliceName, lost.password)).toBe(false);
    expect(await accepts(aliceName, again.password)).toBe(true);
    expectProblem(await alice.create('One more'), 409, 'limit-reached');
  });
});

describe('Registration', () => {
  /** A store that is not empty may know the person already; one of our own does not. */
  const statuses = process.env.E2E_ORIGIN === undefined ? [201] : [200, 201];

  function expectRegistered({ status, headers, body }: Answer): void {
    expect([status, Object.keys(body)]).toEqual([200, ['registeredAt']]);
    expect(new Date(body.registeredAt).toISOString()).toBe(body.registeredAt);
    expect(headers.get('cache-control')).toBe('no-store');
  }

  test('hands out the first app password once in a life, also to many requests at once', async () => {
    const before = await made(alice.create('Before registration'));
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => persist(() => alice.register('First'))),
    );
    const [first, ...others] = answers.sort((a, b) => b.status - a.status);
    expect(statuses).toContain(first?.status);
    if (first?.status === 201) {
      expect(first.headers.get('location')).toBe(`/api/app-passwords/${first.body.id}`);
      expect(first.body).toMatchObject({ name: 'First', state: 'active', lastUsed: null });
      expect(await accepts(aliceName, first.body.password)).toBe(true);
      expect(await namesOf(alice)).toEqual(['First', 'Before registration']);
    } else {
      expect(await namesOf(alice)).toEqual(['Before registration']);
    }
    for (const other of others) expectRegistered(other);

    const again = await alice.register('Second');
    expectRegistered(again);
    expect(again.body).toEqual(others[0]?.body);
    expect(await accepts(aliceName, before.password)).toBe(true);
    await made(alice.create('After registration'));

    // Not even when nothing is left of it.
    await alice.removeAll();
    expect((await alice.register('Third')).body).toEqual(again.body);
    expect(await passwordsOf(alice)).toEqual([]);
  });

  test('may be repeated with its Idempotency-Key, which has nothing to do with the same key of a create', async () => {
    const key = idempotent(randomUUID());
    const created = await made(bob.create('Created', key));
    const first = await bob.register('First', key);
    expect(statuses).toContain(first.status);
    if (first.status === 201) {
      expect(first.body.id).not.toBe(created.id);
      const again = await made(bob.register('First again', key));
      expect(await namesOf(bob)).toEqual(['First again', 'Created']);
      expect(await accepts(bobName, first.body.password)).toBe(false);
      expect(await accepts(bobName, again.password)).toBe(true);
      await seenUsed(bob, again.id);
      expectProblem(await bob.register('First', key), 409, 'already-used');
    } else {
      expectRegistered(first);
    }
    expectRegistered(await bob.register('Second'));
    expectRegistered(await bob.register('Second', idempotent(randomUUID())));

    expect(await accepts(bobName, created.password)).toBe(true);
    await seenUsed(bob, created.id);
    expectProblem(await bob.create('Created', key), 409, 'already-used');
  });
});

describe('A create that is repeated with its Idempotency-Key', () => {
  test('gives a new secret in the place of the old one, under the new name, and counts once', async () => {
    const key = randomUUID();
    const lost = await made(alice.create('Phone', idempotent(key)));
    const again = await alice.create('New phone', idempotent(key));
    const { id, password } = await made(Promise.resolve(again));
    expect(again.headers.get('location')).toBe(`/api/app-passwords/${id}`);
    expect(password).not.toBe(lost.password);
    expect(await accepts(aliceName, lost.password)).toBe(false);
    expect((await alice.list()).body).toMatchObject({
      appPasswords: [{ id, name: 'New phone', lastUsed: null }],
      remaining: 39,
    });

    const third = await made(alice.create('New phone', idempotent(key.toUpperCase())));
    expect((await alice.list()).body.remaining).toBe(39);
    expect(await accepts(aliceName, password)).toBe(false);
    expect(await accepts(aliceName, third.password)).toBe(true);
  });

  test('many times at once counts once, and exactly one of the secrets works', async () => {
    const key = idempotent(randomUUID());
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => persist(() => alice.create('Phone', key))),
    );
    const works = [];
    for (const { status, body } of answers) {
      expect(status).toBe(201);
      if (await accepts(aliceName, body.password)) works.push(body.id);
    }
    expect((await passwordsOf(alice)).map(({ id }) => id)).toEqual(works);
    expect((await alice.list()).body.remaining).toBe(39);
  });

  test('is 409 once the password was used, which goes on working', async () => {
    const key = idempotent(randomUUID());
    const { id, password } = await made(alice.create('Phone', key));
    expect(await accepts(aliceName, password)).toBe(true);
    await seenUsed(alice, id);
    for (const name of ['Phone', 'Another']) {
      expectProblem(await alice.create(name, key), 409, 'already-used');
    }
    expect(await accepts(aliceName, password)).toBe(true);
    expect(await namesOf(alice)).toEqual(['Phone']);
  });

  test.each([
    ['used and ', true],
    ['', false],
  ])('makes a new one after the password was %sdeleted', async (_name, used) => {
    const key = idempotent(randomUUID());
    const old = await made(alice.create('Phone', key));
    if (used) {
      expect(await accepts(aliceName, old.password)).toBe(true);
      await seenUsed(alice, old.id);
    }
    await alice.remove(old.id);
    const fresh = await made(alice.create('Phone', key));
    expect(fresh.id).not.toBe(old.id);
    expect(await accepts(aliceName, old.password)).toBe(false);
    expect(await accepts(aliceName, fresh.password)).toBe(true);
    expect((await alice.list()).body.remaining).toBe(39);
  });

  test('replaces it also after it was renamed', async () => {
    const key = idempotent(randomUUID());
    const { id, password } = await made(alice.create('Phone', key));
    await alice.rename(id, 'Renamed');
    await made(alice.create('Phone', key));
    expect(await accepts(aliceName, password)).toBe(false);
    expect(await namesOf(alice)).toEqual(['Phone']);
  });

  test('has nothing to do with the same key of another person, nor with other keys, nor with none', async () => {
    const key = idempotent(randomUUID());
    const all = [
      [aliceName, await made(alice.create('Phone', key))],
      [bobName, await made(bob.create('Phone', key))],
      [aliceName, await made(alice.create('Phone', idempotent(randomUUID())))],
      [aliceName, await made(alice.create('Phone'))],
    ] as const;
    for (const [username, { password }] of all) expect(await accepts(username, password)).toBe(true);
    expect([(await alice.list()).body.remaining, (await bob.list()).body.remaining]).toEqual([37, 39]);
  });
});

describe('Nothing can be managed', () => {
  const routes: readonly (readonly [string, string, string, unknown])[] = [
    ['create', 'POST', '/api/app-passwords', { name: 'Taken' }],
    ['list', 'GET', '/api/app-passwords', undefined],
    ['rename', 'PATCH', '/api/app-passwords/{id}', { name: 'Taken' }],
    ['delete', 'DELETE', '/api/app-passwords/{id}', undefined],
    ['delete all', 'POST', '/api/app-passwords/delete-all', { confirm: true }],
    ['register', 'PUT', '/api/registration', { name: 'Taken' }],
  ];

  /** Tries a route on a password of alice, with headers that must not open it. */
  async function attempt(
    [, method, path, json]: (typeof routes)[number],
    headersFor: (password: string) => Record<string, string> | Promise<Record<string, string>>,
  ): Promise<Answer> {
    const { id, password } = await made(alice.create('Phone'));
    const before = await passwordsOf(alice);
    const headers = await headersFor(password);
    const answer = await call(service.origin, method, path.replace('{id}', id), { json, headers });
    expect(await passwordsOf(alice)).toEqual(before);
    expect(await accepts(aliceName, password)).toBe(true);
    return answer;
  }

  describe('without a second factor: 401 and the challenge to step up on', () => {
    test.each(routes)('%s', async (...route) => {
      const answer = await attempt(route, async () => {
        const token = await service.token(aliceName, { secondFactor: false });
        return { authorization: `Bearer ${token}` };
      });
      expectProblem(answer, 401, 'insufficient-user-authentication');
      const challenge = answer.headers.get('www-authenticate');
      expect(challenge).toMatch(/^Bearer realm=".+", error="insufficient_user_authentication"/);
      expect(challenge).toContain('acr_values="mfa"');
    });
  });

  describe.each<[string, (password: string) => Record<string, string>]>([
    ['nothing', () => ({})],
    ['an app password as bearer token', (password) => ({ authorization: `Bearer ${password}` })],
    ['an app password by HTTP Basic', (password) => basic(aliceName, password)],
    ['a gateway key as bearer token', () => ({ authorization: `Bearer ${service.gatewayKey}` })],
    ['a gateway key', () => ({ 'x-gateway-key': service.gatewayKey })],
    [
      'a gateway key and an app password',
      (password) => ({ 'x-gateway-key': service.gatewayKey, ...basic(aliceName, password) }),
    ],
  ])('with %s: 401 on', (_name, headersFor) => {
    test.each(routes)('%s', async (...route) => {
      const answer = await attempt(route, headersFor);
      expectProblem(answer, 401, 'invalid-token');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="/);
    });
  });
});
