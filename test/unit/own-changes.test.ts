import { beforeEach, describe, expect, test } from 'vitest';
import {
  deleteAllAppPasswords,
  deleteAppPassword,
  deleteOf,
  deleteWhere,
} from '../../shared/domain/app-password/delete.ts';
import { renameAppPassword } from '../../shared/domain/app-password/rename.ts';
import { reviveAppPassword } from '../../shared/domain/app-password/revive.ts';
import { suspendOrResume } from '../../shared/domain/app-password/suspend.ts';
import { changeAccount } from '../../shared/domain/person/account.ts';
import { touch } from '../../shared/domain/person/change.ts';
import { administrator, alice, bob, personOn, putPolicy, signal } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

const day = 24 * 60;

let world: World;
let instance: Instance;
let me: ReturnType<typeof personOn>;

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
  me = personOn(instance, alice);
});

/** What alice reads about what was done. */
const changes = async () => {
  const { activity } = await instance.ports.passwords.person(me.person, signal);
  return activity.map(({ kind, by, count }) => [kind, by, count]);
};
const trail = (event: string) => instance.records.filter((record) => record.event === event);
const asAdministrator = (id: string) => ({ actor: administrator, person: me.person, id });
const disableAccount = () =>
  changeAccount(instance.ports, { actor: administrator, person: me.person, account: 'disabled' }, signal);

/** What one person does with an id, of an app password that may be somebody else's. */
const attempts = {
  rename: (id: string, who = me) =>
    renameAppPassword(instance.ports, { caller: who.caller(), id, name: 'Tablet' }, signal),
  revive: (id: string, who = me) => reviveAppPassword(instance.ports, { caller: who.caller(), id }, signal),
  remove: (id: string, who = me) => deleteAppPassword(instance.ports, { caller: who.caller(), id }, signal),
};

describe.each(Object.entries(attempts))('To %s', (_what, attempt) => {
  test('an app password of somebody else, or none at all, is not to be found, and counted', async () => {
    const { id, secret } = await me.made();
    const other = personOn(instance, bob);
    await other.made();
    expect(await attempt(id, other)).toEqual({ kind: 'not-found' });
    expect(await attempt('2d02715e-6ad3-4458-be52-745991df4974')).toEqual({ kind: 'not-found' });
    expect(await me.opens(secret)).toBe(true);
    expect(trail('management.refused')).toMatchObject([
      { reason: 'not-found', caller: bob.oid },
      { reason: 'not-found', caller: alice.oid },
    ]);
  });

  test('takes an id in any case', async () => {
    const { id } = await me.made();
    expect((await attempt(id.toUpperCase())).kind).not.toBe('not-found');
  });

  test('has nothing to find for somebody of whom nothing is kept', async () => {
    expect((await attempt('2d02715e-6ad3-4458-be52-745991df4974')).kind).toBe('not-found');
  });
});

describe('Renaming', () => {
  test('gives another name, and is recorded once', async () => {
    const { id, secret } = await me.made();
    const renamed = { kind: 'renamed', appPassword: { id, name: 'Tablet' } };
    for (let i = 0; i < 2; i++) expect(await attempts.rename(id)).toMatchObject(renamed);
    expect((await me.list()).appPasswords).toMatchObject([{ name: 'Tablet' }]);
    expect(trail('app-password.renamed')).toHaveLength(1);
    expect(await changes()).toContainEqual(['renamed', 'person', null]);
    expect(await me.opens(secret)).toBe(true);
  });

  test('does not find a deleted one', async () => {
    const { id } = await me.made();
    await attempts.remove(id);
    expect((await attempts.rename(id)).kind).toBe('not-found');
  });
});

describe('Reviving', () => {
  beforeEach(() => putPolicy(instance, { idleDays: 30 }));

  test('takes one back that was not used for long', async () => {
    const { id, secret } = await me.made();
    world.clock.advance({ minutes: 30 * day });
    expect(await me.opens(secret)).toBe(false);
    expect((await me.list()).appPasswords).toMatchObject([{ state: 'suspended', suspendedFor: ['idle'] }]);
    expect(await attempts.revive(id)).toMatchObject({ kind: 'revived', appPassword: { state: 'active' } });
    expect(await me.opens(secret)).toBe(true);
    expect(trail('app-password.revived')).toMatchObject([{ appPassword: id }]);
    expect(await changes()).toContainEqual(['revived', 'person', null]);
  });

  test('changes nothing of one that is in use', async () => {
    const { id } = await me.made();
    expect(await attempts.revive(id)).toMatchObject({ kind: 'revived', appPassword: { state: 'active' } });
    expect(trail('app-password.revived')).toEqual([]);
  });

  test('does not lift what an administrator did', async () => {
    const { id, secret } = await me.made();
    await suspendOrResume(instance.ports, { ...asAdministrator(id), kind: 'suspended' }, signal);
    world.clock.advance({ minutes: 30 * day });
    expect(await attempts.revive(id)).toMatchObject({
      kind: 'revived',
      appPassword: { state: 'suspended', suspendedFor: ['administrator'] },
    });
    expect(await me.opens(secret)).toBe(false);
  });

  test('is refused for a disabled account, and for a deleted one there is nothing', async () => {
    const [first, second] = [await me.made(), await me.made()];
    await attempts.remove(second.id);
    await disableAccount();
    expect((await attempts.revive(first.id)).kind).toBe('account-disabled');
    expect((await attempts.revive(second.id)).kind).toBe('not-found');
  });
});

