import { beforeEach, describe, expect, test } from 'vitest';
import { disablePepper, rotatePepper } from '../../operator/pepper-rotation.ts';
import { deleteAppPassword } from '../../shared/domain/app-password/delete.ts';
import type { Policy } from '../../shared/domain/policy/policy.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { strangePassword } from '../../testing/api.ts';
import { alice, bob, personOn, putPolicy, signal, typed } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

const quarter = { minutes: 15 };

let world: World;
let instance: Instance;
let me: ReturnType<typeof personOn>;

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
  me = personOn(instance, alice);
});

const only = async () => {
  const [found] = (await instance.ports.passwords.person(me.person, signal)).passwords;
  if (found === undefined) throw new Error('there is none');
  return found;
};
const profile = () => instance.ports.passwords.profile(me.person, signal);
const { origin } = typed('', '');

describe('Verify', () => {
  test.each(['alice@example.com', 'ALICE@EXAMPLE.COM', 'alice', 'EXAMPLE\\alice'])(
    'says yes to what people type as the name: %s',
    async (username) => {
      const { secret } = await me.made();
      expect(await me.opens(secret, { username })).toBe(true);
    },
  );

  test.each<[string, (secret: string) => string]>([
    ['without hyphens', (secret) => secret.replaceAll('-', '')],
    ['in capitals', (secret) => secret.toUpperCase()],
    ['with spaces', (secret) => ` ${secret.replaceAll('-', ' ')} `],
  ])('says yes to the password %s', async (_how, write) => {
    const { secret } = await me.made();
    expect(await me.opens(write(secret))).toBe(true);
  });

  test.each<[string, Partial<Policy>, boolean]>([
    ['verification is denied', { verification: 'denied' }, false],
    ['its protocol is allowed', { protocols: ['imap'] }, true],
    ['its protocol is not allowed', { protocols: ['smtp'] }, false],
    ['it is used often enough', { idleDays: 2 }, true],
    ['it was not used for too long', { idleDays: 1 }, false],
    ['it is young enough', { maximumLifetimeDays: 2 }, true],
    ['it is too old', { maximumLifetimeDays: 1 }, false],
  ])('answers by the policy where %s: %j', async (_when, policy, isYes) => {
    const { secret } = await me.made();
    await putPolicy(instance, policy);
    world.clock.advance({ minutes: 24 * 60 });
    expect(await me.opens(secret)).toBe(isYes);
  });

  test('needs the protocol that the app password is for', async () => {
    const { secret } = await me.made({ protocols: ['smtp'] });
    expect(await me.opens(secret)).toBe(false);
    expect(await me.opens(secret, { origin: { ...origin, protocol: null } })).toBe(false);
    expect(await me.opens(secret, { origin: { ...origin, protocol: 'smtp' } })).toBe(true);
  });

  test('is a fault for a miss where the peppers are too old, and still a yes for a hit', async () => {
    const { secret } = await me.made();
    world.keyVault.isAway = true;
    world.clock.advance({ minutes: 20 });
    expect(await me.opens(secret)).toBe(true);
    await expect(me.opens(strangePassword())).rejects.toThrow(Unavailable);
    expect(await me.opens('not an app password')).toBe(false);
    world.keyVault.isAway = false;
    world.clock.advance({ seconds: 31 });
    expect(await me.opens(strangePassword())).toBe(false);
  });

  test('follows within 10 seconds a name that another instance gave away', async () => {
    const { secret } = await me.made();
    expect(await me.opens(secret)).toBe(true);
    world.clock.advance({ seconds: 1 });
    await personOn(instanceIn(world), { ...bob, username: alice.username }).made();
    world.clock.advance({ seconds: 8.9 });
    expect(await me.opens(secret)).toBe(true);
    world.clock.advance({ seconds: 0.2 });
    expect(await me.opens(secret)).toBe(false);
  });
});

describe('After a yes', () => {
  test('the use is recorded, and noted at most once in 15 minutes', async () => {
    const { id, secret } = await me.made();
    const at = world.clock.now();
    for (let i = 0; i < 2; i++) {
      expect(await me.opens(secret)).toBe(true);
      await instance.settle();
      world.clock.advance({ minutes: 1 });
    }
    expect((await only()).lastUsed).toEqual({ at, ...origin });
    expect(instance.records.filter(({ event }) => event === 'verify.accepted')).toMatchObject([
      { person: me.person, appPassword: id, ...origin },
      { appPassword: id },
    ]);
    world.clock.advance(quarter);
    await me.opens(secret);
    await instance.settle();
    expect((await only()).lastUsed?.at).toBe(at + 17 * 60_000);
  });

  test('a use that a change overtakes is dropped', async () => {
    const { id, secret } = await me.made();
    await me.opens(secret);
    await deleteAppPassword(instance.ports, { caller: me.caller(), id }, signal);
    await instance.settle();
    expect(await only()).toMatchObject({ state: 'deleted', lastUsed: null });
    expect(instance.faults).toEqual([]);
  });

  test('the password moves under the newest pepper, once every instance knows it', async () => {
    const { id, key, secret } = await me.made();
    world.clock.advance({ minutes: 1 });
    const newest = await rotatePepper(world.keyVault.vault);
    world.clock.advance({ minutes: 19 });
    expect(await me.opens(secret)).toBe(true);
    await instance.settle();
    expect((await only()).key).toBe(key);
    world.clock.advance({ minutes: 2 });
    expect(await me.opens(secret)).toBe(true);
    await instance.settle();
    expect((await only()).key.split('.')[0]).toBe(newest);
    expect(instance.records).toContainEqual({
      event: 'app-password.rewritten',
      person: me.person,
      appPassword: id,
    });
    await disablePepper(world.keyVault.vault, key.split('.')[0] ?? '');
    world.clock.advance({ minutes: 16 });
    expect(await me.opens(secret)).toBe(true);
  });
});

