import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AppPassword, PasswordKey, Refusals } from '../../shared/domain/app-password/app-password.ts';
import type { AuditRecord } from '../../shared/domain/audit-record.ts';
import type { DirectoryState } from '../../shared/domain/directory/directory.ts';
import type { Activity } from '../../shared/domain/person/activity.ts';
import { touch } from '../../shared/domain/person/change.ts';
import { noHolder, type PersonKey, personKey } from '../../shared/domain/person/person.ts';
import type { Profile } from '../../shared/domain/person/profile.ts';
import { defaultPolicy, type Policy } from '../../shared/domain/policy/policy.ts';
import type { Passwords, Policies } from '../../shared/domain/ports.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import type { UsernameClaim } from '../../shared/domain/username/username-claim.ts';
import type { Versioned } from '../../shared/domain/versioned.ts';
import { pagesOf } from '../../shared/tables/all-people.ts';
import { keepAddressesFor, removeOldAddresses } from '../../shared/tables/client-addresses.ts';
import { directoryStateIn } from '../../shared/tables/directory-state.ts';
import { gatewayNetworksIn } from '../../shared/tables/gateway-networks.ts';
import { passwordsIn } from '../../shared/tables/passwords.ts';
import { policiesIn } from '../../shared/tables/policy.ts';
import type { Tables } from '../../shared/tables/tables.ts';
import { usernamesIn } from '../../shared/tables/usernames.ts';
import { appPassword } from '../../testing/app-password.ts';
import { FakeClock } from '../../testing/clock.ts';
import { soon, stores } from './stores.ts';

const now = Date.UTC(2026, 10, 29);
const day = 86_400_000;

const profile: Profile = {
  username: 'alice@example.com' as Username,
  usernameIssuedAt: now,
  usernameSource: 'token',
  formerUsername: null,
  mail: null,
  registeredAt: null,
  count: 0,
  account: 'enabled',
  refusals: null,
};

let activities = 0;

function activity(at: number): Activity {
  const key = `activity.${`${at}`.padStart(15, '0')}.${activities++}`;
  return { key, at, kind: 'created', by: 'person', appPassword: null, count: null };
}

function withoutVersion<T extends object>({ version: _, ...rest }: Versioned<T>) {
  return rest;
}

