import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { sampleUsers, tenantId, type User } from '../../local/identities.ts';
import { openBackup } from '../../operator/backup/file.ts';
import { macKeySecret } from '../../operator/backup/mac-key.ts';
import { leaveMark } from '../../operator/backup/mark.ts';
import { activityPrefix } from '../../shared/domain/person/activity.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { claimOfNobody } from '../../shared/domain/username/former-username.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import { pepperSecret } from '../../shared/key-vault/pepper.ts';
import { listEnabled } from '../../shared/key-vault/secret-versions.ts';
import { systemClock } from '../../shared/runtime/system.ts';
import { writeClaim } from '../../shared/tables/rows.ts';
import { administrator, gateway, persist, person } from '../../testing/api.ts';
import { operator, type Run } from '../../testing/operator.ts';
import { seed } from '../../testing/seed.ts';
import { type Service, startService } from '../../testing/service.ts';
import { rowsIn, type Store, startStore } from '../../testing/store.ts';
import { type Fate, startTableProxy } from '../../testing/table-proxy.ts';
import { startWorldClock } from '../../testing/world-clock.ts';

const [alice, bob] = sampleUsers as [User, User];
const other = { username: 'person0@example.com', oid: 'person-0' };
const newName = 'new0@example.com';
const partitionOf = ({ oid }: User) => `${tenantId}.${oid}`;

const accept = '--deleted-since-export=accept';
const suspend = '--deleted-since-export=suspend';

interface Made {
  readonly id: string;
  readonly name: string;
  readonly password: string;
}

let service: Service;
let folder: string;
/** What the three have when it is exported. */
let file: string;
let phone: Made;
let scanner: Made;
let deleted: Made;
let laptop: Made;
let tablet: Made;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  service = await startService({ users: [other] });
  const make = async (user: User, name: string): Promise<Made> =>
    (await person(service.origin, await service.token(user.username)).create(name)).body;
  [phone, scanner, deleted] = [
    await make(alice, 'Phone'),
    await make(alice, 'Scanner'),
    await make(alice, 'Old'),
  ];
  [laptop, tablet] = [await make(bob, 'Laptop'), await make(other, 'Tablet')];
  await person(service.origin, await service.token(alice.username)).remove(deleted.id);
  const admin = administrator(service.origin, await service.token(bob.username));
  await admin.suspend(alice.oid, scanner.id);
  const { body: policy, headers } = await admin.policy();
  await admin.setPolicy({ ...policy, idleDays: 100 }, headers.get('etag') as string);
  await fromLaterVersion(service.tables.passwords);
  file = join(folder, 'everybody');
  await done(await backup(service.stack.settings, 'export', file));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await service.close();
});

/** Gives each row columns that this version does not know, of every type there is. */
async function fromLaterVersion(table: Store['tables']['passwords']) {
  const columns = {
    newText: 'Zoë “\n',
    newEmpty: '',
    newTruth: false,
    newNumber: 42,
    newFraction: 1.5,
    newMoment: { type: 'DateTime', value: '2026-01-01T00:00:00.1234567Z' },
    newLong: { type: 'Int64', value: '9007199254740993' },
    newId: { type: 'Guid', value: '2d02715e-6ad3-4458-be52-745991df4974' },
    newBytes: new Uint8Array([0, 255, 10]),
  };
  for await (const { partitionKey, rowKey } of table.listEntities<{ partitionKey: string; rowKey: string }>())
    await table.updateEntity({ partitionKey, rowKey, ...columns }, 'Merge');
}

const backup = (settings: Readonly<Record<string, string>>, ...args: string[]) =>
  operator('backup', settings, ...args);

async function done(run: Run): Promise<Run> {
  expect(run).toMatchObject({ code: 0 });
  return run;
}

/** A store of its own, with the service's vault. */
async function emptyStore() {
  const store = await startStore();
  onTestFinished(() => store.close());
  const settings = { ...service.stack.settings, TABLES_CONNECTION_STRING: store.connectionString };
  return {
    ...store.tables,
    settings,
    backup: (...args: string[]) => backup(settings, ...args),
    async serve(): Promise<HostProcess> {
      const host = await service.anotherHost(settings);
      onTestFinished(async () => void (await host.stop()));
      return host;
    },
    rows: async () =>
      new Map([...(await rowsIn(store.tables.passwords)), ...(await rowsIn(store.tables.usernames))]),
  };
}

/** A store with everything that was exported, as it was. */
async function restoredStore() {
  const store = await emptyStore();
  await done(await store.backup('import', file, accept));
  return store;
}

/** The hash by which an import that was stopped knows its file. */
async function identityOf(path: string): Promise<string> {
  await using backup = await openBackup(path, new Map(), systemClock);
  return (await backup.check()).sha256;
}

/** Rows without what tells of an import, which has its own time. */
const untold = (rows: Awaited<ReturnType<typeof rowsIn>>) =>
  new Map([...rows].filter(([, { kind }]) => (kind as { value: string } | undefined)?.value !== 'restored'));

const as = async ({ origin }: Pick<HostProcess, 'origin'>, user: User) =>
  person(origin, await service.token(user.username));
const asAdministrator = async ({ origin }: Pick<HostProcess, 'origin'>) =>
  administrator(origin, await service.token(bob.username));
