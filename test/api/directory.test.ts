import { randomUUID } from 'node:crypto';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Azurite, startAzurite } from '../../local/azurite.ts';
import { tenantId } from '../../local/identities.ts';
import type { Directory } from '../../shared/domain/directory/directory.ts';
import { followDirectory } from '../../shared/domain/directory/follow-directory.ts';
import type { DirectoryUser } from '../../shared/domain/directory/follow-user.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import type { Ports } from '../../shared/domain/ports.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { openDirectory } from '../../shared/graph/directory.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { directoryStateIn } from '../../shared/tables/directory-state.ts';
import { passwordsIn } from '../../shared/tables/passwords.ts';
import { tableNames } from '../../shared/tables/tables.ts';
import { FakeClock } from '../../testing/clock.ts';
import { type Graph, graphToken, startGraph } from '../../testing/graph.ts';
import { quietPorts } from '../../testing/ports.ts';
import { startTcpProxy, tablePort, through } from '../../testing/tcp-proxy.ts';

const patiently = () => AbortSignal.timeout(20_000);
const briefly = () => AbortSignal.timeout(500);

/** The acts on one person, as this test notes them; what they do is not its affair. */
const acts = vi.hoisted(() => ({
  user: async (_user: DirectoryUser): Promise<void> => {},
  removal: async (_oid: string): Promise<void> => {},
}));
vi.mock('../../shared/domain/directory/follow-user.ts', () => ({
  followUser: (_: unknown, { user }: { user: DirectoryUser }) => acts.user(user),
  followRemoval: (_: unknown, { oid }: { oid: string }) => acts.removal(oid),
}));

let graph: Graph;

beforeEach(async () => {
  graph = await startGraph();
  return graph.close;
});

function open(more: Record<string, string> = {}): Directory {
  const settings = readSettings({
    VARIANT: 'local',
    TABLES_CONNECTION_STRING: 'unused',
    KEY_VAULT_URL: 'https://127.0.0.1',
    KEY_VAULT_CERTIFICATE: 'unused',
    KEY_VAULT_TOKEN: 'unused',
    OIDC_DISCOVERY_URL: 'http://127.0.0.1',
    TOKEN_ISSUER: 'http://127.0.0.1',
    TENANT_ID: tenantId,
    TOKEN_AUDIENCES: 'api://app-passwords',
    TOKEN_CLIENTS: 'portal',
    ...graph.settings,
    ...more,
  });
  const directory = openDirectory(settings, () => {
    throw new Error('unused');
  });
  if (directory === undefined) throw new Error('none is configured');
  return directory;
}

/** Users of the directory, by their ids in order. */
function newUsers(count: number): string[] {
  const ids = Array.from({ length: count }, () => randomUUID()).sort();
  ids.forEach((id, index) => {
    graph.create(id, `user${index}@example.com`);
  });
  return ids;
}

const oidsOf = (users: readonly DirectoryUser[]) => users.map(({ oid }) => oid);

/** Reads all pages of changes. */
async function readAll(directory: Directory, from: string) {
  const pages = [];
  for (let link = from; ; ) {
    const page = await directory.changes(link, patiently());
    if (page === undefined) throw new Error('the link was not accepted');
    pages.push(page);
    link = page.next;
    if (page.isLast) return { pages, next: link };
  }
}