describe.each(stores)('Passwords %s', (_name, open) => {
  let tables: Tables;
  let passwords: Passwords;
  let person: PersonKey;
  let people = 0;

  beforeAll(async () => {
    tables = await open();
    passwords = passwordsIn(tables.passwords);
  });

  beforeEach(() => {
    person = personKey('tenant', `person-${people++}`);
  });

  const read = async () => {
    const found = await passwords.profile(person, soon());
    if (found === undefined) throw new Error('there is no profile');
    return found;
  };
  const begin = async (...create: AppPassword[]) => {
    const to = { ...profile, count: create.length };
    expect(await passwords.commit(person, { profile: { from: undefined, to }, create }, soon())).toBe(true);
    return read();
  };
  const findOne = async (key: PasswordKey) => {
    const found = await passwords.find(person, key, soon());
    if (found === undefined) throw new Error('there is no such app password');
    return found;
  };

  test('nobody has nothing', async () => {
    expect(await passwords.person(person, soon())).toEqual({
      profile: undefined,
      passwords: [],
      activity: [],
    });
    expect(await passwords.profile(person, soon())).toBeUndefined();
    expect(await passwords.find(person, appPassword().key, soon())).toBeUndefined();
  });

  test('what is kept of an app password comes back as it was', async () => {
    const whole = appPassword({
      name: 'Ünïcode ☃ "quoted"',
      expiresAt: now + day,
      protocols: ['imap', 'smtp'],
      state: 'suspended',
      suspendedFor: ['account', 'administrator'],
      revivedAt: now + 1,
      proof: { amr: ['pwd', 'mfa'], acrs: ['c1'], authenticatedAt: now - 1 },
      requestKey: 'request',
    });
    const bare = appPassword({ proof: { amr: [], acrs: [], authenticatedAt: null } });
    const deleted = appPassword({ state: 'deleted', suspendedFor: ['administrator'], deletedAt: now + 2 });
    await begin(whole, bare, deleted);
    for (const one of [whole, bare, deleted]) expect(withoutVersion(await findOne(one.key))).toEqual(one);
    const all = (await passwords.person(person, soon())).passwords;
    expect(new Map(all.map((one) => [one.id, withoutVersion(one)]))).toEqual(
      new Map([whole, bare, deleted].map((one) => [one.id, one])),
    );
  });

  test('what is kept of a profile comes back as it was, and what is nothing is nothing', async () => {
    const to: Profile = {
      ...profile,
      usernameSource: 'directory',
      formerUsername: 'before@example.com' as Username,
      mail: 'mail@example.com' as Username,
      registeredAt: now,
      count: 40,
      account: 'disabled',
    };
    await begin();
    expect(withoutVersion(await read())).toEqual(profile);
    expect(await passwords.commit(person, { profile: touch(await read(), to) }, soon())).toBe(true);
    expect(withoutVersion(await read())).toEqual(to);
    const none = { formerUsername: null, mail: null };
    expect(await passwords.commit(person, { profile: touch(await read(), none) }, soon())).toBe(true);
    expect(withoutVersion(await read())).toEqual({ ...to, ...none });
  });

  test('activity comes newest first', async () => {
    let from = await begin();
    for (const at of [now, now + 2, now + 1]) {
      expect(await passwords.commit(person, { profile: touch(from), activity: activity(at) }, soon())).toBe(
        true,
      );
      from = await read();
    }
    const found = await passwords.person(person, soon());
    expect(found.activity.map(({ at }) => at)).toEqual([now + 2, now + 1, now]);
  });

  test('a change touches the profile in any case, so that of two under one version the second does nothing', async () => {
    const from = await begin();
    const [first, second] = [appPassword(), appPassword()];
    const add = (one: AppPassword) =>
      passwords.commit(person, { profile: touch(from, { count: 1 }), create: [one] }, soon());
    expect(await add(first)).toBe(true);
    expect(await add(second)).toBe(false);
    const found = await passwords.person(person, soon());
    expect(found.profile?.count).toBe(1);
    expect(found.passwords.map(({ id }) => id)).toEqual([first.id]);
  });

  test('a change that changes no column gives a new version all the same', async () => {
    const from = await begin();
    expect(await passwords.commit(person, { profile: touch(from) }, soon())).toBe(true);
    expect((await read()).version).not.toBe(from.version);
    expect(await passwords.commit(person, { profile: touch(from) }, soon())).toBe(false);
  });

  test('of two first changes one is done', async () => {
    const first = () => passwords.commit(person, { profile: { from: undefined, to: profile } }, soon());
    expect((await Promise.all([first(), first()])).sort()).toEqual([false, true]);
    expect(await first()).toBe(false);
  });

  test('a change is done as a whole, or not at all', async () => {
    const [kept, other, added] = [appPassword(), appPassword(), appPassword()];
    const from = await begin(kept, other);
    const old = await findOne(kept.key);
    const use = { at: now, protocol: null, gateway: 'mail', clientAddress: null };
    expect(await passwords.used(person, { password: old, lastUsed: use }, soon())).toBe(true);
    const change = {
      profile: touch(from, { count: 9 }),
      activity: activity(now),
      create: [added],
      update: [{ password: old, set: { name: 'Changed' } }],
      remove: [other],
    };
    expect(await passwords.commit(person, change, soon())).toBe(false);
    const found = await passwords.person(person, soon());
    expect(found.profile).toEqual(from);
    expect(found.activity).toEqual([]);
    expect(found.passwords.map(({ id, name }) => [id, name]).sort()).toEqual(
      [kept, other].map(({ id, name }) => [id, name]).sort(),
    );
    const update = [{ password: await findOne(kept.key), set: { name: 'Changed' } }];
    expect(await passwords.commit(person, { ...change, update }, soon())).toBe(true);
    const after = await passwords.person(person, soon());
    expect(new Set(after.passwords.map(({ id }) => id))).toEqual(new Set([kept.id, added.id]));
    expect((await findOne(kept.key)).name).toBe('Changed');
    expect(after.activity).toHaveLength(1);
  });

  test('nothing is done where what is to be removed is gone, or what is to be made is there', async () => {
    const there = appPassword();
    const from = await begin(there);
    for (const change of [{ create: [there] }, { remove: [appPassword()] }]) {
      expect(await passwords.commit(person, { profile: touch(from, { count: 5 }), ...change }, soon())).toBe(
        false,
      );
      expect(await read()).toEqual(from);
    }
  });

  test('an update sets what it names, and keeps the rest, also what this version does not know', async () => {
    const one = appPassword({ protocols: ['imap'], expiresAt: now + day });
    const from = await begin(one);
    const place = { partitionKey: person, rowKey: one.key };
    await tables.passwords.updateEntity({ ...place, later: 'kept', laterAt: new Date(now) }, 'Merge');
    const set = { state: 'suspended', suspendedFor: ['administrator'] } as const;
    const update = [{ password: await findOne(one.key), set }];
    expect(await passwords.commit(person, { profile: touch(from), update }, soon())).toBe(true);
    expect(withoutVersion(await findOne(one.key))).toEqual({ ...one, ...set });
    expect(await tables.passwords.getEntity(person, one.key)).toMatchObject({
      later: 'kept',
      laterAt: new Date(now),
    });
  });

  test('a use is noted under the version that was read', async () => {
    const one = appPassword();
    await begin(one);
    const lastUsed = { at: now, protocol: 'imap', gateway: 'mail', clientAddress: '192.0.2.1' } as const;
    const password = await findOne(one.key);
    expect(await passwords.used(person, { password, lastUsed }, soon())).toBe(true);
    expect(withoutVersion(await findOne(one.key))).toEqual({ ...one, lastUsed });
    const later = { ...lastUsed, at: now + 1 };
    expect(await passwords.used(person, { password, lastUsed: later }, soon())).toBe(false);
    const gone = { ...password, key: appPassword().key };
    expect(await passwords.used(person, { password: gone, lastUsed }, soon())).toBe(false);
    const none = { at: now + 2, protocol: null, gateway: 'mail', clientAddress: null };
    expect(await passwords.used(person, { password: await findOne(one.key), lastUsed: none }, soon())).toBe(
      true,
    );
    expect((await findOne(one.key)).lastUsed).toEqual(none);
  });

  test('refusals are noted with an app password, or with the profile, under the version that was read', async () => {
    const one = appPassword();
    const from = await begin(one);
    const refusals: Refusals = {
      count: 12,
      since: now,
      writtenAt: now + 5,
      recent: [
        { at: now, reason: 'expired', protocol: 'imap', gateway: 'mail', clientAddress: null },
        { at: now - 1, reason: 'deleted', protocol: null, gateway: 'mail', clientAddress: '2001:db8::1' },
      ],
    };
    const password = await findOne(one.key);
    for (const row of [password, from]) {
      expect(await passwords.refused(person, { row, refusals }, soon())).toBe(true);
      expect(await passwords.refused(person, { row, refusals }, soon())).toBe(false);
    }
    expect((await findOne(one.key)).refusals).toEqual(refusals);
    expect((await read()).refusals).toEqual(refusals);
  });

  test('a move takes everything along, also what this version does not know, and leaves nothing', async () => {
    const one = appPassword({ expiresAt: now + day, protocols: ['imap'] });
    const from = await begin(one);
    const place = { partitionKey: person, rowKey: one.key };
    const unknown = { later: 'kept', laterAt: new Date(now), laterCount: 7, laterFlag: true };
    await tables.passwords.updateEntity({ ...place, ...unknown }, 'Merge');
    const { key: to } = appPassword();
    const lastUsed = { at: now, protocol: null, gateway: 'mail', clientAddress: null };
    const move = { password: await findOne(one.key), to, lastUsed };
    expect(await passwords.commit(person, { profile: touch(from), move }, soon())).toBe(true);
    expect(await passwords.find(person, one.key, soon())).toBeUndefined();
    expect(withoutVersion(await findOne(to))).toEqual({ ...one, key: to, lastUsed });
    expect(await tables.passwords.getEntity(person, to)).toMatchObject(unknown);
    expect(await passwords.commit(person, { profile: touch(await read()), move }, soon())).toBe(false);
  });

  test('a change of 100 rows is done, and one of more a fault', async () => {
    const from = await begin();
    const many = (count: number) => Array.from({ length: count }, () => appPassword());
    await expect(
      passwords.commit(person, { profile: touch(from), create: many(100) }, soon()),
    ).rejects.toThrow(Unavailable);
    expect(await passwords.commit(person, { profile: touch(from), create: many(99) }, soon())).toBe(true);
    expect((await passwords.person(person, soon())).passwords).toHaveLength(99);
  });

  test('what a row may not hold is a fault, and nothing is done', async () => {
    const from = await begin();
    const create = [appPassword({ name: 'x'.repeat(32 * 1024 + 1) })];
    await expect(passwords.commit(person, { profile: touch(from), create }, soon())).rejects.toThrow(
      Unavailable,
    );
    expect(await read()).toEqual(from);
  });

  test('an erased person has nothing but that', async () => {
    const from = await begin();
    const erasure = { profile: from, at: now };
    expect(await passwords.erase(person, erasure, soon())).toBe(true);
    expect(await passwords.erase(person, erasure, soon())).toBe(false);
    expect(withoutVersion(await read())).toEqual({ ...profile, username: '', usernameIssuedAt: 0, count: 0 });
    const {
      timestamp: _,
      etag: __,
      'odata.metadata': ___,
      ...row
    } = await tables.passwords.getEntity(person, 'profile');
    expect(row).toEqual({
      partitionKey: person,
      rowKey: 'profile',
      account: 'enabled',
      count: 0,
      erasedAt: new Date(now),
    });
  });

  test('a person of more rows than come at once is read whole', async () => {
    let from = await begin();
    for (let i = 0; i < 11; i++) {
      const create = Array.from({ length: 95 }, () => appPassword({ state: 'deleted', deletedAt: now }));
      expect(await passwords.commit(person, { profile: touch(from), create }, soon())).toBe(true);
      from = await read();
    }
    expect((await passwords.person(person, soon())).passwords).toHaveLength(1_045);
  });

  test('addresses that are older than they are kept are neither shown nor written, and are removed', async () => {
    const clock = new FakeClock(now);
    const [old, fresh] = [appPassword(), appPassword()];
    await begin(old, fresh);
    const use = (at: number) => ({ at, protocol: null, gateway: 'mail', clientAddress: '192.0.2.1' });
    for (const [one, at] of [
      [old, now - 91 * day],
      [fresh, now - 89 * day],
    ] as const)
      await passwords.used(person, { password: await findOne(one.key), lastUsed: use(at) }, soon());
    const keptSince = keepAddressesFor(90, clock);
    const keeping = passwordsIn(tables.passwords, keptSince);
    const address = async (from: Passwords, { key }: AppPassword) =>
      (await from.find(person, key, soon()))?.lastUsed?.clientAddress;
    expect(await address(keeping, old)).toBeNull();
    expect(await address(keeping, fresh)).toBe('192.0.2.1');
    expect(await address(passwords, old)).toBe('192.0.2.1');
    await removeOldAddresses(tables.passwords, keptSince, soon());
    expect(await address(passwords, old)).toBeNull();
    expect(await address(passwords, fresh)).toBe('192.0.2.1');
  });
});