describe('Deleting', () => {
  test('takes one away at once, and succeeds again', async () => {
    const [gone, kept] = [await me.made(), await me.made()];
    expect(await attempts.remove(gone.id)).toEqual({ kind: 'deleted', count: 1 });
    expect(await attempts.remove(gone.id)).toEqual({ kind: 'deleted', count: 1 });
    expect(await me.opens(gone.secret)).toBe(false);
    expect(await me.opens(kept.secret)).toBe(true);
    const { appPasswords, remaining } = await me.list();
    expect(appPasswords.map(({ id }) => id)).toEqual([kept.id]);
    expect(remaining).toBe(39);
    expect(trail('app-password.deleted')).toMatchObject([{ appPassword: gone.id }]);
  });

  test('all takes all away in one change', async () => {
    const made = [await me.made(), await me.made(), await me.made()];
    expect(await deleteAllAppPasswords(instance.ports, me.caller(), signal)).toEqual({
      kind: 'deleted',
      count: 3,
    });
    expect(await deleteAllAppPasswords(instance.ports, me.caller(), signal)).toEqual({
      kind: 'deleted',
      count: 0,
    });
    for (const { secret } of made) expect(await me.opens(secret)).toBe(false);
    expect((await me.list()).remaining).toBe(40);
    expect(trail('app-password.deleted')).toHaveLength(3);
    expect(await changes()).toContainEqual(['deleted-all', 'person', 3]);
  });

  test('all of nobody is nothing', async () => {
    expect(await deleteAllAppPasswords(instance.ports, me.caller(), signal)).toEqual({
      kind: 'deleted',
      count: 0,
    });
  });

  test('by an administrator is recorded as such', async () => {
    const { id, secret } = await me.made();
    expect(await deleteOf(instance.ports, asAdministrator(id), signal)).toEqual({
      kind: 'deleted',
      count: 1,
    });
    expect(await me.opens(secret)).toBe(false);
    expect(trail('app-password.deleted')).toMatchObject([{ actor: administrator, appPassword: id }]);
    expect(await changes()).toContainEqual(['deleted', 'administrator', null]);
    const unknown = asAdministrator('2d02715e-6ad3-4458-be52-745991df4974');
    expect(await deleteOf(instance.ports, unknown, signal)).toEqual({ kind: 'not-found' });
    expect(
      await deleteOf(instance.ports, { ...unknown, person: personOn(instance, bob).person }, signal),
    ).toEqual({
      kind: 'not-found',
    });
  });

  test('by what is picked leaves the others', async () => {
    const [first, second] = [await me.made({ name: 'First' }), await me.made({ name: 'Second' })];
    const which = ({ name }: { name: string }) => name === 'First';
    const deleter = { actor: administrator, person: me.person, which };
    expect(await deleteWhere(instance.ports, deleter, signal)).toEqual({ kind: 'deleted', count: 1 });
    expect([await me.opens(first.secret), await me.opens(second.secret)]).toEqual([false, true]);
  });

  test('is remembered for 90 days, of the newest 100', async () => {
    const { passwords, random } = instance.ports;
    const { secret: _, ...last } = await me.made();
    const deleted = (at: number) => {
      const key = `version.${`${at}`.padStart(43, 'x')}` as typeof last.key;
      return {
        ...last,
        key,
        id: random.uuid(),
        state: 'deleted',
        deletedAt: world.clock.now() + at,
      } as const;
    };
    for (let from = 0; from < 110; from += 55) {
      const profile = await passwords.profile(me.person, signal);
      if (profile === undefined) throw new Error('nobody');
      const create = Array.from({ length: 55 }, (_, index) => deleted(from + index));
      await passwords.commit(me.person, { profile: touch(profile), create }, signal);
    }
    const remembered = async () =>
      (await passwords.person(me.person, signal)).passwords.filter(({ state }) => state === 'deleted');
    await attempts.remove(last.id);
    expect(await remembered()).toHaveLength(101);
    // Each change trims what is too much before it, 20 at once.
    await me.made();
    expect(await remembered()).toHaveLength(100);
    world.clock.advance({ minutes: 90 * day + 1 });
    for (let i = 0; i < 5; i++) await me.made();
    expect(await remembered()).toHaveLength(0);
  });
});

describe('Suspending and resuming', () => {
  const change = (id: string, kind: 'suspended' | 'resumed') =>
    suspendOrResume(instance.ports, { ...asAdministrator(id), kind }, signal);

  test('is done by an administrator, and recorded once', async () => {
    const { id, secret } = await me.made();
    for (let i = 0; i < 2; i++)
      expect(await change(id, 'suspended')).toMatchObject({
        kind: 'changed',
        appPassword: { state: 'suspended', suspendedFor: ['administrator'] },
      });
    expect(await me.opens(secret)).toBe(false);
    expect((await me.list()).remaining).toBe(39);
    for (let i = 0; i < 2; i++)
      expect(await change(id, 'resumed')).toMatchObject({
        kind: 'changed',
        appPassword: { state: 'active' },
      });
    expect(await me.opens(secret)).toBe(true);
    expect(trail('app-password.suspended')).toHaveLength(1);
    expect(trail('app-password.resumed')).toHaveLength(1);
    expect(await changes()).toContainEqual(['suspended', 'administrator', null]);
  });

  test('does not resume one of a disabled account, and finds no deleted one', async () => {
    const [first, second] = [await me.made(), await me.made()];
    await change(first.id, 'suspended');
    await attempts.remove(second.id);
    await disableAccount();
    expect((await change(first.id, 'resumed')).kind).toBe('account-disabled');
    expect((await change(second.id, 'suspended')).kind).toBe('not-found');
    expect((await change('2d02715e-6ad3-4458-be52-745991df4974', 'suspended')).kind).toBe('not-found');
  });

  test('finds nothing of nobody', async () => {
    expect((await change('2d02715e-6ad3-4458-be52-745991df4974', 'suspended')).kind).toBe('not-found');
  });
});
