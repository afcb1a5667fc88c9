import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { passwordKey } from '../../shared/domain/app-password/app-password.ts';
import { createAppPassword } from '../../shared/domain/app-password/create.ts';
import { deleteAllAppPasswords, deleteAppPassword } from '../../shared/domain/app-password/delete.ts';
import { listAppPasswords } from '../../shared/domain/app-password/list.ts';
import { generatePassword, type Password } from '../../shared/domain/app-password/password.ts';
import { renameAppPassword } from '../../shared/domain/app-password/rename.ts';
import { verifyCredentials } from '../../shared/domain/gateway/verify.ts';
import type { PepperVersion } from '../../shared/domain/pepper.ts';
import type { Caller } from '../../shared/domain/person/caller.ts';
import { noHolder, personKey } from '../../shared/domain/person/person.ts';
import type { Ports } from '../../shared/domain/ports.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { keyOf, type Username, type UsernameRules } from '../../shared/domain/username/username.ts';
import { show } from '../../shared/http/app-password.ts';
import { keyedQueue } from '../../shared/runtime/keyed-queue.ts';
import { systemRandom } from '../../shared/runtime/system.ts';
import { passwordsIn } from '../../shared/tables/passwords.ts';
import { profileKey } from '../../shared/tables/rows.ts';
import { tableNames } from '../../shared/tables/tables.ts';
import { usernamesIn } from '../../shared/tables/usernames.ts';
import { FakeClock } from '../../testing/clock.ts';
import { expectContract } from '../../testing/contract.ts';
import { quietPorts } from '../../testing/ports.ts';

const seed = Number(process.env.STORM_SEED ?? randomInt(2 ** 31));
const runs = { seed, numRuns: process.env.STORM === 'full' ? 120 : 20 };

const usernameRules: UsernameRules = {
  domains: ['example.com'],
  aliases: new Map(),
  defaultDomain: undefined,
};
const origin = { gateway: 'mail', protocol: 'imap', clientAddress: '192.0.2.17' } as const;
const clock = new FakeClock(Date.now());
const tid = '5e1f0a52-7c1d-4b0e-9d53-1f6f0c7a2b11';

let azurite: Azurite;
let passwords: TableClient;
let usernames: TableClient;
/** What runs after an answer. */
let afterwards: Promise<void>[] = [];

const pepper = (version: string): PepperVersion => ({
  version,
  digest: (message) => createHmac('sha256', version).update(message).digest('base64url'),
});
const [newer, older] = [pepper('newer'), pepper('older')];
let ports: Ports;

beforeAll(async () => {
  azurite = await startAzurite('table');
  const insecure = { allowInsecureConnection: true };
  const service = TableServiceClient.fromConnectionString(azurite.connectionString, insecure);
  await Promise.all(Object.values(tableNames).map((name) => service.createTable(name)));
  const open = (name: string) => TableClient.fromConnectionString(azurite.connectionString, name, insecure);
  passwords = open(tableNames.passwords);
  usernames = open(tableNames.usernames);
  ports = {
    ...quietPorts(),
    usernameRules,
    passwords: passwordsIn(passwords),
    usernames: usernamesIn(usernames, clock),
    pepper: { read: async () => ({ enabled: [newer, older], writing: newer, stale: false }) },
    clock,
    queue: keyedQueue(),
    later: (task) => {
      afterwards.push(task(AbortSignal.timeout(5_000)));
    },
  };
});

afterAll(() => azurite?.close());

type Columns = Record<string, unknown>;

/** A value of any type that a table knows. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom<unknown>(
    '',
    'active',
    'deleted',
    'enabled',
    'disabled',
    true,
    false,
    0,
    -1,
    41,
    1.5,
    2 ** 31 - 1,
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.date({ min: new Date('1601-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }),
  fc.uuid().map((value) => ({ type: 'Guid', value })),
  fc.uint8Array({ maxLength: 20 }),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '0.1', '1e300').map((value) => ({ type: 'Double', value })),
  fc.constant({ type: 'DateTime', value: '2031-01-02T03:04:05.1234567Z' }),
);
const strangeState = fc.constantFrom<unknown>(
  'Active',
  'ACTIVE',
  ' active',
  'active ',
  'activ',
  'suspended',
  'expired',
  'pending',
  '',
  true,
  1,
  undefined,
);
const nothing = fc.constant(undefined);
const changesOf = (...names: string[]) =>
  fc.dictionary(fc.constantFrom(...names), fc.oneof(nothing, anyValue), { maxKeys: 3 });
const passwordChanges = changesOf(
  'id',
  'name',
  'createdAt',
  'deletedAt',
  'requestKey',
  'lastUsedAt',
  'lastUsedProtocol',
  'lastUsedGateway',
  'lastUsedClientAddress',
);
const profileChanges = changesOf(
  'usernameIssuedAt',
  'formerUsername',
  'registeredAt',
  'count',
  'account',
  'username',
);
const claimChanges = changesOf('person', 'username', 'issuedAt', 'formerHolder', 'releasedAt');
/** Columns that this version knows nothing of. */
const extra = fc.dictionary(fc.stringMatching(/^x[A-Za-z0-9_]{1,10}$/), anyValue, { maxKeys: 3 });
const someExtra = fc.dictionary(fc.stringMatching(/^x[A-Za-z0-9_]{1,10}$/), anyValue, {
  minKeys: 1,
  maxKeys: 3,
});