describe.each(stores)('Usernames %s', (_name, open) => {
  let tables: Tables;
  let names = 0;

  beforeAll(async () => {
    tables = await open();
  });

  const claimOf = (change: Partial<UsernameClaim> = {}): UsernameClaim => ({
    person: personKey('tenant', 'alice'),
    username: `name${names++}@example.com` as Username,
    issuedAt: now,
    source: 'token',
    aliasOf: null,
    former: null,
    ...change,
  });
  const instance = (clock = new FakeClock(now)) => usernamesIn(tables.usernames, clock);

  test('a claim comes back as it was written, over nothing or over what was read', async () => {
    const usernames = instance();
    const claim = claimOf();
    const read = () => usernames.read(claim.username, soon());
    expect(await read()).toBeUndefined();
    expect(await usernames.write(claim, undefined, soon())).toBe(true);
    const first = (await read()) as Versioned<UsernameClaim>;
    expect(withoutVersion(first)).toEqual(claim);
    expect(await usernames.write(claim, undefined, soon())).toBe(false);
    const next: UsernameClaim = {
      ...claim,
      person: personKey('tenant', 'bob'),
      issuedAt: now + 1,
      source: 'directory',
      aliasOf: 'bob@example.com' as Username,
    };
    expect(await usernames.write(next, first, soon())).toBe(true);
    const second = (await read()) as Versioned<UsernameClaim>;
    expect(withoutVersion(second)).toEqual(next);
    expect(await usernames.write(claim, first, soon())).toBe(false);
    expect(await usernames.remove(first, soon())).toBe(false);
    expect(await usernames.remove(second, soon())).toBe(true);
    expect(await usernames.remove(second, soon())).toBe(false);
    expect(await usernames.write(claim, second, soon())).toBe(false);
    expect(await read()).toBeUndefined();
  });

  test('a holder is remembered for 10 seconds, and so is that there is none; the own writes are seen at once', async () => {
    const clock = new FakeClock(now);
    const [here, elsewhere] = [instance(clock), instance(clock)];
    const claim = claimOf();
    const holder = () => here.holder(keyOf(claim.username), soon());
    expect(await holder()).toBeUndefined();
    await elsewhere.write(claim, undefined, soon());
    clock.advance({ seconds: 9.999 });
    expect(await holder()).toBeUndefined();
    clock.advance({ seconds: 0.002 });
    expect(await holder()).toEqual({ person: claim.person, username: claim.username });
    const held = (await elsewhere.read(claim.username, soon())) as Versioned<UsernameClaim>;
    const bob = { ...claim, person: personKey('tenant', 'bob') };
    await elsewhere.write(bob, held, soon());
    expect((await holder())?.person).toBe(claim.person);
    const again = (await here.read(claim.username, soon())) as Versioned<UsernameClaim>;
    await here.remove(again, soon());
    expect(await holder()).toBeUndefined();
  });

  test('an alias leads to the canonical name, and a name without an owner to nobody', async () => {
    const usernames = instance();
    const aliasOf = 'alice@example.com' as Username;
    const [alias, released] = [claimOf({ aliasOf }), claimOf({ person: noHolder('tenant') })];
    for (const claim of [alias, released]) await usernames.write(claim, undefined, soon());
    expect(await usernames.holder(keyOf(alias.username), soon())).toEqual({
      person: alias.person,
      username: aliasOf,
    });
    expect(await usernames.holder(keyOf(released.username), soon())).toBeUndefined();
  });

  test('a row that does not hold what its key says leads to nobody', async () => {
    const usernames = instance();
    const [claim, other] = [claimOf(), claimOf()];
    const key = keyOf(claim.username);
    const row = { partitionKey: key, rowKey: key, username: other.username, person: claim.person };
    await tables.usernames.createEntity(row);
    expect(await usernames.holder(key, soon())).toBeUndefined();
  });
});