const verify = async ({ origin }: Pick<HostProcess, 'origin'>, { username }: User, { password }: Made) =>
  (await persist(() => gateway(origin, service.gatewayKey).verify(username, password))).status;

describe('npm run backup', () => {
  test.each([
    [[]],
    [['export', '']],
    [['export', 'a', accept]],
    [['abandon', 'a']],
    [['import', 'a', '--deleted-since-export=maybe']],
    [['restore', 'a']],
    [['verify', 'a', '--without-mac']],
    [['rotate-key', 'a']],
  ])('explains itself for %j', async (args) => {
    expect(await backup(service.stack.settings, ...args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Usage:'),
    });
  });

  test('exports everybody to a file that only its owner may read, without a secret', async () => {
    const target = join(folder, 'another');
    const { stdout, stderr } = await done(await backup(service.stack.settings, 'export', target));
    expect(stdout).toMatch(/^3 people, 3 usernames, 4 app passwords, 1 deleted ones\n4 under version \w+ of/);
    expect(stderr).toBe('');
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).sort()).toEqual(['another', 'everybody']);
    const text = gunzipSync(readFileSync(target)).toString();
    for (const { password } of [phone, scanner, deleted, laptop, tablet]) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(password.replaceAll('-', ''));
    }
    expect(text).not.toContain(service.gatewayKey);
  });

  test('verifies a file, with nothing at hand but the file', async () => {
    const { stdout } = await done(await backup({ KEY_VAULT_URL: '' }, 'verify', file));
    expect(stdout).toMatch(
      /^The file is whole\. Its export began at \d{4}-.*Z\.\nIts MAC was not checked, so nobody can tell/,
    );
    expect(stdout).toContain('the vault could not be read (BadSettings: ');
    expect(stdout).toMatch(new RegExp(`\\nTenant ${tenantId}\\n3 people, `));
  });

  test('carries every row with every column and its type, and what was deleted stays deleted', async () => {
    const store = await emptyStore();
    const { stdout } = await done(await store.backup('import', file, accept));
    const before = new Map([
      ...(await rowsIn(service.tables.passwords)),
      ...(await rowsIn(service.tables.usernames)),
    ]);
    const after = await store.rows();
    const told = [...after].filter(([key]) => !before.has(key));
    for (const [key] of told) after.delete(key);
    for (const user of [alice, bob, other]) {
      const { restoredFrom, ...profile } = after.get(`${partitionOf(user)} profile`) ?? {};
      expect(restoredFrom).toBeDefined();
      after.set(`${partitionOf(user)} profile`, profile);
    }
    expect(after).toEqual(before);

    expect(told).toHaveLength(3);
    for (const [, columns] of told)
      expect(columns).toMatchObject({ kind: { value: 'restored' }, by: { value: 'operator' } });
    expect(stdout).toContain(
      '3 people got something back: 4 app passwords, 1 of them suspended; and 3 usernames',
    );
    const audit = stdout.split('\n').filter((line) => line.startsWith('{'));
    expect(audit.map((line) => JSON.parse(line))).toContainEqual({
      time: expect.any(String),
      event: 'person.restored',
      actor: { kind: 'operator' },
      person: partitionOf(alice),
      count: 2,
    });

    const host = await store.serve();
    expect(await verify(host, alice, phone)).toBe(200);
    expect(await verify(host, bob, laptop)).toBe(200);
    expect(await verify(host, alice, scanner)).toBe(401);
    expect(await verify(host, alice, deleted)).toBe(401);
    const { changes } = (await (await as(host, alice)).activity()).body;
    expect(changes[0]).toMatchObject({ kind: 'restored', by: 'operator', count: 2, appPassword: null });
    expect((await (await asAdministrator(host)).policy()).body).toMatchObject({ idleDays: 100 });
  });

  test('exports nobody to no file, as that would be no backup of anything', async () => {
    const store = await emptyStore();
    expect(await store.backup('export', join(folder, 'nobody'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nobody is in this store'),
    });
    expect(await readdir(folder)).not.toContain('nobody');
  });

  test('a partition of more rows than one answer holds comes whole', async () => {
    const [source, target] = [await restoredStore(), await emptyStore()];
    const rows = Array.from({ length: 1_100 }, (_, i) => `later.${String(i).padStart(4, '0')}`);
    for (let i = 0; i < rows.length; i += 100)
      await source.passwords.submitTransaction(
        rows.slice(i, i + 100).map((rowKey) => ['create', { partitionKey: partitionOf(alice), rowKey }]),
      );
    const large = join(folder, 'large');
    await done(await source.backup('export', large));
    await done(await target.backup('import', large, accept));
    const keys = [...(await target.rows()).keys()];
    expect(keys.filter((key) => key.includes(' later.'))).toHaveLength(1_100);
  });

  test('done again, changes nothing', async () => {
    const store = await restoredStore();
    const before = await store.rows();
    const { stdout } = await done(await store.backup('import', file, suspend));
    expect(stdout).toMatch(/^0 people got something back.* 0 usernames came back\n$/);
    expect(await store.rows()).toEqual(before);
  });

  test('has the directory read from its beginning', async () => {
    const store = await emptyStore();
    await store.passwords.createEntity({
      partitionKey: 'directory',
      rowKey: 'state',
      link: '',
      check: 'done',
    });
    await done(await store.backup('import', file, accept));
    expect([...(await store.rows()).keys()]).not.toContain('directory state');
  });
});