describe('Microsoft Graph', () => {
  test('gives the changes from now on, page by page, and after the last one where to go on', async () => {
    newUsers(3);
    const directory = open();
    const begin = await directory.begin(patiently());
    expect(await directory.changes(begin, patiently())).toMatchObject({
      users: [],
      removed: [],
      isLast: true,
    });
    const ids = newUsers(5);
    graph.pageSize(2);
    const { pages, next } = await readAll(directory, begin);
    expect(pages.map(({ users, isLast }) => [users.length, isLast])).toEqual([
      [2, false],
      [2, false],
      [1, true],
    ]);
    expect(pages.flatMap(({ users }) => oidsOf(users))).toEqual(ids);
    expect(await directory.changes(next, patiently())).toMatchObject({ users: [], isLast: true });
  });

  test('says all of a user, also of what did not change', async () => {
    const [id = ''] = newUsers(1);
    const directory = open();
    const begin = await directory.begin(patiently());
    graph.disable(id);
    graph.setMail(id, 'mail@example.com');
    expect((await directory.changes(begin, patiently()))?.users).toEqual([
      { oid: id, username: 'user0@example.com', mail: 'mail@example.com', isEnabled: false },
    ]);
  });

  test('tells removals of both kinds; somebody who came back is none', async () => {
    const [soft = '', hard = '', back = ''] = newUsers(3);
    const directory = open();
    const begin = await directory.begin(patiently());
    graph.remove(soft, 'soft');
    graph.remove(hard, 'hard');
    graph.remove(back);
    graph.restore(back);
    const page = await directory.changes(begin, patiently());
    expect(page?.removed).toEqual([soft, hard]);
    expect(oidsOf(page?.users ?? [])).toEqual([back]);
  });

  test('does not accept a link that is too old, broken, or of another origin', async () => {
    const directory = open();
    const begin = await directory.begin(patiently());
    graph.expireLinks();
    expect(await directory.changes(begin, patiently())).toBeUndefined();
    expect(
      await directory.changes(`${graph.url}/v1.0/users/delta?$deltatoken=x`, patiently()),
    ).toBeUndefined();
    expect(await directory.changes('', patiently())).toBeUndefined();
    expect(await directory.changes('https://example.com/v1.0/users/delta', patiently())).toBeUndefined();
  });

  test('looks up any number of people; who is missing does not exist', async () => {
    const ids = newUsers(40);
    const strangers = [randomUUID(), "it's"];
    const found = await open().lookUp([...ids, ...strangers], patiently());
    expect(oidsOf(found).sort()).toEqual(ids);
    expect(graph.requests.filter(({ path }) => path.includes('$filter'))).toHaveLength(3);
  });

  test('is asked again for whom a list leaves out, as a replica may lag behind', async () => {
    const [id = ''] = newUsers(1);
    graph.unlist(id);
    expect(oidsOf(await open().lookUp([id], patiently()))).toEqual([id]);
  });

  test('is waited for when it says for how long, within the time of the caller', async () => {
    const directory = open();
    graph.mode({ retryAfter: 0 }, 2);
    await directory.begin(patiently());
    expect(graph.requests).toHaveLength(3);
    graph.mode({ retryAfter: 600 });
    await expect(directory.begin(briefly())).rejects.toThrow(Unavailable);
    expect(graph.requests).toHaveLength(4);
  });

  test.for(['away', 'hang'] as const)('that is not there is a fault (%s)', async (mode) => {
    const directory = open();
    graph.mode(mode);
    await expect(directory.begin(briefly())).rejects.toThrow(Unavailable);
    await expect(directory.lookUp([randomUUID()], briefly())).rejects.toThrow(Unavailable);
  });

  test('that refuses us is a fault, never a removal', async () => {
    const directory = open({ GRAPH_TOKEN: 'wrong' });
    const refused = 'the directory answered 401 InvalidAuthenticationToken';
    await expect(directory.begin(patiently())).rejects.toThrow(refused);
    await expect(directory.lookUp([randomUUID()], patiently())).rejects.toThrow(refused);
    await expect(
      directory.changes(`${graph.url}/v1.0/users/delta?$deltatoken=0:0`, patiently()),
    ).rejects.toThrow(refused);
  });

  test('is given the token, and nobody else is: not by a link, not by a redirect', async () => {
    const other = await startGraph();
    try {
      const directory = open();
      const begin = await directory.begin(patiently());
      newUsers(3);
      graph.pageSize(1);
      graph.linksLeadTo(other.url);
      const page = await directory.changes(begin, patiently());
      expect(await directory.changes(page?.next ?? '', patiently())).toBeUndefined();
      graph.redirect(`${other.url}/v1.0/users/delta`);
      await expect(directory.begin(patiently())).rejects.toThrow('the directory answered 307');
      expect(other.requests).toEqual([]);
      expect(new Set(graph.requests.map(({ authorization }) => authorization))).toEqual(
        new Set([`Bearer ${graphToken}`]),
      );
    } finally {
      await other.close();
    }
  });

  test('is not asked as another tenant, where nobody of ours is', async () => {
    const tokenOf = (tid: string) => new UnsecuredJWT({ tid }).encode();
    await expect(open({ GRAPH_TOKEN: tokenOf(randomUUID()) }).begin(patiently())).rejects.toThrow(
      Unavailable,
    );
    expect(graph.requests).toEqual([]);
    await graph.close();
    graph = await startGraph({ token: tokenOf(tenantId) });
    await open().begin(patiently());
  });
});

