import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../../local/stack-file.ts';
import { leaveMark } from '../../operator/backup/mark.ts';
import { planPerson } from '../../operator/backup/plan.ts';
import { bare, rowsOf } from '../../operator/backup/rows.ts';
import { activityPrefix } from '../../shared/domain/person/activity.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { systemClock } from '../../shared/runtime/system.ts';
import { directoryStateIn } from '../../shared/tables/directory-state.ts';
import { gatewayNetworksIn } from '../../shared/tables/gateway-networks.ts';
import { passwordsIn } from '../../shared/tables/passwords.ts';
import { policiesIn } from '../../shared/tables/policy.ts';
import { profileKey, writeErased, writeLastUsed, writeRefusals } from '../../shared/tables/rows.ts';
import { usernamesIn } from '../../shared/tables/usernames.ts';
import { anchorOf, read } from '../../testing/files.ts';
import { quietPorts } from '../../testing/ports.ts';
import { rowsIn, type Store, startStore } from '../../testing/store.ts';

const page = read('docs/architecture.md');
const records = globSync('docs/decisions/*.md', { cwd: root }).sort();
const documents = ['docs/architecture.md', 'docs/glossary.md', ...records];

/** What stands under a heading of the second level. */
function section(title: string): string {
  return page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
}

/** The cells of each line of a table with this first line; Markdown's own marks stay in them. */
function tableAfter(firstLine: string): string[][] {
  const [, rest = ''] = page.split(`\n${firstLine}\n`);
  const lines = rest.split('\n').slice(1);
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(0, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** What stands between backticks. */
const named = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);

describe('The invariants', () => {
  const [, ...tests] = read('test/invariants.test.ts').split(/^describe\('Invariant /m);
  const tested = tests.map((text) => {
    const [, number, title = ''] = /^(\d+): (.+)', \(\) => \{$/m.exec(text) ?? [];
    return { number, title, text };
  });
  const written = section('Invariants')
    .split(/^(?=\d+\. )/m)
    .slice(1)
    .map((text) => {
      const [, number, title = ''] = /^(\d+)\. \*\*(.+?)\.\*\*/.exec(text) ?? [];
      return { number, title: title[0]?.toLowerCase() + title.slice(1), text };
    });

  test('are those of the tests, by number and title', () => {
    expect(written).toHaveLength(9);
    expect(written.map(({ number, title }) => `${number} ${title}`)).toEqual(
      tested.map(({ number, title }) => `${number} ${title}`),
    );
  });

  test.each(written)('$number is held by tests of that name', ({ number, text }) => {
    const links = [...text.replaceAll(/\s+/g, ' ').matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, name = '', target = ''] of links) {
      expect(join('docs', target)).toBe('test/invariants.test.ts');
      expect(tested.find((it) => it.number === number)?.text).toContain(name);
    }
  });
});

describe('The rooms', () => {
  const rooms = tableAfter('| room | what is in it | imports |').map(([room, , imports]) => ({
    room: named(room)[0] as string,
    imports: named(imports),
  }));
  const isIn = (file: string, room: string) => file === room || file.startsWith(`${room}/`);
  const roomOf = (file: string) => rooms.find(({ room }) => isIn(file, room))?.room ?? file;
  const sources = globSync('{functions,shared,portal,operator,local}/**/*.{ts,tsx}', { cwd: root });

  test('hold every source', () => {
    expect(sources.length).toBeGreaterThan(150);
    expect(sources.filter((file) => !rooms.some(({ room }) => isIn(file, room)))).toEqual([]);
  });

  test.each(rooms)('$room imports what is said of it', ({ room, imports }) => {
    const files = sources.filter((file) => isIn(file, room));
    const found = files.flatMap((file) =>
      [...read(file).matchAll(/\b(?:from |import |import\()'(\.[^']+)'/g)].map(([, target = '']) =>
        roomOf(join(dirname(file), target)),
      ),
    );
    expect([...new Set(found)].filter((it) => it !== room).sort()).toEqual([...imports].sort());
  });
});

describe('The tables', () => {
  const rows = tableAfter('| row | table | PartitionKey | RowKey | written by |').map(
    ([row = '', table, partitionKey, rowKey]) => ({
      row,
      table: named(table)[0],
      partitionKey: patternOf(partitionKey),
      rowKey: patternOf(rowKey),
    }),
  );
  const columns = tableAfter('| row | column | type | what it holds | missing |').flatMap(
    ([row = '', names, type]) => named(names).map((name) => `${row}: ${name} ${type}`),
  );

  /** A key as a pattern, of which each part in angle brackets is anything. */
  function patternOf(cell = ''): RegExp {
    const parts = (named(cell)[0] ?? '<the same>').split(/<[^>]+>/);
    return new RegExp(`^${parts.map((part) => part.replaceAll('.', '\\.')).join('.+')}$`);
  }

  /** Which row of the page a row of the store is: where several fit, the one that says most of the key. */
  function rowOf(table: TableClient, keys: string): string {
    const [partitionKey = '', rowKey = ''] = keys.split(' ');
    const fitting = rows.filter(
      (it) => it.table === table.tableName && it.partitionKey.test(partitionKey) && it.rowKey.test(rowKey),
    );
    fitting.sort((a, b) => b.rowKey.source.length - a.rowKey.source.length);
    return fitting[0]?.row ?? keys;
  }

  let store: Store;

  beforeAll(async () => {
    store = await startStore();
  });

  afterAll(() => store.close());

  type Change = Parameters<ReturnType<typeof passwordsIn>['commit']>[1];
  type Profile = Change['profile']['to'];
  type AppPassword = NonNullable<Change['create']>[number];
  type Activity = NonNullable<Change['activity']>;
  type Policy = Parameters<ReturnType<typeof policiesIn>['write']>[0];
  type Claim = Parameters<ReturnType<typeof usernamesIn>['write']>[0];
  type Progress = Parameters<ReturnType<typeof directoryStateIn>['save']>[0];

  const now = Date.parse('2026-11-24T09:30:00Z');
  const person = personKey('5e1f0a52-7c1d-4b0e-9d53-1f6f0c7a2b11', 'a11ce000-3d5b-4c6f-8f3e-6f2b1d9c0001');
  const alice = 'alice@example.com' as Claim['username'];
  const use: NonNullable<AppPassword['lastUsed']> = {
    at: now,
    protocol: 'imap',
    gateway: 'mail',
    clientAddress: '192.0.2.17',
  };
  const refusals: NonNullable<AppPassword['refusals']> = {
    count: 1,
    since: now,
    writtenAt: now,
    recent: [{ ...use, reason: 'expired' }],
  };
  const profile: Profile = {
    username: alice,
    usernameIssuedAt: now,
    usernameSource: 'token',
    formerUsername: 'al@example.com' as Claim['username'],
    mail: 'alice.a@example.com' as Claim['username'],
    registeredAt: now,
    count: 1,
    account: 'enabled',
    refusals: null,
  };
  const password: AppPassword = {
    key: `version.${'d'.repeat(43)}` as AppPassword['key'],
    id: 'b0b00000-3d5b-4c6f-8f3e-6f2b1d9c0002',
    name: 'Phone',
    createdAt: now,
    expiresAt: now,
    protocols: ['imap', 'smtp'],
    state: 'suspended',
    suspendedFor: ['account'],
    deletedAt: now,
    revivedAt: now,
    lastUsed: null,
    refusals: null,
    proof: { amr: ['pwd', 'mfa'], acrs: ['c1'], authenticatedAt: now },
    requestKey: 'r'.repeat(43),
  };
  const activity: Activity = {
    key: `${activityPrefix}001795512600000.${password.id}`,
    at: now,
    kind: 'created',
    by: 'person',
    appPassword: { id: password.id, name: password.name },
    count: 1,
  };
  const policy: Policy = {
    creation: 'everybody',
    verification: 'allowed',
    maximumLifetimeDays: 365,
    idleDays: 90,
    protocols: ['imap'],
    limit: 40,
  };
  const claim: Claim = {
    person,
    username: alice,
    issuedAt: now,
    source: 'token',
    aliasOf: alice,
    former: { person, since: now },
  };
  const progress: Progress = { link: 'https://graph.example', check: null, lastSuccessAt: now };

  /** Writes a row of each kind with every column that it can have. */
  async function writeAll({ passwords: table, usernames }: Store['tables']) {
    const signal = AbortSignal.timeout(30_000);
    const clock = systemClock;
    const change = { profile: { from: undefined, to: profile }, create: [password], activity };
    expect(await passwordsIn(table).commit(person, change, signal)).toBe(true);
    const add = (rowKey: string, columns: object) =>
      table.updateEntity({ partitionKey: person, rowKey, ...columns }, 'Merge');
    await add(password.key, { ...writeLastUsed(use), ...writeRefusals(refusals) });
    await add(profileKey, { ...writeErased(now), ...writeRefusals(refusals) });
    expect(await usernamesIn(usernames, clock).write(claim, undefined, signal)).toBe(true);
    expect(await policiesIn(table, clock, () => {}).write(policy, 'default', signal)).toBeDefined();
    const directory = directoryStateIn(table, clock);
    expect(await directory.save(progress, undefined, signal)).toBeDefined();
    await directory.seen(person, signal);
    let noted = Promise.resolve();
    const later = (task: (signal: AbortSignal) => Promise<void>) => {
      noted = task(signal);
    };
    const gateway = { name: 'mail', protocols: [], goesOnWith: 'typed' } as const;
    gatewayNetworksIn(table, { ...quietPorts(), later, clock })(gateway, '192.0.2.17');
    await noted;
    await leaveMark(table, { sha256: 'file', decision: 'suspend' });
  }

  test('have the rows and columns that the program writes, and no others', async () => {
    await writeAll(store.tables);
    const { passwords, usernames } = store.tables;
    const written = new Set<string>();
    const kinds = new Set<string>();
    const note = (row: string, columns: Readonly<Record<string, unknown>>) => {
      kinds.add(row);
      for (const [name, column] of Object.entries(columns))
        if (!name.startsWith('odata.')) written.add(`${row}: ${name} ${(column as { type: string }).type}`);
    };
    for (const table of [passwords, usernames])
      for (const [keys, row] of await rowsIn(table)) note(rowOf(table, keys), row);

    // What an import adds to the profile.
    const stored = (await rowsOf(passwords, person)).map(bare);
    const terms = { accept: true, peppers: new Set<string>(), file: 'file', now };
    note('profile', planPerson(stored, [], terms).restoration?.profile.columns ?? {});

    expect([...kinds].sort()).toEqual(rows.map(({ row }) => row).sort());
    expect([...written].sort()).toEqual([...columns].sort());
  });

  test('are written by the files that are named, and never by an upsert', () => {
    const sources = globSync('{functions,shared,operator}/**/*.ts', { cwd: root });
    const writes = /\.(createEntity|updateEntity|deleteEntity|submitTransaction)\(/;
    const [, list = ''] = /These files write to the tables, and no others: (.+?)\.\n/s.exec(page) ?? [];
    expect(sources.filter((file) => writes.test(read(file))).sort()).toEqual(named(list).sort());
    expect(sources.filter((file) => /upsertEntity/.test(read(file)))).toEqual([]);
  });
});

describe('The decisions', () => {
  const listed = [...section('Decisions').matchAll(/^(\d+)\. \[(.+)\]\((.+)\)$/gm)].map(
    ([, number, title, target = '']) => ({ number, title, file: join('docs', target) }),
  );

  test('are listed in their order, each one', () => {
    expect(listed.length).toBeGreaterThan(20);
    expect(listed.map(({ file }) => file)).toEqual(records);
    expect(listed.map(({ number }) => Number(number))).toEqual(listed.map((_, index) => index + 1));
  });

  test.each(listed)(
    '$number has its title, its three parts, and at most 25 lines',
    ({ number, title, file }) => {
      const text = read(file);
      expect(basename(file)).toMatch(new RegExp(`^${String(number).padStart(4, '0')}-[a-z\\d-]+\\.md$`));
      expect(text.split('\n')[0]).toBe(`# ${number}. ${title}`);
      const parts = [...text.matchAll(/^\*\*(.+?)\.\*\* \S/gm)].map(([, part]) => part);
      expect(parts).toEqual(['Decision', 'Because', 'What follows']);
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
    },
  );
});

describe('The glossary', () => {
  test('has each word once', () => {
    const words = [...read('docs/glossary.md').matchAll(/^\| (?!word|---)([^|]+) \|/gm)].map(
      ([, word]) => word,
    );
    expect(words.length).toBeGreaterThan(70);
    expect(words).toEqual([...new Set(words)]);
  });
});

describe.each(documents)('%s', (file) => {
  const text = read(file);

  test('begins each picture with a kind that Mermaid knows', () => {
    const pictures = [...text.matchAll(/^```mermaid\n(.*?)^```$/gms)].map(([, picture = '']) => picture);
    expect(text.split('```mermaid').length - 1).toBe(pictures.length);
    expect(pictures.length).toBe(file === 'docs/architecture.md' ? 5 : 0);
    for (const picture of pictures) expect(picture).toMatch(/^(flowchart (LR|TD)|sequenceDiagram)\n/);
  });

  test('names files and folders that exist', () => {
    const ours = /^(functions|shared|portal|operator|local|test|bench|infra|gateways|docs)\/[\w./-]*$/;
    const paths = named(text.replace(/^```.*?^```$/gms, '')).filter((name) => ours.test(name));
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test('links to what is there', () => {
    const prose = text.replace(/^```.*?^```$/gms, '');
    for (const [, target = ''] of prose.matchAll(/\]\(([^)]+)\)/g)) {
      if (/^https:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const linked = path === '' ? file : join(dirname(file), path);
      expect(existsSync(join(root, linked)), target).toBe(true);
      if (anchor === undefined) continue;
      const anchors = [...read(linked).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
      expect(anchors, target).toContain(anchor);
    }
  });
});