describe('Into an empty store', () => {
  test('import asks what is to become of those that may have been deleted since, and writes nothing before', async () => {
    const store = await emptyStore();
    const { code, stderr } = await store.backup('import', file);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(accept) });
    expect(stderr).toContain(suspend);
    expect(await store.rows()).toEqual(new Map());
  });

  test('with "suspend" nothing works until an administrator resumes it', async () => {
    const store = await emptyStore();
    const { stdout } = await done(await store.backup('import', file, suspend));
    expect(stdout).toContain('4 app passwords, 4 of them suspended');
    const host = await store.serve();
    expect(await verify(host, alice, phone)).toBe(401);
    const { appPasswords, remaining } = (await (await as(host, alice)).list()).body;
    expect(remaining).toBe(38);
    expect(appPasswords).toEqual([
      expect.objectContaining({ id: scanner.id, suspendedFor: ['administrator', 'restored'] }),
      expect.objectContaining({ id: phone.id, state: 'suspended', suspendedFor: ['restored'] }),
    ]);
    expect((await (await asAdministrator(host)).resume(alice.oid, phone.id)).status).toBe(200);
    expect(await verify(host, alice, phone)).toBe(200);
    expect(await verify(host, alice, deleted)).toBe(401);
  });

  test('a store that holds names alone is empty, and they stay as they are', async () => {
    const store = await restoredStore();
    for (const key of (await rowsIn(store.passwords)).keys()) {
      const [partitionKey = '', rowKey = ''] = key.split(' ');
      await store.passwords.deleteEntity(partitionKey, rowKey);
    }
    const before = await rowsIn(store.usernames);
    const { stdout } = await done(await store.backup('import', file, accept));
    expect(stdout).toContain('4 app passwords, 1 of them suspended; and 0 usernames came back');
    expect(await rowsIn(store.usernames)).toEqual(before);
  });

  test('what lies under a version of the pepper that is retired stays away, and how many is said', async () => {
    const [source, store] = [await restoredStore(), await emptyStore()];
    await move(source.passwords, phone, 'retired');
    const older = join(folder, 'older');
    await done(await source.backup('export', older));
    const { stdout } = await done(await store.backup('import', older, accept));
    expect(stdout).toContain('3 people got something back: 3 app passwords');
    expect(stdout).toContain('1 app passwords did not: their version of the pepper is not enabled');
    expect([...(await store.rows()).keys()].filter((key) => key.includes(' retired.'))).toEqual([]);
  });

  test('an import whose pepper is gone is refused, also when it is run again, as nothing would ever work', async () => {
    const [source, store, elsewhere] = [await emptyStore(), await emptyStore(), await startService()];
    await seed(source, elsewhere.stack.vault, 1, { live: 1, deleted: 0 });
    await elsewhere.close();
    const lost = join(folder, 'of a lost pepper');
    await done(await source.backup('export', lost));
    const refused = { code: 1, stderr: expect.stringContaining('versions of the pepper') };
    expect(await store.backup('import', lost, accept)).toMatchObject(refused);
    expect(await store.rows()).toEqual(new Map());
    await leaveMark(store.passwords, { sha256: await identityOf(lost), decision: 'accept' });
    expect(await store.backup('import', lost, accept)).toMatchObject(refused);
  });

  test('a file of any age is taken', async () => {
    const [store, clock] = [await emptyStore(), startWorldClock()];
    onTestFinished(() => clock.close());
    clock.advance({ minutes: 400 * 24 * 60 });
    await done(await backup({ ...store.settings, ...clock.settings }, 'import', file, suspend));
    expect((await store.rows()).size).toBeGreaterThan(10);
  });
});

