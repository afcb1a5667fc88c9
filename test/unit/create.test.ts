import { beforeEach, describe, expect, test } from 'vitest';
import { register } from '../../shared/domain/app-password/register.ts';
import { userRole } from '../../shared/domain/person/caller.ts';
import type { Policy } from '../../shared/domain/policy/policy.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { alice, personOn, putPolicy, signal, wanted } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

const day = 86_400_000;
const again = { idempotencyKey: '2d02715e-6ad3-4458-be52-745991df4974' };

let world: World;
let instance: Instance;
let me: ReturnType<typeof personOn>;

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
  me = personOn(instance, alice);
});

const events = () => instance.records.map(({ event }) => event);

describe('Creating', () => {
  test('makes an app password that works, and shows it in the list without the secret', async () => {
    const { secret, ...made } = await me.made({ name: 'Phone' });
    expect(secret).toMatch(/^[a-z]{4}(-[a-z]{4}){4}$/);
    expect(await me.opens(secret)).toBe(true);
    const { appPasswords, remaining } = await me.list();
    expect(appPasswords).toMatchObject([{ ...made, state: 'active', lastUsed: null }]);
    expect(remaining).toBe(39);
    expect(JSON.stringify(appPasswords)).not.toContain(secret);
  });

  test('keeps what was asked for, and how the second factor was proved', async () => {
    const now = world.clock.now();
    const made = await me.made({ name: 'Scanner', protocols: ['smtp'], expiresAt: now + day });
    expect(made).toMatchObject({
      name: 'Scanner',
      protocols: ['smtp'],
      expiresAt: now + day,
      createdAt: now,
      proof: { amr: ['pwd', 'mfa'], acrs: [], authenticatedAt: now },
    });
  });

  test('ends after as many days as were asked for, by the clock of the service', async () => {
    const lifetime = { ...again, lifetimeDays: 30 };
    const first = await me.made(lifetime);
    expect(first.expiresAt).toBe(world.clock.now() + 30 * day);
    world.clock.advance({ seconds: 5 });
    const second = await me.made(lifetime);
    expect(second.expiresAt).toBe(world.clock.now() + 30 * day);
    expect((await me.list()).appPasswords).toMatchObject([{ id: second.id }]);
    await putPolicy(instance, { maximumLifetimeDays: 30 });
    expect(await me.made({ lifetimeDays: 30 })).toMatchObject({ expiresAt: world.clock.now() + 30 * day });
  });

  test('is recorded, and read about by the person', async () => {
    const { id, name } = await me.made();
    expect(instance.records).toContainEqual({
      event: 'app-password.created',
      actor: { kind: 'person', id: alice.oid },
      person: me.person,
      appPassword: id,
      operation: 'create',
    });
    const { activity } = await instance.ports.passwords.person(me.person, signal);
    expect(activity).toMatchObject([{ kind: 'created', by: 'person', appPassword: { id, name } }]);
  });

  test.each<[string, Partial<Policy>, Parameters<typeof me.create>[0], string]>([
    ['nobody may', { creation: 'nobody' }, {}, 'creation-denied'],
    ['those with the role may', { creation: 'app-role' }, {}, 'creation-denied'],
    ['the limit is reached', { limit: 1 }, {}, 'limit-reached'],
    [
      'a protocol is not allowed',
      { protocols: ['imap'] },
      { protocols: ['imap', 'smtp'] },
      'protocols-not-allowed',
    ],
    ['the last moment is over', {}, { expiresAt: 1 }, 'already-past'],
    ['the lifetime is too long', { maximumLifetimeDays: 7 }, { lifetimeDays: 8 }, 'lifetime-not-allowed'],
  ])('is refused where %s, and recorded', async (_when, policy, change, kind) => {
    await me.made();
    await putPolicy(instance, policy);
    expect(await me.create(change)).toMatchObject({ kind });
    expect(instance.records.at(-1)).toMatchObject({ event: 'app-password.not-created', reason: kind });
    expect((await me.list()).appPasswords).toHaveLength(1);
  });

  test('takes the role where the policy asks for it', async () => {
    await putPolicy(instance, { creation: 'app-role' });
    expect((await personOn(instance, { ...alice, roles: [userRole] }).create()).kind).toBe('created');
  });

  test('is refused for a disabled account', async () => {
    const { passwords } = instance.ports;
    await me.made();
    const from = await passwords.profile(me.person, signal);
    if (from === undefined) throw new Error('nobody');
    const { version: _, ...profile } = from;
    await passwords.commit(me.person, { profile: { from, to: { ...profile, account: 'disabled' } } }, signal);
    expect((await me.create()).kind).toBe('account-disabled');
  });

  test('is a fault where the peppers are too old to write under, and makes nothing', async () => {
    await me.made();
    world.keyVault.isAway = true;
    world.clock.advance({ minutes: 16 });
    await expect(me.create()).rejects.toThrow(Unavailable);
    const registering = register(instance.ports, { caller: me.caller(), wanted: wanted() }, signal);
    await expect(registering).rejects.toThrow(Unavailable);
    expect((await me.list()).appPasswords).toHaveLength(1);
  });

  test('is refused where too many wait', async () => {
    const ports = { ...instance.ports, unlessCrowded: async () => 'crowded' as const };
    expect((await personOn({ ports }, alice).create()).kind).toBe('too-many-requests');
    const late = { ...instance.ports, unlessCrowded: async () => 'late' as const };
    expect((await personOn({ ports: late }, alice).create()).kind).toBe('temporarily-unavailable');
    expect(instance.records[0]).toMatchObject({ event: 'management.refused', reason: 'too-many-requests' });
  });

  describe('again with the same idempotency key', () => {
    test('puts a new secret in the place of the one that nobody used', async () => {
      const first = await me.made(again);
      world.clock.advance({ seconds: 1 });
      const second = await me.made({ ...again, idempotencyKey: again.idempotencyKey.toUpperCase() });
      expect(await me.opens(first.secret)).toBe(false);
      expect(await me.opens(second.secret)).toBe(true);
      const { appPasswords, remaining } = await me.list();
      expect(appPasswords.map(({ id }) => id)).toEqual([second.id]);
      expect(remaining).toBe(39);
      expect(events().filter((event) => event.startsWith('app-password.'))).toEqual([
        'app-password.created',
        'app-password.created',
        'app-password.deleted',
      ]);
    });

    test('is refused where it was used', async () => {
      const { secret } = await me.made(again);
      expect(await me.opens(secret)).toBe(true);
      await instance.settle();
      expect((await me.create(again)).kind).toBe('already-used');
      expect(await me.opens(secret)).toBe(true);
    });

    test('is a fault where a newer request came first', async () => {
      world.clock.advance({ seconds: 1 });
      await me.made(again);
      world.clock.advance({ seconds: -1 });
      await expect(me.create(again)).rejects.toThrow(Unavailable);
    });

    test('means another one for somebody else, and where it registers', async () => {
      await me.made(again);
      const registered = await register(
        instance.ports,
        { caller: me.caller(), wanted: wanted(again) },
        signal,
      );
      expect(registered.kind).toBe('created');
      expect((await me.list()).appPasswords).toHaveLength(2);
    });
  });
});

describe('Registering', () => {
  const ask = (change = {}) =>
    register(instance.ports, { caller: me.caller(), wanted: wanted(change) }, signal);

  test('hands out an app password once in a life', async () => {
    const at = world.clock.now();
    const first = await ask();
    if (first.kind !== 'created') throw new Error(first.kind);
    expect(await me.opens(first.password)).toBe(true);
    world.clock.advance({ minutes: 1 });
    expect(await ask()).toEqual({ kind: 'already-registered', registeredAt: at });
    expect((await me.list()).appPasswords).toHaveLength(1);
    expect(events()).toContain('app-password.not-created');
  });

  test('comes after app passwords as well', async () => {
    await me.made();
    expect((await ask()).kind).toBe('created');
  });

  test('again with the same idempotency key hands out another one in its place', async () => {
    const at = world.clock.now();
    await ask(again);
    world.clock.advance({ seconds: 1 });
    expect((await ask(again)).kind).toBe('created');
    expect((await me.list()).appPasswords).toHaveLength(1);
    expect((await instance.ports.passwords.profile(me.person, signal))?.registeredAt).toBe(at);
  });
});