/** What is undefined is no column. */
const columns = (all: Columns) =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));

interface Kept {
  readonly id: string;
  readonly rowKey: string;
  readonly password: Password;
}

/** A person whom no other run knows, with rows as the test wants them. */
async function somebody(given: {
  readonly rows: readonly Columns[];
  readonly profile?: Columns;
  readonly claim?: Columns;
  readonly under?: PepperVersion;
}) {
  const oid = randomUUID();
  const person = personKey(tid, oid);
  const username = `${oid}@example.com` as Username;
  const issuedAt = clock.now() - 10_000;
  const proof = { amr: ['mfa'], acrs: [], authenticatedAt: issuedAt };
  const caller: Caller = { person, username, issuedAt, source: 'token', roles: [], proof };
  const since = new Date(issuedAt - 3600_000);
  const key = keyOf(username);
  const claim = { person, username, issuedAt: since, ...given.claim };
  await usernames.createEntity({ partitionKey: key, rowKey: key, ...columns(claim) });
  const profile = {
    username,
    usernameIssuedAt: since,
    formerUsername: '',
    registeredAt: since,
    count: given.rows.length,
    account: 'enabled',
    ...given.profile,
  };
  await passwords.createEntity({ partitionKey: person, rowKey: profileKey, ...columns(profile) });
  const kept: Kept[] = [];
  for (const row of given.rows) {
    const password = generatePassword(systemRandom);
    const id = randomUUID();
    const rowKey = (row.rowKey as string) ?? passwordKey(given.under ?? newer, person, password);
    const all = { id, name: 'Phone', createdAt: since, state: 'active', ...row };
    await passwords.createEntity({ partitionKey: person, ...columns(all), rowKey });
    kept.push({ id, rowKey, password });
  }
  const signal = () => AbortSignal.timeout(2_500);
  const newOne = {
    name: 'New',
    expiresAt: null,
    lifetimeDays: null,
    protocols: null,
    idempotencyKey: undefined,
  };
  return {
    caller,
    kept,
    list: () => listAppPasswords(ports, caller, signal()),
    rename: (id: string) => renameAppPassword(ports, { caller, id, name: 'Tablet' }, signal()),
    remove: (id: string) => deleteAppPassword(ports, { caller, id }, signal()),
    removeAll: () => deleteAllAppPasswords(ports, caller, signal()),
    create: () => createAppPassword(ports, { caller, wanted: newOne }, signal()),
    /** With what follows the answer. */
    async verify(password: Password) {
      const answer = await verifyCredentials(
        ports,
        { username, password, goesOnWith: 'canonical', origin },
        signal(),
      );
      await settle();
      return answer;
    },
    /** A row as it lies there, with the type of each column; undefined where there is none. */
    async raw(rowKey: string): Promise<Columns | undefined> {
      const filter = `PartitionKey eq '${person}'`;
      const rows = passwords.listEntities({ queryOptions: { filter }, disableTypeConversion: true });
      const found = (await Array.fromAsync(rows)).find((row) => row.rowKey === rowKey);
      if (found === undefined) return undefined;
      const { etag: _, timestamp: __, partitionKey: ___, ...rest } = found as Columns;
      return rest;
    },
  };
}

async function settle(): Promise<void> {
  const running = afterwards;
  afterwards = [];
  await Promise.all(running);
}

const only = (row: Columns = {}, pick: Columns = {}) =>
  Object.fromEntries(Object.keys(pick).map((name) => [name, row[name]]));
const value = (row: Columns | undefined, name: string) =>
  (row?.[name] as { value?: unknown } | undefined)?.value;

/** What a use case says; Unavailable is the only error that it may throw. */
async function told<T>(work: Promise<T>): Promise<T | 'unavailable'> {
  try {
    return await work;
  } catch (error) {
    expect(error).toBeInstanceOf(Unavailable);
    return 'unavailable';
  }
}

const passwordRow = fc
  .record({ changes: passwordChanges, extra })
  .map(({ changes, extra }) => ({ ...extra, ...changes }));

