import { beforeEach, describe, expect, test } from 'vitest';
import { tenantId, type User } from '../../local/identities.ts';
import { deleteAppPassword } from '../../shared/domain/app-password/delete.ts';
import { changeAccount } from '../../shared/domain/person/account.ts';
import type { Actor } from '../../shared/domain/person/caller.ts';
import { erasePerson } from '../../shared/domain/person/erase.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { findPerson, viewActivity, viewPerson } from '../../shared/domain/person/view.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import type { Username } from '../../shared/domain/username/username.ts';
import { strangePassword } from '../../testing/api.ts';
import { administrator, alice, bob, personOn, signal } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

let world: World;
let instance: Instance;
let me: ReturnType<typeof personOn>;

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
  me = personOn(instance, alice);
});

const trail = (event: string) => instance.records.filter((record) => record.event === event);
const stranger = personKey(tenantId, 'stranger');
const helpdesk = { kind: 'helpdesk', id: 'helper' } as const;

describe('The list', () => {
  test('of somebody new is empty, keeps nothing, and shows the name of the token', async () => {
    expect(await me.list()).toMatchObject({
      username: alice.username,
      appPasswords: [],
      limit: 40,
      remaining: 40,
    });
    expect(await instance.ports.passwords.profile(me.person, signal)).toBeUndefined();
  });

  test('has the newest first, and is recorded with how many', async () => {
    const made: string[] = [];
    for (const name of ['First', 'Second', 'Third']) {
      made.unshift((await me.made({ name })).id);
      world.clock.advance({ seconds: 1 });
    }
    expect((await me.list()).appPasswords.map(({ id }) => id)).toEqual(made);
    expect(trail('app-passwords.listed')).toMatchObject([
      { actor: { kind: 'person', id: alice.oid }, count: 3 },
    ]);
  });

  test('shows one that expires as expired from that moment on', async () => {
    await me.made({ expiresAt: world.clock.now() + 60_000 });
    const state = async () => (await me.list()).appPasswords[0]?.state;
    world.clock.advance({ seconds: 59.999 });
    expect(await state()).toBe('active');
    world.clock.advance({ seconds: 0.001 });
    expect(await state()).toBe('expired');
  });

  test('takes the new name of a renamed person, once the token says it', async () => {
    const { secret } = await me.made();
    world.clock.advance({ minutes: 1 });
    const renamed = personOn(instance, { ...alice, username: 'new@example.com' });
    expect((await renamed.list()).username).toBe('new@example.com');
    expect(trail('username.changed')).toMatchObject([{ from: alice.username, to: 'new@example.com' }]);
    expect(await renamed.opens(secret)).toBe(true);
    // An older token does not take it back.
    world.clock.advance({ minutes: -2 });
    expect((await me.list()).username).toBe('new@example.com');
  });
});

describe('What a person reads', () => {
  test('is what changed and what was refused, also of deleted ones', async () => {
    const [kept, gone] = [
      await me.made({ name: 'Kept', protocols: ['dav'] }),
      await me.made({ name: 'Gone' }),
    ];
    world.clock.advance({ seconds: 1 });
    await deleteAppPassword(instance.ports, { caller: me.caller(), id: gone.id }, signal);
    for (const { secret } of [gone, kept, kept]) {
      world.clock.advance({ seconds: 1 });
      await me.opens(secret);
    }
    await instance.settle();
    world.clock.advance({ minutes: 16 });
    await me.opens(kept.secret);
    await instance.settle();
    const { changes, refused } = await viewActivity(instance.ports, me.caller(), signal);
    expect(changes.map(({ kind }) => kind)).toEqual(['deleted', 'created', 'created']);
    expect(refused.map(({ id, refusals }) => [id, refusals.recent[0]?.reason])).toEqual([
      [kept.id, 'wrong-protocol'],
      [gone.id, 'deleted'],
    ]);
  });

  test('is nothing of somebody new', async () => {
    expect(await viewActivity(instance.ports, me.caller(), signal)).toEqual({ changes: [], refused: [] });
  });
});

describe('What administrators and the helpdesk see', () => {
  test.each([administrator, helpdesk])('is everything but secrets, and recorded: $kind', async (viewer) => {
    const [kept, gone] = [await me.made(), await me.made()];
    await deleteAppPassword(instance.ports, { caller: me.caller(), id: gone.id }, signal);
    const found = await viewPerson(instance.ports, { viewer, person: me.person }, signal);
    if (found.kind !== 'person') throw new Error(found.kind);
    expect(found).toMatchObject({
      person: me.person,
      profile: { username: alice.username },
      limit: 40,
      remaining: 39,
    });
    expect(found.appPasswords.map(({ id }) => id)).toEqual([kept.id]);
    expect(found.deleted.map(({ id }) => id)).toEqual([gone.id]);
    expect(found.activity).toHaveLength(3);
    expect(trail('person.viewed')).toMatchObject([{ actor: viewer, person: me.person }]);
  });

  test('of nobody is nothing, which is recorded as well', async () => {
    const what = { viewer: administrator, person: stranger };
    expect(await viewPerson(instance.ports, what, signal)).toEqual({ kind: 'not-found' });
    expect(trail('person.not-found')).toHaveLength(1);
  });

  test.each(['alice@example.com', 'ALICE', 'EXAMPLE\\alice', ' alice@example.com'])(
    'is found by what people type: %j',
    async (typed) => {
      await me.made();
      expect(await findPerson(instance.ports, { viewer: helpdesk, typed }, signal)).toEqual({
        kind: 'found',
        person: me.person,
        username: alice.username,
      });
      expect(trail('person.found')).toMatchObject([{ actor: helpdesk, person: me.person }]);
    },
  );

  test('is not found by a name that nobody has, and the name is not recorded', async () => {
    const typed = 'nobody@example.com';
    expect(await findPerson(instance.ports, { viewer: helpdesk, typed }, signal)).toEqual({
      kind: 'not-found',
    });
    expect(instance.records).toEqual([{ event: 'person.not-found', actor: helpdesk }]);
  });
});