describe('After an import that was stopped', () => {
  /** A store whose import ended when only this person was missing. */
  async function halfRestored(missing: User) {
    const store = await emptyStore();
    const proxy = await startTableProxy(store.settings.TABLES_CONNECTION_STRING as string);
    onTestFinished(() => proxy.close());
    const isBack = (user: User) => (key: string) => key.startsWith(`${partitionOf(user)} ${activityPrefix}`);
    proxy.fate(async (_, request) => {
      if (!request.includes(`'${partitionOf(missing)}'`)) return 'pass';
      const rest = [alice, bob, other].filter((user) => user !== missing);
      await vi.waitFor(async () => {
        const keys = [...(await store.rows()).keys()];
        for (const user of rest) expect(keys.some(isBack(user))).toBe(true);
      });
      return 'cut';
    });
    const settings = { ...store.settings, TABLES_CONNECTION_STRING: proxy.connectionString };
    expect(await backup(settings, 'import', file, accept)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('may be tried again'),
    });
    return store;
  }

  test('the same import does the rest, and what people did in between holds', async () => {
    const store = await halfRestored(other);
    const host = await store.serve();
    expect((await (await as(host, alice)).remove(phone.id)).status).toBe(204);
    const fresh: Made = (await (await as(host, other)).create('New')).body;
    const { stdout } = await done(await store.backup('import', file, accept));
    expect(stdout).toContain('1 people got something back: 1 app passwords, 0 of them suspended');

    expect(await verify(host, alice, phone)).toBe(401);
    expect(await verify(host, other, fresh)).toBe(200);
    expect(await verify(host, other, tablet)).toBe(200);
    expect((await (await as(host, alice)).list()).body).toMatchObject({ remaining: 39 });
    expect((await (await as(host, other)).list()).body).toMatchObject({ remaining: 38 });
    await done(await store.backup('export', join(folder, 'afterwards')));
  });

  test('another decision, another file and an export are refused', async () => {
    const store = await halfRestored(bob);
    const another = join(folder, 'of the same');
    await done(await backup(service.stack.settings, 'export', another));
    const before = await store.rows();
    for (const args of [
      ['import', file, suspend],
      ['import', file],
      ['import', another, accept],
    ])
      expect(await store.backup(...args)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`with the same file and with ${accept}`),
      });
    expect(await store.backup('export', join(folder, 'half'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no backup'),
    });
    expect(await readdir(folder)).not.toContain('half');
    expect(await store.rows()).toEqual(before);
  });

  test('no version of the pepper is retired', async () => {
    const store = await halfRestored(bob);
    expect(await operator('pepper', store.settings, 'finish', '--force')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('An import is unfinished'),
    });
  });

  test('it can be abandoned, and then what is missing comes back suspended', async () => {
    const store = await halfRestored(other);
    expect((await store.backup('import', file, suspend)).stderr).toContain('npm run backup -- abandon');
    const { stdout } = await done(await store.backup('abandon'));
    expect(stdout).toContain('suspended');
    expect((await done(await store.backup('import', file))).stdout).toContain(
      '1 people got something back: 1 app passwords, 1 of them suspended',
    );
    expect(await store.backup('abandon')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No import is unfinished'),
    });
  });

  test('what did not come back, as its person has made others, is counted', async () => {
    const [source, store] = [await emptyStore(), await emptyStore()];
    const { vault } = service.stack;
    await seed(source, vault, 1, { live: 40, deleted: 0 });
    const full = join(folder, 'full');
    await done(await source.backup('export', full));
    const sha256 = await identityOf(full);
    await leaveMark(store.passwords, { sha256, decision: 'accept' });
    await seed(store, vault, 1, { live: 3, deleted: 0 });
    const { stdout } = await done(await store.backup('import', full, accept));
    expect(stdout).toContain('1 people got something back: 37 app passwords');
    expect(stdout).toContain('3 app passwords did not: no more than 40 fit');
  });

  test('a lost answer is not taken for a failure, and what came back is told once', async () => {
    const store = await emptyStore();
    const proxy = await startTableProxy(store.settings.TABLES_CONNECTION_STRING as string);
    onTestFinished(() => proxy.close());
    let transactions = 0;
    proxy.fate((_, request) => (request.endsWith('/$batch') && transactions++ === 0 ? 'swallow' : 'pass'));
    const settings = { ...store.settings, TABLES_CONNECTION_STRING: proxy.connectionString };
    const { stdout } = await done(await backup(settings, 'import', file, accept));
    expect(stdout).toContain('3 people got something back: 4 app passwords, 1 of them suspended');
    expect(stdout.match(/person\.restored/g)).toHaveLength(3);
    const original = await restoredStore();
    expect(untold(await store.rows())).toEqual(untold(await original.rows()));
  });
});