describe('Rows of another version', () => {
  test('are listed and verified without a fault, and only what is surely active opens anything', async () => {
    const row = fc
      .tuple(passwordRow, fc.oneof(fc.constant('active'), strangeState, anyValue))
      .map(([changes, state]) => ({ ...changes, state }));
    const world = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 3 }),
      profile: fc.tuple(profileChanges, extra).map(([changes, more]) => ({ ...more, ...changes })),
      claim: fc.oneof({ arbitrary: extra, weight: 3 }, claimChanges),
    });
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const it = await somebody(given);
        const listed = await told(it.list());
        if (listed !== 'unavailable') for (const one of listed.appPasswords) show(one);
        for (const [index, { password }] of it.kept.entries()) {
          const answer = await told(it.verify(password));
          if (answer === 'unavailable' || answer.kind !== 'verified') continue;
          opened++;
          expect(given.rows[index]?.state).toBe('active');
        }
      }),
      runs,
    );
    expect(opened).toBeGreaterThan(1);
  });

  test('open nothing but the username that was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(claimChanges, async (claim) => {
        const it = await somebody({ rows: [{}], claim });
        const answer = await told(it.verify((it.kept[0] as Kept).password));
        if (answer === 'unavailable' || answer.kind !== 'verified') return;
        expect(answer.username).toBe(it.caller.username);
      }),
      runs,
    );
  });

  test('that say nothing of a person are refused like an unknown name, not with a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(nothing, anyValue), async (person) => {
        const it = await somebody({ rows: [{}], claim: { person } });
        const { kind } = await it.verify((it.kept[0] as Kept).password);
        expect(kind).toBe('invalid-credentials');
      }),
      // What no key of Table Storage can hold.
      { ...runs, examples: [['/'], ['a\\b'], ['a#b'], ['a?b'], ['\u007f'], ['x'.repeat(1000)]] },
    );
  });

  test('that say nothing of a former holder are refused like an unknown name, not with a fault', async () => {
    const released = { person: noHolder(tid), issuedAt: new Date(0), releasedAt: new Date(clock.now()) };
    await fc.assert(
      fc.asyncProperty(changesOf('formerHolder', 'releasedAt'), async (claim) => {
        const it = await somebody({ rows: [{}], claim: { ...released, ...claim } });
        const { kind } = await it.verify((it.kept[0] as Kept).password);
        expect(kind).toBe('invalid-credentials');
      }),
      {
        ...runs,
        examples: ['/', 'a\\b', 'a#b', 'a?b', '\u007f', 'x'.repeat(1000)].map((formerHolder): [Columns] => [
          { formerHolder },
        ]),
      },
    );
  });

  test('are listed as documented, whatever is missing or of another type', async () => {
    await fc.assert(
      fc.asyncProperty(passwordRow, async (row) => {
        const it = await somebody({ rows: [row] });
        const { kind: _, appPasswords, ...others } = await it.list();
        const body = JSON.parse(JSON.stringify({ appPasswords: appPasswords.map(show), ...others }));
        const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });
        expectContract(
          { method: 'GET', path: '/api/app-passwords', json: undefined },
          { status: 200, headers, body },
        );
      }),
      runs,
    );
  });

  test('are counted as documented, whatever the count in the profile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(nothing, anyValue, fc.integer({ min: -50, max: 50 })), async (count) => {
        const it = await somebody({ rows: [{}], profile: { count } });
        const { remaining } = await it.list();
        expect(Number.isInteger(remaining) && remaining >= 0 && remaining <= 40).toBe(true);
      }),
      runs,
    );
  });
});

describe('Columns that this version does not know', () => {
  test('survive renaming, last used and deleting', async () => {
    await fc.assert(
      fc.asyncProperty(someExtra, async (more) => {
        const it = await somebody({ rows: [more] });
        const { id, rowKey, password } = it.kept[0] as Kept;
        const before = only(await it.raw(rowKey), more);
        await it.rename(id);
        expect(only(await it.raw(rowKey), more)).toEqual(before);
        expect((await it.verify(password)).kind).toBe('verified');
        const used = await it.raw(rowKey);
        expect(value(used, 'lastUsedGateway')).toBe('mail');
        expect(only(used, more)).toEqual(before);
        await it.remove(id);
        const deleted = await it.raw(rowKey);
        expect(value(deleted, 'state')).toBe('deleted');
        expect(only(deleted, more)).toEqual(before);
      }),
      runs,
    );
  });

  test('survive the move under a new pepper, with their types', async () => {
    await fc.assert(
      fc.asyncProperty(someExtra, async (more) => {
        const it = await somebody({ rows: [more], under: older });
        const { rowKey, password } = it.kept[0] as Kept;
        const before = only(await it.raw(rowKey), more);
        expect((await it.verify(password)).kind).toBe('verified');
        expect(await it.raw(rowKey)).toBeUndefined();
        expect(only(await it.raw(passwordKey(newer, it.caller.person, password)), more)).toEqual(before);
        expect((await it.verify(password)).kind).toBe('verified');
      }),
      runs,
    );
  });

  test('survive every change in the profile', async () => {
    await fc.assert(
      fc.asyncProperty(someExtra, async (more) => {
        const it = await somebody({ rows: [{}], profile: more, under: older });
        const { id, password } = it.kept[0] as Kept;
        const before = only(await it.raw(profileKey), more);
        for (const change of [
          () => it.rename(id),
          () => it.verify(password),
          () => it.create(),
          () => it.remove(id),
          () => it.removeAll(),
        ]) {
          await change();
          expect(only(await it.raw(profileKey), more)).toEqual(before);
        }
      }),
      runs,
    );
  });
});