describe.each(stores)('The policy %s', (_name, open) => {
  const strict: Policy = {
    creation: 'app-role',
    verification: 'denied',
    maximumLifetimeDays: 365,
    idleDays: 90,
    protocols: ['imap', 'smtp'],
    limit: 3,
  };

  test('is the usual one until one is written, each over the one before', async () => {
    const clock = new FakeClock(now);
    const { passwords } = await open();
    const [here, elsewhere]: Policies[] = [1, 2].map(() =>
      policiesIn(passwords, clock, (error) => {
        throw error;
      }),
    );
    if (!here || !elsewhere) throw new Error('unreachable');
    const first = await here.stored(soon());
    expect(withoutVersion(first)).toEqual(defaultPolicy);
    expect(await elsewhere.read(soon())).toMatchObject(defaultPolicy);
    const second = (await here.write(strict, first.version, soon())) as Versioned<Policy>;
    expect(await here.stored(soon())).toEqual(second);
    expect(withoutVersion(second)).toEqual(strict);
    expect(await here.write(defaultPolicy, first.version, soon())).toBeUndefined();
    // At once where it was written, and within a minute elsewhere.
    expect(await here.read(soon())).toMatchObject(strict);
    expect(await elsewhere.read(soon())).toMatchObject(defaultPolicy);
    clock.advance({ seconds: 55 });
    expect(await elsewhere.read(soon())).toMatchObject(strict);
    const third = (await here.write(defaultPolicy, second.version, soon())) as Versioned<Policy>;
    expect(withoutVersion(await here.stored(soon()))).toEqual(defaultPolicy);
    expect(await here.write(strict, second.version, soon())).toBeUndefined();
    expect(third.version).not.toBe(second.version);
  });
});