describe('Into a store that is not empty', () => {
  test('what is missing comes back suspended; what was deleted, made or lost since counts as it is', async () => {
    const store = await restoredStore();
    const host = await store.serve();
    const me = await as(host, alice);
    await me.remove(phone.id);
    const fresh: Made = (await me.create('New')).body;
    await lose(store.passwords, scanner, laptop);
    const { stdout } = await done(await store.backup('import', file));
    expect(stdout).toContain('2 people got something back: 2 app passwords, 2 of them suspended');

    const { appPasswords, remaining } = (await me.list()).body;
    expect(remaining).toBe(38);
    expect(appPasswords).toEqual([
      expect.objectContaining({ id: fresh.id, state: 'active' }),
      expect.objectContaining({ id: scanner.id, suspendedFor: ['administrator', 'restored'] }),
    ]);
    expect(await verify(host, alice, phone)).toBe(401);
    expect(await verify(host, alice, fresh)).toBe(200);
    expect(await verify(host, bob, laptop)).toBe(401);
    expect((await (await as(host, bob)).list()).body).toMatchObject({
      remaining: 39,
      appPasswords: [{ id: laptop.id, suspendedFor: ['restored'] }],
    });
  });

  /** Imports, and does something before any request of a kind gets through. */
  async function importMeanwhile(
    store: Awaited<ReturnType<typeof emptyStore>>,
    isIt: (request: string) => boolean,
    meanwhile: () => Promise<unknown>,
  ) {
    const proxy = await startTableProxy(store.settings.TABLES_CONNECTION_STRING as string);
    onTestFinished(() => proxy.close());
    let doing: Promise<unknown> | undefined;
    proxy.fate(async (_, request): Promise<Fate> => {
      if (isIt(request)) {
        doing ??= meanwhile();
        await doing;
      }
      return 'pass';
    });
    const settings = { ...store.settings, TABLES_CONNECTION_STRING: proxy.connectionString };
    await done(await backup(settings, 'import', file));
    expect(doing).toBeDefined();
  }

  const ofPerson = (request: string) => request.endsWith('/$batch');
  const ofName = (request: string) => request.startsWith('POST') && request.endsWith('/Usernames');

  test('what a person does while rows come back is counted', async () => {
    const store = await restoredStore();
    const me = await as(await store.serve(), alice);
    await lose(store.passwords, scanner);
    await importMeanwhile(store, ofPerson, () => me.create('New'));
    const { appPasswords, remaining } = (await me.list()).body;
    expect(appPasswords.map(({ name }: Made) => name)).toEqual(['New', 'Scanner', 'Phone']);
    expect(remaining).toBe(37);
  });

  test.each([
    ['rows', ofPerson],
    ['a name', ofName],
  ])('whoever is erased while %s would come back is erased', async (_, isIt) => {
    const store = await restoredStore();
    const admin = await asAdministrator(await store.serve());
    const name = keyOf(alice.username as Username);
    await lose(store.passwords, scanner);
    await store.usernames.deleteEntity(name, name);
    await importMeanwhile(store, isIt, () => admin.erase(alice.oid));
    const keys = [...(await store.rows()).keys()];
    expect(keys.filter((key) => key.startsWith(partitionOf(alice)))).toEqual([
      `${partitionOf(alice)} profile`,
    ]);
    expect(keys).not.toContain(`${name} ${name}`);
  });

  test('a name does not stay with somebody who gets another one while it comes back', async () => {
    const store = await restoredStore();
    const admin = await asAdministrator(await store.serve());
    const name = keyOf(other.username as Username);
    await store.usernames.deleteEntity(name, name);
    await importMeanwhile(store, ofName, () => admin.setAccount(other.oid, { username: newName }));
    expect([...(await store.rows()).keys()]).not.toContain(`${name} ${name}`);
    expect((await admin.find(newName)).body.id).toBe(other.oid);
  });

  test('everything cannot come back as it was', async () => {
    const store = await restoredStore();
    const before = await store.rows();
    expect(await store.backup('import', file, accept)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not empty'),
    });
    expect(await store.rows()).toEqual(before);
  });

  test('a file is refused that is older than deletions are remembered', async () => {
    const [store, clock] = [await restoredStore(), startWorldClock()];
    onTestFinished(() => clock.close());
    await lose(store.passwords, phone);
    const before = await store.rows();
    clock.advance({ minutes: 90 * 24 * 60 });
    expect(await backup({ ...store.settings, ...clock.settings }, 'import', file)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('older than 90 days'),
    });
    expect(await store.rows()).toEqual(before);
  });

  test('nothing of somebody who was erased comes back, and no name', async () => {
    const store = await restoredStore();
    const host = await store.serve();
    expect((await (await asAdministrator(host)).erase(alice.oid)).status).toBe(204);
    const before = await store.rows();
    await done(await store.backup('import', file));
    expect(await store.rows()).toEqual(before);
    expect([...before.keys()].filter((key) => key.startsWith(partitionOf(alice)))).toEqual([
      `${partitionOf(alice)} profile`,
    ]);
  });

  test('what is deleted in the file is deleted in a store that has lost that, and its owner is told', async () => {
    const store = await restoredStore();
    const { partitionKey, rowKey } = await rowOf(store.passwords, deleted);
    const lost = { partitionKey, rowKey, state: 'active' };
    await store.passwords.submitTransaction([
      ['update', lost, 'Merge'],
      ['update', { partitionKey, rowKey: 'profile', count: 3 }, 'Merge'],
    ]);
    const host = await store.serve();
    expect(await verify(host, alice, deleted)).toBe(200);
    const { stdout } = await done(await store.backup('import', file));
    expect(stdout).toContain('1 app passwords were deleted, as they are in the file');
    expect(stdout).toContain(`"event":"app-password.deleted"`);
    expect(await verify(host, alice, deleted)).toBe(401);
    const me = await as(host, alice);
    expect((await me.list()).body).toMatchObject({ remaining: 38 });
    expect((await me.activity()).body.changes[0]).toMatchObject({
      kind: 'deleted-all',
      by: 'operator',
      count: 1,
    });
    expect((await done(await store.backup('import', file))).stdout).not.toContain('were deleted');
  });

  test('whoever is erased in the file is named where the store has lost that, and what they had works no more', async () => {
    const [source, store] = [await restoredStore(), await restoredStore()];
    await (await asAdministrator(await source.serve())).erase(alice.oid);
    const after = join(folder, 'after an erasure');
    await done(await source.backup('export', after));
    const host = await store.serve();
    for (let time = 0; time < 2; time++)
      expect((await done(await store.backup('import', after))).stdout).toContain(
        `1 people are erased in the file and not in the store: ${alice.oid}`,
      );
    expect(await verify(host, alice, phone)).toBe(401);
    await (await asAdministrator(host)).erase(alice.oid);
    expect((await done(await store.backup('import', after))).stdout).not.toContain('erased');
  });

  test('a file of another tenant is refused', async () => {
    const [source, store] = [await emptyStore(), await restoredStore()];
    await source.passwords.createEntity({ partitionKey: 'elsewhere.person-0', rowKey: 'profile', count: 0 });
    const foreign = join(folder, 'foreign');
    await done(await source.backup('export', foreign));
    const before = await store.rows();
    expect(await store.backup('import', foreign)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('another tenant'),
    });
    expect(await store.rows()).toEqual(before);
  });

  test('a name that was left over from somebody who was erased goes', async () => {
    const store = await restoredStore();
    const host = await store.serve();
    const name = keyOf(alice.username as Username);
    const row = await store.usernames.getEntity(name, name);
    await (await asAdministrator(host)).erase(alice.oid);
    await store.usernames.createEntity({ ...row, partitionKey: name, rowKey: name });
    await done(await store.backup('import', file));
    expect([...(await rowsIn(store.usernames)).keys()]).not.toContain(`${name} ${name}`);
  });

  test('a name is never repointed, one that was given up stays free, and one that got lost comes back', async () => {
    const store = await restoredStore();
    const host = await store.serve();
    const admin = await asAdministrator(host);
    expect((await admin.setAccount(other.oid, { username: newName })).status).toBe(200);
    await done(await store.backup('import', file));
    expect(await verify(host, { ...other, username: newName }, tablet)).toBe(200);
    expect((await admin.find(other.username)).status).toBe(404);

    expect((await admin.setAccount(alice.oid, { username: other.username })).status).toBe(200);
    const name = keyOf(bob.username as Username);
    await store.usernames.deleteEntity(name, name);
    const { stdout } = await done(await store.backup('import', file));
    expect(stdout).toContain('and 1 usernames came back');
    expect((await admin.find(other.username)).body.id).toBe(alice.oid);
    expect(await verify(host, { ...other }, tablet)).toBe(401);
    expect(await verify(await store.serve(), bob, laptop)).toBe(200);
  });

  test('a name that an operator released stays free, whichever file it is, and an export takes that', async () => {
    const store = await restoredStore();
    const host = await store.serve();
    expect(await verify(host, alice, phone)).toBe(200);
    await done(await operator('usernames', store.settings, 'release', alice.username));
    const name = keyOf(alice.username as Username);
    const row = await store.usernames.getEntity(name, name);
    const since = join(folder, 'released');
    await done(await store.backup('export', since));
    for (const it of [file, since]) await done(await store.backup('import', it));
    expect(await store.usernames.getEntity(name, name)).toEqual(row);

    const empty = await emptyStore();
    await done(await empty.backup('import', since, accept));
    expect([...(await rowsIn(empty.usernames)).keys()]).not.toContain(`${name} ${name}`);
    const restored = await empty.serve();
    expect(await verify(restored, alice, phone)).toBe(401);
    expect((await (await as(restored, alice)).list()).status).toBe(200);
    expect(await verify(restored, alice, phone)).toBe(200);
  });

  test('an app password that moved under another version of the pepper is not missing', async () => {
    const store = await restoredStore();
    await move(store.passwords, phone, 'newer');
    const before = await store.rows();
    await done(await store.backup('import', file));
    expect(await store.rows()).toEqual(before);
  });

  test('the limit of 40 is kept: the newest come back, and how many did not is said', async () => {
    const [source, store] = [await emptyStore(), await emptyStore()];
    const names = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, i) => `${prefix} ${i}`);
    const make = async (host: HostProcess, all: readonly string[]) => {
      const me = await as(host, alice);
      for (const name of all) expect((await me.create(name)).status).toBe(201);
    };
    await make(await source.serve(), names(20, 'Lost'));
    const host = await store.serve();
    await make(host, names(30, 'New'));
    const lost = join(folder, 'lost');
    await done(await source.backup('export', lost));
    const { stdout } = await done(await store.backup('import', lost));
    expect(stdout).toContain('10 app passwords, 10 of them suspended');
    expect(stdout).toContain('10 app passwords did not: no more than 40 fit');
    const { appPasswords, remaining } = (await (await as(host, alice)).list()).body;
    expect(remaining).toBe(0);
    expect(appPasswords.map(({ name }: Made) => name).sort()).toEqual(
      [...names(30, 'New'), ...names(20, 'Lost').slice(10)].sort(),
    );
  });
});