describe('What this version knows, with a value that it does not', () => {
  test('is left as it is in the profile by changes of other things', async () => {
    const unknown = fc.record(
      {
        account: fc.constantFrom('locked', 'suspended', true),
        registeredAt: fc.constantFrom<unknown>('2031-01-02', {
          type: 'DateTime',
          value: '2031-01-02T03:04:05.1234567Z',
        }),
      },
      { requiredKeys: ['account'] },
    );
    await fc.assert(
      fc.asyncProperty(unknown, async (profile) => {
        const it = await somebody({ rows: [{}], profile, under: older });
        const { id, password } = it.kept[0] as Kept;
        const before = only(await it.raw(profileKey), profile);
        for (const change of [() => it.rename(id), () => it.verify(password), () => it.remove(id)]) {
          await change();
          expect(only(await it.raw(profileKey), profile)).toEqual(before);
        }
      }),
      runs,
    );
  });

  test('in the state of a password is not removed by changes of another one', async () => {
    await fc.assert(
      fc.asyncProperty(strangeState, passwordChanges, async (state, changes) => {
        const it = await somebody({ rows: [{}, { ...changes, state }] });
        const [good, strange] = it.kept as [Kept, Kept];
        const before = await it.raw(strange.rowKey);
        await it.rename(good.id);
        await it.create();
        await it.remove(good.id);
        expect(await it.raw(strange.rowKey)).toEqual(before);
      }),
      runs,
    );
  });

  test('as the key of a row is not listed, opened or removed', async () => {
    const rowKey = fc.constantFrom('policy', 'device.1', 'profile2', 'session~1');
    await fc.assert(
      fc.asyncProperty(rowKey, fc.oneof(strangeState, fc.constant('active')), async (rowKey, state) => {
        const it = await somebody({ rows: [{}, { rowKey, id: undefined, name: undefined, state }] });
        const before = await it.raw(rowKey);
        expect((await it.list()).appPasswords.map(({ id }) => id)).toEqual([it.kept[0]?.id]);
        await it.rename(it.kept[0]?.id as string);
        await it.removeAll();
        expect(await it.raw(rowKey)).toEqual(before);
      }),
      runs,
    );
  });
});

describe('Deleting', () => {
  test('works for a row in which anything but the id is strange', async () => {
    await fc.assert(
      fc.asyncProperty(passwordRow, async ({ id: _, ...row }: Columns) => {
        const it = await somebody({ rows: [row] });
        const { id, rowKey, password } = it.kept[0] as Kept;
        expect(await it.remove(id)).toMatchObject({ kind: 'deleted' });
        expect(value(await it.raw(rowKey), 'state')).toBe('deleted');
        expect((await it.verify(password)).kind).toBe('invalid-credentials');
        expect(await it.remove(id)).toMatchObject({ kind: 'deleted' });
      }),
      runs,
    );
  });

  test('one that is in a state of another version is for ever, also for that version', async () => {
    await fc.assert(
      fc.asyncProperty(strangeState, async (state) => {
        const it = await somebody({ rows: [{ state }] });
        const { id, rowKey } = it.kept[0] as Kept;
        expect(await it.remove(id)).toMatchObject({ kind: 'deleted' });
        expect(value(await it.raw(rowKey), 'state')).toBe('deleted');
      }),
      runs,
    );
  });

  test('all leaves none in any state but deleted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(strangeState, fc.constant('active')), { minLength: 1, maxLength: 3 }),
        async (states) => {
          const it = await somebody({ rows: states.map((state) => ({ state })) });
          await it.removeAll();
          for (const { rowKey } of it.kept) {
            const row = await it.raw(rowKey);
            if (row !== undefined) expect(value(row, 'state')).toBe('deleted');
          }
        },
      ),
      runs,
    );
  });
});