describe('An account, set by an administrator', () => {
  const set = (to: { account?: 'enabled' | 'disabled'; username?: Username }, actor: Actor = administrator) =>
    changeAccount(instance.ports, { actor, person: me.person, ...to }, signal);

  test('that is disabled suspends everything at once, and enabled brings it back', async () => {
    const made = [await me.made(), await me.made()];
    for (let i = 0; i < 2; i++)
      expect(await set({ account: 'disabled' })).toEqual({
        kind: 'set',
        username: alice.username,
        account: 'disabled',
      });
    for (const { secret } of made) expect(await me.opens(secret)).toBe(false);
    expect((await me.list()).appPasswords).toMatchObject([
      { suspendedFor: ['account'] },
      { suspendedFor: ['account'] },
    ]);
    expect((await set({ account: 'enabled' })).kind).toBe('set');
    for (const { secret } of made) expect(await me.opens(secret)).toBe(true);
    expect(trail('account.disabled')).toHaveLength(1);
    expect(trail('account.enabled')).toHaveLength(1);
  });

  test('gets another name, which opens what the old one did', async () => {
    const { secret } = await me.made();
    const username = 'new@example.com' as Username;
    expect(await set({ username })).toEqual({ kind: 'set', username, account: 'enabled' });
    expect(await me.opens(secret, { username })).toBe(true);
    expect(await me.opens(secret)).toBe(false);
  });

  test('does not get a name that somebody holds by a later proof', async () => {
    await me.made();
    world.clock.advance({ minutes: 1 });
    await personOn(instance, bob).made();
    world.clock.advance({ minutes: -1 });
    expect((await set({ username: bob.username as Username })).kind).toBe('username-not-accepted');
  });

  test.each<[string, Actor, string]>([
    ['one’s own', { kind: 'administrator', id: alice.oid }, 'own-account'],
    ['by an application that gives a name', { kind: 'application', id: 'app' }, 'application'],
  ])('is forbidden %s, and counted', async (_what, actor, reason) => {
    await me.made();
    expect((await set({ username: 'new@example.com' as Username }, actor)).kind).toBe('forbidden');
    expect(trail('management.refused')).toMatchObject([{ reason }]);
  });

  test('is forbidden where a directory says it', async () => {
    await me.made();
    const ports = { ...instance.ports, directory: { ...instance.ports.directory, namesPeople: true } };
    const result = await changeAccount(
      ports,
      { actor: administrator, person: me.person, account: 'disabled' },
      signal,
    );
    expect(result.kind).toBe('forbidden');
  });

  test('of nobody is not to be found', async () => {
    expect((await set({ account: 'disabled' })).kind).toBe('not-found');
  });
});

describe('Erasing', () => {
  const erase = () => erasePerson(instance.ports, { actor: administrator, person: me.person }, signal);

  async function keptOf(user: User) {
    const { passwords, usernames } = world.tables;
    const rows = (
      await Promise.all([passwords, usernames].map((table) => Array.fromAsync(table.listEntities())))
    ).flat();
    return JSON.stringify(rows).split(user.username).length - 1;
  }

  test('leaves nothing but that somebody of this id was erased', async () => {
    const made = await Promise.all(Array.from({ length: 30 }, () => me.made()));
    await deleteAppPassword(instance.ports, { caller: me.caller(), id: made[0]?.id ?? '' }, signal);
    for (let i = 0; i < 2; i++) await erase();
    world.clock.advance({ seconds: 11 });
    for (const { secret } of made) expect(await me.opens(secret)).toBe(false);
    expect(await keptOf(alice)).toBe(0);
    const found = await instance.ports.passwords.person(me.person, signal);
    expect(found).toMatchObject({ profile: { username: '', count: 0 }, passwords: [], activity: [] });
    expect(trail('person.erased')).toMatchObject([{ actor: administrator, person: me.person }]);
    expect(trail('app-password.deleted')).toHaveLength(30);
    const what = { viewer: administrator, person: me.person };
    expect(await viewPerson(instance.ports, what, signal)).toEqual({ kind: 'not-found' });
  });

  test('leaves the person free to begin anew', async () => {
    await me.made();
    await erase();
    const { secret } = await me.made();
    expect(await me.opens(secret)).toBe(true);
    expect((await me.list()).remaining).toBe(39);
  });

  test('of nobody does nothing', async () => {
    await erase();
    expect(instance.records).toEqual([]);
  });

  test('takes what may work first, so that a fault leaves nothing that works', async () => {
    const { secret } = await me.made();
    let batches = 0;
    world.fate((_, request) => (request.includes('$batch') && batches++ > 0 ? 'cut' : 'pass'));
    await expect(
      erasePerson(instance.ports, { actor: administrator, person: me.person }, AbortSignal.timeout(200)),
    ).rejects.toThrow(Unavailable);
    world.fate(() => 'pass');
    expect(await me.opens(secret)).toBe(false);
    await erase();
    expect(await keptOf(alice)).toBe(0);
  });

  test('takes the counted refusals along', async () => {
    await me.made();
    await me.opens(strangePassword());
    await instance.settle();
    await erase();
    expect((await instance.ports.passwords.profile(me.person, signal))?.refusals).toBeNull();
  });
});