/** The row of an app password. */
async function rowOf(table: Store['tables']['passwords'], { id }: Made) {
  const queryOptions = { filter: `id eq '${id}' and state ne ''` };
  const [row] = await Array.fromAsync(
    table.listEntities<{ partitionKey: string; rowKey: string }>({
      queryOptions,
      disableTypeConversion: true,
    }),
  );
  const { etag: _, timestamp: __, ...columns } = row as NonNullable<typeof row>;
  return columns;
}

/** Has an app password lie under another version of the pepper. */
async function move(table: Store['tables']['passwords'], made: Made, version: string) {
  const { partitionKey, rowKey, ...columns } = await rowOf(table, made);
  const moved = { ...columns, partitionKey, rowKey: `${version}${rowKey.slice(rowKey.indexOf('.'))}` };
  await table.submitTransaction([
    ['delete', { partitionKey, rowKey }],
    ['create', moved],
  ]);
}

/** Takes rows away as a fault does that is no deletion. */
async function lose(table: Store['tables']['passwords'], ...lost: readonly Made[]) {
  for (const made of lost) {
    const { partitionKey, rowKey } = await rowOf(table, made);
    await table.deleteEntity(partitionKey, rowKey);
  }
}

describe('The MAC of a file', () => {
  const withoutMac = '--without-mac';
  const versions = () => listEnabled(service.stack.vault, macKeySecret);

  /** A store with somebody whose rows have nothing of a later version, and a file of it. */
  async function plainStore() {
    const store = await emptyStore();
    await seed(store, service.stack.vault, 2, { live: 3, deleted: 1 });
    const path = join(folder, randomUUID());
    await done(await store.backup('export', path));
    return { ...store, path };
  }

  /** Changes a file, and makes its hash right. */
  function reseal(path: string, change: (lines: Record<string, unknown>[]) => void): string {
    const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    const records = lines.map((line) => JSON.parse(line));
    change(records);
    const hash = createHash('sha256');
    const content = records.map((record) => {
      if (record.kind === 'end') record.sha256 = hash.digest('hex');
      const line = `${JSON.stringify(record)}\n`;
      if (record.kind !== 'end' && record.kind !== 'mac') hash.update(line);
      return line;
    });
    const changed = join(folder, randomUUID());
    writeFileSync(changed, gzipSync(content.join('')));
    return changed;
  }

  /** A file as the first version wrote it. */
  const asBefore = (path: string) =>
    reseal(path, (lines) => {
      Object.assign(lines[0] as object, { version: 1, macKey: undefined });
      lines.pop();
      Object.assign(lines.at(-1) as object, { endedAt: undefined });
    });

  test('is under a key of its own, which the first export makes, and a new one stands beside', async () => {
    expect(await versions()).toHaveLength(1);
    const { value = '' } = await service.stack.vault.getSecret(macKeySecret);
    const pepper = await service.stack.vault.getSecret(pepperSecret);
    expect(Buffer.from(value, 'base64url')).toHaveLength(32);
    expect(value).not.toBe(pepper.value);
    const store = await plainStore();
    expect(await versions()).toHaveLength(1);

    const { stdout } = await done(await store.backup('rotate-key'));
    const [newest] = await versions();
    expect(stdout).toContain(`Made version ${newest?.version}.`);
    expect(stdout).not.toContain(value);
    const next = join(folder, 'under the next key');
    await done(await store.backup('export', next));
    expect(gunzipSync(readFileSync(next)).toString()).toContain(`"macKey":"${newest?.version}"`);
    for (const path of [store.path, next])
      expect((await done(await store.backup('verify', path))).stdout).toContain('Its MAC is right');
    await done(await (await emptyStore()).backup('import', store.path, accept));
  });

  test('is wrong in a file that somebody changed, of which nothing comes back, whatever is asked for', async () => {
    const [{ path }, store] = [await plainStore(), await emptyStore()];
    const name = 'ceo@example.com' as Username;
    const changed = reseal(path, (lines) => {
      const names = lines.findIndex(({ kind }) => kind === 'username');
      const { row } = structuredClone(lines[names]) as { row: { rowKey: string; columns: object } };
      const columns = { ...row.columns, username: { type: 'String', value: name } };
      const others = lines.slice(names, -2) as { row: { rowKey: string } }[];
      const claim = { kind: 'username', row: { rowKey: keyOf(name), columns } };
      const sorted = [...others, claim].sort((a, b) => (a.row.rowKey < b.row.rowKey ? -1 : 1));
      lines.splice(names, others.length, ...sorted);
      const { contents } = lines.at(-2) as { contents: { usernames: number } };
      contents.usernames++;
    });
    for (const args of [
      ['verify', changed],
      ['import', changed, accept],
      ['import', changed, accept, withoutMac],
    ])
      expect(await store.backup(...args)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('its MAC is wrong'),
      });
    expect(await store.rows()).toEqual(new Map());
  });

  test('is missing in a file from before, which is taken only if that is said', async () => {
    const [source, store] = [await plainStore(), await emptyStore()];
    const old = asBefore(source.path);
    expect((await done(await store.backup('verify', old))).stdout).toContain('It has no MAC');
    expect(await store.backup('import', old, accept)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(withoutMac),
    });
    expect(await store.rows()).toEqual(new Map());
    const { stdout } = await done(await store.backup('import', old, accept, withoutMac));
    expect(stdout).toContain('2 people got something back: 6 app passwords, 0 of them suspended; and 2 user');
    const bare = new Map(
      [...untold(await store.rows())].map(([key, { restoredFrom: _, ...row }]) => [key, row]),
    );
    expect(bare).toEqual(await source.rows());
  });

  test('is not wanted because of a former username, which comes back to nobody', async () => {
    const [source, store] = [await plainStore(), await emptyStore()];
    const name = 'former@example.com' as Username;
    const given = { person: personKey(tenantId, 'somebody'), username: name };
    const claim = claimOfNobody(given, { issuedAt: 0, since: Date.now() });
    const key = keyOf(name);
    await source.usernames.createEntity({ partitionKey: key, rowKey: key, ...writeClaim(claim) });
    const path = join(folder, randomUUID());
    await done(await source.backup('export', path));
    const { stdout } = await done(await store.backup('import', asBefore(path), accept, withoutMac));
    expect(stdout).toContain('and 2 usernames came back');
    expect([...(await rowsIn(store.usernames)).keys()]).not.toContain(`${key} ${key}`);
    const before = await source.rows();
    await done(await source.backup('import', path));
    expect(await source.rows()).toEqual(before);
  });

  test('is wanted where there is anything in a file that this version does not write', async () => {
    const store = await emptyStore();
    expect(await store.backup('import', asBefore(file), accept, withoutMac)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('what this version does not write'),
    });
    expect(await store.rows()).toEqual(new Map());
  });

  test('is not known while its key is disabled, and the next export makes another one', async () => {
    const [source, store] = [await plainStore(), await emptyStore()];
    const before = await versions();
    const enable = (enabled: boolean) =>
      Promise.all(
        before.map(({ version }) =>
          service.stack.vault.updateSecretProperties(macKeySecret, version, { enabled }),
        ),
      );
    await enable(false);
    try {
      expect((await done(await store.backup('verify', source.path))).stdout).toMatch(
        /^The file is whole.*\nIts MAC was not checked, .* version \w+ of the secret backup-mac-key is not enabled in the vault\./,
      );
      expect(await store.backup('import', source.path, accept)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('is not enabled in the vault. Bring it back'),
      });
      expect(await store.rows()).toEqual(new Map());
      await done(await source.backup('export', join(folder, 'under another key')));
      expect(await versions()).toHaveLength(1);
      await done(await store.backup('import', source.path, accept, withoutMac));
    } finally {
      await enable(true);
    }
  });
});