describe('With the tables', () => {
  let azurite: Azurite;
  let table: TableClient;
  let clock: FakeClock;
  const key = (oid: string) => personKey(tenantId, oid);

  beforeAll(async () => {
    azurite = await startAzurite('table');
  });
  afterAll(() => azurite?.close());

  const openTable = (connectionString = azurite.connectionString, name = table.tableName) =>
    TableClient.fromConnectionString(connectionString, name, {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });

  beforeEach(async () => {
    clock = new FakeClock(Date.parse('2026-11-24T12:00:00Z'));
    const name = `${tableNames.passwords}${randomUUID().replaceAll('-', '')}`;
    await TableServiceClient.fromConnectionString(azurite.connectionString, {
      allowInsecureConnection: true,
    }).createTable(name);
    table = openTable(azurite.connectionString, name);
  });

  const newState = (over = table) => directoryStateIn(over, clock);
  const progress = { link: 'https://example.com/link', check: null, lastSuccessAt: null };

  /** People that the tables know. */
  async function known(oids: readonly string[]) {
    for (const oid of oids) {
      await table.createEntity({
        partitionKey: key(oid),
        rowKey: 'profile',
        username: `${oid}@example.com`,
        account: 'enabled',
        count: 0,
      });
    }
  }

  describe('what is kept', () => {
    test('is read as it was saved', async () => {
      const state = newState();
      expect(await state.read(patiently())).toBeUndefined();
      const first = await state.save(progress, undefined, patiently());
      expect(await state.read(patiently())).toEqual(first);
      const all = { link: 'https://example.com/next', check: 'done', lastSuccessAt: clock.now() };
      const second = await state.save(all, first, patiently());
      expect(await state.read(patiently())).toEqual({ ...all, version: second?.version });
      expect(await state.save({ ...all, check: null }, second, patiently())).toMatchObject({ check: null });
      expect(await state.read(patiently())).toMatchObject({ check: null, lastSuccessAt: clock.now() });
    });

    test('is saved only over what was read', async () => {
      const state = newState();
      const first = await state.save(progress, undefined, patiently());
      expect(await state.save(progress, undefined, patiently())).toBeUndefined();
      expect(await state.save({ ...progress, check: 'done' }, first, patiently())).toBeDefined();
      expect(await state.save({ ...progress, link: 'lost' }, first, patiently())).toBeUndefined();
      expect(await state.read(patiently())).toMatchObject({ link: progress.link, check: 'done' });
    });

    test('holds each newcomer once, and keeps one who was seen again', async () => {
      const state = newState();
      const [alice, bob] = [key('alice'), key('bob')];
      await Promise.all([alice, bob, alice].map((person) => state.seen(person, patiently())));
      const [first, second] = await state.newcomers(patiently());
      expect([first, second]).toMatchObject([
        { person: alice, seenAt: clock.now() },
        { person: bob, seenAt: clock.now() },
      ]);
      clock.advance({ minutes: 59 });
      await state.seen(alice, patiently());
      for (const newcomer of [first, second]) if (newcomer) await state.forget(newcomer, patiently());
      expect(await state.newcomers(patiently())).toMatchObject([{ person: alice, seenAt: clock.now() }]);
    });

    test('goes through all people the tables know, some at a time, and nobody else', async () => {
      const state = newState();
      const oids = Array.from({ length: 250 }, () => randomUUID()).sort();
      await known(oids);
      await state.save(progress, undefined, patiently());
      await state.seen(key('newcomer'), patiently());
      await table.createEntity({ partitionKey: key('alice'), rowKey: 'no profile' });
      const all: string[] = [];
      let pages = 0;
      for (let continuation: string | null = null; ; pages++) {
        const page = await state.people(continuation, patiently());
        all.push(...page.people);
        continuation = page.continuation;
        if (continuation === null) break;
      }
      expect(all.sort()).toEqual(oids.map(key));
      expect(pages).toBeGreaterThan(0);
    });

    test('is out of reach while storage is, which is a fault', async () => {
      const proxy = await startTcpProxy(tablePort(azurite.connectionString));
      try {
        proxy.mode('away');
        const state = newState(openTable(through(proxy, azurite.connectionString)));
        const alice = key('alice');
        await expect(state.read(patiently())).rejects.toThrow(Unavailable);
        await expect(state.save(progress, undefined, patiently())).rejects.toThrow(Unavailable);
        await expect(state.seen(alice, patiently())).rejects.toThrow(Unavailable);
        await expect(state.newcomers(patiently())).rejects.toThrow(Unavailable);
        await expect(state.people(null, patiently())).rejects.toThrow(Unavailable);
      } finally {
        proxy.close();
      }
    });
  });

  describe('a run', () => {
    /** What was followed, in order: `oid username on/off`, or `oid gone`. */
    let followed: string[];

    beforeEach(() => {
      followed = [];
      acts.user = async ({ oid, username, isEnabled }) => {
        followed.push(`${oid} ${username} ${isEnabled ? 'on' : 'off'}`);
      };
      acts.removal = async (oid) => {
        followed.push(`${oid} gone`);
      };
    });

    const run = (signal = patiently(), over = table) =>
      followDirectory(
        {
          ports: { ...quietPorts(), clock, passwords: passwordsIn(over) } as Partial<Ports> as Ports,
          directory: open(),
          state: newState(over),
          rules: {
            tenantId,
            usernames: { domains: [], aliases: new Map(), defaultDomain: undefined },
            takesMail: false,
          },
        },
        signal,
      );

    /** What a run follows, sorted. */
    async function followedBy(work: Promise<void>): Promise<string[]> {
      followed = [];
      await work;
      return followed.sort();
    }

    test('that is the first checks everybody the tables know, and nobody else of the tenant', async () => {
      const [alice = '', bob = '', mallory = ''] = newUsers(3);
      const gone = randomUUID();
      graph.disable(bob);
      await known([alice, bob, gone]);
      expect(await followedBy(run())).toEqual(
        [`${alice} user0@example.com on`, `${bob} user1@example.com off`, `${gone} gone`].sort(),
      );
      expect(await newState().read(patiently())).toMatchObject({ check: 'done', lastSuccessAt: clock.now() });
      graph.disable(mallory);
      expect(await followedBy(run())).toEqual([`${mallory} user2@example.com off`]);
      expect(await followedBy(run())).toEqual([]);
    });

    test('follows each kind of change, of all pages', async () => {
      const [a = '', b = '', c = ''] = newUsers(3);
      await run();
      graph.pageSize(1);
      graph.disable(a);
      graph.remove(b);
      graph.rename(c, 'bob@example.com');
      expect(await followedBy(run())).toEqual(
        [`${a} user0@example.com off`, `${b} gone`, `${c} bob@example.com on`].sort(),
      );
      graph.enable(a);
      expect(await followedBy(run())).toEqual([`${a} user0@example.com on`]);
    });

    test('begins again when its link is not accepted any more, and checks everybody', async () => {
      const [alice = ''] = newUsers(1);
      await known([alice]);
      await run();
      graph.disable(alice);
      graph.expireLinks();
      expect(await followedBy(run())).toEqual([`${alice} user0@example.com off`]);
      graph.enable(alice);
      expect(await followedBy(run())).toEqual([`${alice} user0@example.com on`]);
    });

    test('that dies in the middle is gone on with by the next one, which repeats at most one page', async () => {
      const ids = newUsers(6);
      await run();
      for (const id of ids) graph.disable(id);
      graph.pageSize(2);
      const note = acts.user;
      acts.user = async (user) => {
        if (user.oid === ids[3]) throw new Error('the process dies');
        await note(user);
      };
      await expect(run()).rejects.toThrow('the process dies');
      const before = followed.slice();
      expect(before).toContain(`${ids[1]} user1@example.com off`);
      acts.user = note;
      expect(await followedBy(run())).toEqual(
        ids.slice(2).map((id, i) => `${id} user${i + 2}@example.com off`),
      );
    });

    test('goes on with the check of everybody where another one ended', async () => {
      const ids = newUsers(250);
      await known(ids);
      const note = acts.user;
      let left = 130;
      acts.user = async (user) => {
        if (left-- === 0) throw new Error('the process dies');
        await note(user);
      };
      await expect(run()).rejects.toThrow('the process dies');
      const { check } = (await newState().read(patiently())) ?? {};
      expect(check).toMatch(/./);
      expect(check).not.toBe('done');
      acts.user = note;
      expect(await followedBy(run())).toHaveLength(130);
      expect(await newState().read(patiently())).toMatchObject({ check: 'done' });
    });

    test('begins no page when its time is up, and reads the changes before it checks', async () => {
      const ids = newUsers(250);
      await known(ids);
      const note = acts.user;
      acts.user = async (user) => {
        clock.advance({ seconds: 1 });
        await note(user);
      };
      expect(await followedBy(run())).toHaveLength(120);
      acts.user = note;
      graph.disable(ids[0] as string);
      await followedBy(run());
      followed = [];
      await run();
      expect(followed).toEqual([]);
      expect(await newState().read(patiently())).toMatchObject({ check: 'done' });
    });

    test('that another one overtook stops, and whom it followed is looked up anew', async () => {
      const [alice = ''] = newUsers(1);
      await known([alice]);
      await run();
      graph.disable(alice);
      const note = acts.user;
      acts.user = async (user) => {
        acts.user = note;
        // While this one is at work, the account is enabled again, and another run follows that.
        graph.enable(alice);
        await run();
        await note(user);
      };
      await run();
      expect(followed.at(-1)).toBe(`${alice} user0@example.com off`);
      expect(await followedBy(run())).toEqual([`${alice} user0@example.com on`]);
      expect(await followedBy(run())).toEqual([]);
    });

    test('beside another one does no harm: everything is followed, and the next one has nothing to do', async () => {
      const ids = newUsers(10);
      await known(ids);
      await Promise.all([run(), run()]);
      await run();
      for (const id of ids) graph.disable(id);
      graph.pageSize(3);
      followed = [];
      await Promise.all([run(), run(), run()]);
      await run();
      expect(new Set(followed)).toEqual(new Set(ids.map((id, i) => `${id} user${i}@example.com off`)));
      expect(await followedBy(run())).toEqual([]);
    });

    test('looks up who was first seen since, once there is a profile', async () => {
      const [alice = '', bob = ''] = newUsers(2);
      graph.disable(alice);
      await run();
      const gone = randomUUID();
      for (const oid of [alice, bob, gone]) await newState().seen(key(oid), patiently());
      expect(await followedBy(run())).toEqual([]);
      await known([alice, gone]);
      expect(await followedBy(run())).toEqual([`${alice} user0@example.com off`, `${gone} gone`].sort());
      expect(await newState().newcomers(patiently())).toMatchObject([{ person: key(bob) }]);
      clock.advance({ minutes: 61 });
      expect(await followedBy(run())).toEqual([]);
      expect(await newState().newcomers(patiently())).toEqual([]);
    });

    test('leaves everything as it is while the directory is away, and the next one goes on', async () => {
      const [alice = ''] = newUsers(1);
      await run();
      const before = await newState().read(patiently());
      graph.disable(alice);
      clock.advance({ minutes: 1 });
      graph.mode('away');
      await expect(run(briefly())).rejects.toThrow(Unavailable);
      graph.mode({ retryAfter: 600 });
      await expect(run(briefly())).rejects.toThrow(Unavailable);
      expect(await newState().read(patiently())).toEqual(before);
      expect(followed).toEqual([]);
      graph.mode('pass');
      expect(await followedBy(run())).toEqual([`${alice} user0@example.com off`]);
      expect(await newState().read(patiently())).toMatchObject({ lastSuccessAt: clock.now() });
    });
  });
});
