import { beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../../local/identities.ts';
import { deleteAllAppPasswords, deleteAppPassword } from '../../shared/domain/app-password/delete.ts';
import { listAppPasswords } from '../../shared/domain/app-password/list.ts';
import { register } from '../../shared/domain/app-password/register.ts';
import { renameAppPassword } from '../../shared/domain/app-password/rename.ts';
import type { Username } from '../../shared/domain/username/username.ts';
import { alice, bob, personOn, signal, wanted } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

const renamed: User = { ...alice, username: 'alice.new@example.com' };
const heir: User = { ...bob, username: alice.username };

let world: World;
let instance: Instance;

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
});

const on = (user: User) => personOn(instance, user);
const later = () => world.clock.advance({ seconds: 1 });
const claimOf = (name: string) => instance.ports.usernames.read(name as Username, signal);

/** Everything by which a person may be heard. */
const requests: readonly (readonly [string, (user: User, id: string) => Promise<unknown>])[] = [
  ['list', (user) => on(user).list()],
  ['create', (user) => on(user).create()],
  ['register', (user) => register(instance.ports, { caller: on(user).caller(), wanted: wanted() }, signal)],
  [
    'rename',
    (user, id) => renameAppPassword(instance.ports, { caller: on(user).caller(), id, name: 'x' }, signal),
  ],
  ['delete', (user, id) => deleteAppPassword(instance.ports, { caller: on(user).caller(), id }, signal)],
];

describe('Somebody with another username in a newer token', () => {
  test.each(requests)('has it by the first request, and not the old one: %s', async (_name, send) => {
    const [{ secret }, { id }] = [await on(alice).made(), await on(alice).made()];
    later();
    await send(renamed, id);
    expect([await on(renamed).opens(secret), await on(alice).opens(secret)]).toEqual([true, false]);
    expect((await claimOf(alice.username))?.person).not.toBe(on(alice).person);
    expect(instance.records.filter(({ event }) => event === 'username.changed')).toHaveLength(1);
  });

  test('may be renamed back, and on to a third name', async () => {
    const { secret } = await on(alice).made();
    for (const username of [renamed.username, alice.username, 'alice.third@example.com']) {
      later();
      const me = on({ ...alice, username });
      expect((await me.list()).username).toBe(username);
      expect(await me.opens(secret)).toBe(true);
    }
    expect(await on(alice).opens(secret)).toBe(false);
  });

  test('keeps it whatever comes with an older token', async () => {
    const { secret } = await on(alice).made();
    const older = on(alice).caller();
    later();
    await on(renamed).list();
    expect((await listAppPasswords(instance.ports, older, signal)).username).toBe(renamed.username);
    await deleteAllAppPasswords(instance.ports, older, signal);
    expect((await claimOf(alice.username))?.person).not.toBe(on(alice).person);
    expect(await on(renamed).opens(secret)).toBe(false);
  });

  test('is served by several requests and instances at once', async () => {
    const { secret } = await on(alice).made();
    later();
    const other = instanceIn(world);
    const created = await Promise.all([
      on(renamed).made(),
      personOn(other, renamed).made(),
      on(renamed).list(),
      personOn(other, renamed).list(),
    ]);
    for (const one of [secret, created[0].secret, created[1].secret])
      expect(await on(renamed).opens(one)).toBe(true);
    expect((await on(renamed).list()).appPasswords).toHaveLength(3);
  });
});