describe('After a refusal', () => {
  test('of one’s own app password, its owner reads how often and why', async () => {
    const { secret } = await me.made({ protocols: ['dav'] });
    const at = world.clock.now();
    for (let i = 0; i < 3; i++) await me.opens(secret);
    await instance.settle();
    // The first is written at once, those of the next 15 minutes together.
    expect((await only()).refusals).toMatchObject({ count: 1, since: at });
    world.clock.advance(quarter);
    await me.opens(secret);
    await instance.settle();
    const { refusals } = await only();
    expect(refusals).toMatchObject({ count: 4, since: at, writtenAt: at + 15 * 60_000 });
    expect(refusals?.recent).toHaveLength(4);
    expect(refusals?.recent[0]).toEqual({ at: at + 15 * 60_000, reason: 'wrong-protocol', ...origin });
  });

  test('the ten newest are kept', async () => {
    const { secret } = await me.made({ protocols: ['dav'] });
    for (let i = 0; i < 15; i++) {
      world.clock.advance({ seconds: 1 });
      await me.opens(secret);
    }
    await instance.settle();
    world.clock.advance(quarter);
    await me.opens(secret);
    await instance.settle();
    const { count = 0, recent = [] } = (await only()).refusals ?? {};
    expect(count).toBe(16);
    expect(recent).toHaveLength(10);
    expect(recent.map(({ at }) => at)).toEqual(recent.map(({ at }) => at).toSorted((a, b) => b - a));
  });

  test('of what is nobody’s, it counts with the person, and the record names no app password', async () => {
    await me.made();
    await me.opens(strangePassword());
    await instance.settle();
    expect((await profile())?.refusals).toMatchObject({
      count: 1,
      recent: [{ reason: 'unknown-app-password' }],
    });
    expect(instance.records.at(-1)).toMatchObject({
      event: 'verify.refused',
      reason: 'unknown-app-password',
      person: me.person,
      appPassword: null,
    });
  });

  test('of an unknown username nobody is named, and nothing is written', async () => {
    const before = world.requests.length;
    expect(await me.opens(strangePassword())).toBe(false);
    const asked = world.requests.length;
    await instance.settle();
    expect(asked).toBeGreaterThan(before);
    expect(world.requests).toHaveLength(asked);
    expect(instance.records).toMatchObject([
      { event: 'verify.refused', reason: 'unknown-username', person: null },
    ]);
  });

  test('of what cannot be an app password, it is counted by the gateway', async () => {
    for (let i = 0; i < 3; i++) await me.opens('hunter2');
    expect(instance.records).toEqual([
      {
        event: 'verify.refused',
        reason: 'not-an-app-password',
        gateway: 'mail',
        count: 1,
        networks: [{ network: '192.0.2.0/24', count: 1 }],
      },
    ]);
  });

  test('what storage does not take is written 15 minutes later', async () => {
    const { secret } = await me.made({ protocols: ['dav'] });
    await me.opens(secret);
    world.fate(() => 'cut');
    await instance.settle();
    world.fate(() => 'pass');
    expect(instance.faults).toHaveLength(1);
    expect((await only()).refusals).toBeNull();
    world.clock.advance(quarter);
    await me.opens(secret);
    await instance.settle();
    expect((await only()).refusals).toMatchObject({ count: 2 });
  });

  test.each<[string, object, string]>([
    ['expired', { expiresAt: new Date(0) }, 'expired'],
    ['suspended', { state: 'suspended', suspendedFor: 'administrator' }, 'suspended'],
    ['deleted', { state: 'deleted' }, 'deleted'],
    ['in a state that nobody knows', { state: 'frozen' }, 'suspended'],
  ])('of one that is %s, the record says so', async (_what, columns, reason) => {
    const { key, id, secret } = await me.made();
    await world.tables.passwords.updateEntity({ partitionKey: me.person, rowKey: key, ...columns }, 'Merge');
    expect(await me.opens(secret)).toBe(false);
    await instance.settle();
    expect(instance.records.at(-1)).toMatchObject({ event: 'verify.refused', reason, appPassword: id });
  });
});