describe.each(stores)('What is kept of the directory %s', (_name, open) => {
  let tables: Tables;
  let state: DirectoryState;
  const clock = new FakeClock(now);

  beforeAll(async () => {
    tables = await open();
    state = directoryStateIn(tables.passwords, clock);
  });

  test('is how far it was followed, saved over what was read', async () => {
    expect(await state.read(soon())).toBeUndefined();
    const begun = { link: 'https://graph.invalid/1', check: null, lastSuccessAt: null };
    const first = await state.save(begun, undefined, soon());
    expect(await state.read(soon())).toEqual({ ...begun, version: first?.version });
    expect(await state.save(begun, undefined, soon())).toBeUndefined();
    const done = { link: 'https://graph.invalid/2', check: 'done', lastSuccessAt: now };
    const second = await state.save(done, first, soon());
    expect(second).toMatchObject(done);
    expect(await state.save(begun, first, soon())).toBeUndefined();
    expect(await state.read(soon())).toEqual(second);
    await state.restart(soon());
    await state.restart(soon());
    expect(await state.read(soon())).toBeUndefined();
    expect(await state.save(done, second, soon())).toBeUndefined();
  });

  test('is who was seen, until that is forgotten, unless seen again since', async () => {
    const [alice, bob] = [personKey('tenant', 'alice'), personKey('tenant', 'bob')];
    for (const person of [alice, bob]) await state.seen(person, soon());
    const [first, second] = await state.newcomers(soon());
    if (!first || !second) throw new Error('somebody is missing');
    expect([first.person, second.person]).toEqual([alice, bob]);
    expect(first.seenAt).toBe(now);
    clock.advance({ seconds: 1 });
    await state.seen(alice, soon());
    for (const one of [first, second]) await state.forget(one, soon());
    const left = await state.newcomers(soon());
    expect(left).toMatchObject([{ person: alice, seenAt: now + 1_000 }]);
    for (const one of left) await state.forget(one, soon());
    for (const one of left) await state.forget(one, soon());
    expect(await state.newcomers(soon())).toEqual([]);
  });

  test('is everybody with a profile, in parts', async () => {
    const passwords = passwordsIn(tables.passwords);
    const everybody = Array.from({ length: 130 }, (_, i) => personKey('tenant', `person-${1000 + i}`));
    for (const person of everybody)
      await passwords.commit(
        person,
        { profile: { from: undefined, to: profile }, create: [appPassword({ createdAt: now })] },
        soon(),
      );
    const seen: PersonKey[] = [];
    let continuation: string | null = null;
    let parts = 0;
    do {
      const part: Awaited<ReturnType<DirectoryState['people']>> = await state.people(continuation, soon());
      seen.push(...part.people);
      continuation = part.continuation;
      parts++;
    } while (continuation !== null);
    expect(seen).toEqual(everybody);
    expect(parts).toBeGreaterThan(1);
    const readPage = pagesOf(tables.passwords);
    const { kept = [] } = (await readPage(undefined, soon())) ?? {};
    expect(kept.map(({ kind, person }) => `${kind} ${person}`)).toEqual(
      everybody.flatMap((person) => [`profile ${person}`, `password ${person}`]),
    );
    for (const one of kept)
      if (one.kind === 'profile')
        expect(one.profile).toMatchObject({ username: profile.username, account: 'enabled', count: 0 });
      else
        expect(one.password).toMatchObject({
          name: 'Phone',
          createdAt: now,
          state: 'active',
          protocols: null,
        });
  });
});

describe.each(stores)('The networks of gateways %s', (_name, open) => {
  test('are noted once, and the first of a gateway is told from the others', async () => {
    const { passwords } = await open();
    const records: AuditRecord[] = [];
    const audit = { record: (it: AuditRecord) => void records.push(it), flush: async () => true };
    const tasks: Promise<void>[] = [];
    const instance = () =>
      gatewayNetworksIn(passwords, {
        audit,
        later: (task) => void tasks.push(task(soon())),
        clock: new FakeClock(now),
      });
    const note = instance();
    const other = instance();
    const mail = { name: 'mail', protocols: [], goesOnWith: 'typed' } as const;
    for (const [noting, address] of [
      [note, '192.0.2.1'],
      [note, '192.0.2.99'],
      [other, '192.0.2.1'],
      [note, '2001:db8::1'],
      [note, null],
    ] as const) {
      noting(mail, address);
      await Promise.all(tasks);
    }
    const record = { event: 'gateway.new-network', gateway: 'mail' };
    expect(records).toEqual([
      { ...record, network: '192.0.2.0/24', isFirst: true },
      { ...record, network: '2001:db8:0::/48', isFirst: false },
    ]);
  });
});