describe('A file', () => {
  const changed = (change: (text: string) => string) => () =>
    gzipSync(change(gunzipSync(readFileSync(file)).toString()));
  const whole = () => readFileSync(file);

  test.each<[string, () => Buffer, string]>([
    ['that is cut off', () => whole().subarray(0, whole().length - 20), 'not whole'],
    ['with a letter changed', changed((text) => text.replace('active', 'Active')), 'not whole'],
    [
      'with another count at its end',
      changed((text) => text.replace(/"deleted":1/, '"deleted":2')),
      'not whole',
    ],
    ['without its last line', changed((text) => text.replace(/[^\n]+\n$/, '')), 'not whole'],
    ['without its last line break', changed((text) => text.slice(0, -1)), 'not whole'],
    ['with a line more', changed((text) => `${text}{"kind":"policy"}\n`), 'not whole'],
    ['with a letter more', changed((text) => `${text}x`), 'not whole'],
    ['with a line missing', changed((text) => text.replace(/\n.*person-0.*\n/, '\n')), 'not whole'],
    ['of a newer version', changed((text) => text.replace('"version":2', '"version":3')), 'newer version'],
    ['of something else', changed(() => '{"kind":"else"}\n'), 'no file of'],
    ['of nothing', changed(() => ''), 'not whole'],
    ['that is not compressed', () => gunzipSync(whole()), 'not whole'],
  ])('%s is refused', async (_, content, message) => {
    const bad = join(folder, 'bad');
    writeFileSync(bad, content());
    expect(await backup({}, 'verify', bad)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message),
    });
  });

  test('that is not whole is refused by an import before anything is written', async () => {
    const store = await emptyStore();
    const bad = join(folder, 'bad');
    writeFileSync(bad, changed((text) => text.replace('active', 'Active'))());
    expect(await store.backup('import', bad, accept)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not whole'),
    });
    expect(await store.rows()).toEqual(new Map());
  });

  test('that is not there is named a missing one', async () => {
    expect(await backup({}, 'verify', join(folder, 'missing'))).toMatchObject({
      code: 1,
      stderr: 'The file cannot be read: ENOENT.\n',
    });
  });

  test('whose content is replaced while it is imported brings nothing back, and the import stays unfinished', async () => {
    const store = await emptyStore();
    const [current, another] = [join(folder, 'current'), join(folder, 'newer')];
    copyFileSync(file, current);
    await done(await backup(service.stack.settings, 'export', another));
    const proxy = await startTableProxy(store.settings.TABLES_CONNECTION_STRING as string);
    onTestFinished(() => proxy.close());
    proxy.fate((_, request) => {
      if (request.startsWith('POST') && request.endsWith('/AppPasswords')) copyFileSync(another, current);
      return 'pass';
    });
    const settings = { ...store.settings, TABLES_CONNECTION_STRING: proxy.connectionString };
    expect(await backup(settings, 'import', current, accept)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('changed while it was read'),
    });
    expect([...(await store.rows()).keys()]).toEqual(['import import']);
  });

  test('is never replaced by an export', async () => {
    const target = join(folder, 'kept');
    writeFileSync(target, whole());
    expect(await backup(service.stack.settings, 'export', target)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is there already'),
    });
    expect(readFileSync(target)).toEqual(whole());
  });

  test.each<[string, Fate, string]>([
    ['an export that fails', 'cut', 'may be tried again'],
    ['an export during which a file of that name came', 'pass', 'is there already'],
  ])('%s leaves nothing behind', async (_, fate, message) => {
    const target = join(folder, 'new');
    const proxy = await startTableProxy(service.stack.tables);
    onTestFinished(() => {
      rmSync(target, { force: true });
      return proxy.close();
    });
    proxy.fate((_, request) => {
      if (!request.includes('/Usernames')) return 'pass';
      if (fate === 'pass') writeFileSync(target, 'of another export');
      return fate;
    });
    const settings = { ...service.stack.settings, TABLES_CONNECTION_STRING: proxy.connectionString };
    expect(await backup(settings, 'export', target)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message),
    });
    const left = (await readdir(folder)).filter((name) => name.startsWith('new.') || name === 'new');
    expect(left).toEqual(fate === 'pass' ? ['new'] : []);
    if (fate === 'pass') expect(readFileSync(target).toString()).toBe('of another export');
  });
});