describe('A rename that a fault ends after so many requests', () => {
  const stages = Array.from({ length: 12 }, (_, count) => count);

  test.each(stages)(
    'lets the passwords work under one of the two names, and the next request ends it: %i',
    async (count) => {
      const { secret } = await on(alice).made();
      later();
      world.fate((index) => (index < count ? 'pass' : 'cut'));
      await listAppPasswords(instance.ports, on(renamed).caller(), AbortSignal.timeout(60)).catch(
        () => 'cut',
      );
      world.fate(() => 'pass');
      world.clock.advance({ seconds: 11 });
      expect([await on(renamed).opens(secret), await on(alice).opens(secret)]).toContain(true);
      await on(renamed).list();
      expect([await on(renamed).opens(secret), await on(alice).opens(secret)]).toEqual([true, false]);
      expect((await claimOf(alice.username))?.person).not.toBe(on(alice).person);
      expect((await instance.ports.passwords.profile(on(alice).person, signal))?.formerUsername).toBeNull();
    },
  );

  test.each(requests.filter(([name]) => name !== 'list'))(
    'is ended by any request: %s',
    async (_name, send) => {
      const [{ secret }, { id }] = [await on(alice).made(), await on(alice).made()];
      later();
      // Once the new name is claimed.
      world.fate((_, request) =>
        request.startsWith('PATCH') || request.includes('$batch') ? 'cut' : 'pass',
      );
      await listAppPasswords(instance.ports, on(renamed).caller(), AbortSignal.timeout(60)).catch(
        () => 'cut',
      );
      world.fate(() => 'pass');
      await send(renamed, id);
      world.clock.advance({ seconds: 11 });
      expect([await on(renamed).opens(secret), await on(alice).opens(secret)]).toEqual([true, false]);
    },
  );

  test('does not take the old name from somebody who got it in between', async () => {
    await on(alice).made();
    later();
    let batches = 0;
    world.fate((_, request) => (request.includes('$batch') && ++batches > 2 ? 'cut' : 'pass'));
    await listAppPasswords(instance.ports, on(renamed).caller(), AbortSignal.timeout(60)).catch(() => 'cut');
    world.fate(() => 'pass');
    later();
    const { secret } = await on(heir).made();
    await on(renamed).list();
    expect(await on(heir).opens(secret)).toBe(true);
  });
});

describe('A username that goes to somebody else', () => {
  test.each(requests)(
    'opens nothing of whoever had it, from the first request of its new holder on: %s',
    async (_name, send) => {
      const { secret } = await on(alice).made();
      const { id } = await on(bob).made();
      later();
      await send(heir, id);
      world.clock.advance({ seconds: 11 });
      expect(await on(alice).opens(secret)).toBe(false);
      expect((await claimOf(alice.username))?.person).toBe(on(bob).person);
    },
  );

  test('is refused to its former holder’s older token, who still lists and deletes', async () => {
    const { id } = await on(alice).made();
    later();
    await on(heir).made();
    world.clock.advance({ seconds: -1 });
    expect((await on(alice).create()).kind).toBe('username-not-accepted');
    expect((await on(alice).list()).appPasswords).toHaveLength(1);
    expect((await deleteAppPassword(instance.ports, { caller: on(alice).caller(), id }, signal)).kind).toBe(
      'deleted',
    );
  });

  test('is not taken by a token of the same second', async () => {
    await on(alice).made();
    expect((await on(heir).create()).kind).toBe('username-not-accepted');
  });

  test('goes back with a still later token, also by a look at the list', async () => {
    const { secret } = await on(alice).made();
    later();
    await on(heir).made();
    later();
    await on(alice).list();
    expect(await on(alice).opens(secret)).toBe(true);
  });

  test('and comes back at once where two exchange their names, opens what is one’s own', async () => {
    const [first, second] = [await on(alice).made(), await on(bob).made()];
    later();
    await Promise.all([on({ ...alice, username: bob.username }).list(), on(heir).list()]);
    world.clock.advance({ seconds: 11 });
    const opens = (username: string, secret: string) => on({ ...alice, username }).opens(secret);
    expect(await opens(bob.username, first.secret)).toBe(true);
    expect(await opens(alice.username, second.secret)).toBe(true);
    expect(await opens(alice.username, first.secret)).toBe(false);
    expect(await opens(bob.username, second.secret)).toBe(false);
  });
});

describe('The proof of a username', () => {
  const issuedAt = async () => (await claimOf(alice.username))?.issuedAt;

  test('is renewed by a look at the list once it is 7 days old, and not before', async () => {
    await on(alice).made();
    const first = await issuedAt();
    world.clock.advance({ minutes: 7 * 24 * 60 - 1 });
    await on(alice).list();
    await instance.settle();
    expect(await issuedAt()).toBe(first);
    world.clock.advance({ minutes: 1 });
    await on(alice).list();
    await instance.settle();
    expect(await issuedAt()).toBe(world.clock.now());
  });

  test('is not renewed by a device', async () => {
    const { secret } = await on(alice).made();
    const first = await issuedAt();
    world.clock.advance({ minutes: 8 * 24 * 60 });
    await on(alice).opens(secret);
    await instance.settle();
    expect(await issuedAt()).toBe(first);
  });
});
