import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { root } from '../local/stack-file.ts';
import { readMark } from '../operator/backup/mark.ts';
import { gateway, persist } from '../testing/api.ts';
import { comeAndGo, type Doings } from '../testing/come-and-go.ts';
import { type Exported, exportedIn, liveAfter, wrongAtMoment } from '../testing/moments.ts';
import { startOperator } from '../testing/operator.ts';
import { type Seeded, type SeededPerson, seed } from '../testing/seed.ts';
import { type Service, startService } from '../testing/service.ts';
import { liveIn, type Rows, rowsIn, type Store, startStore } from '../testing/store.ts';
import { machine } from './machine.ts';
import { Table } from './table.ts';

/** 100,000 rows: each person is a profile, 30 app passwords and 9 deleted ones. */
const persons = 2_500;
const each = { live: 30, deleted: 9 };
/** How many of the people make and delete app passwords, and how many of them at the same time. */
const active = 80;
const atOnce = 4;
/** How many live ones, and as many deleted ones, are verified; all are compared by their rows. */
const sampled = 300;

type Everybody = Awaited<ReturnType<typeof exportedIn>>;

interface Measured {
  readonly seconds: number;
  /** The most memory that the process had, in MiB. */
  readonly mebibytes: number;
}

/** Runs the command, and looks at its memory as Linux keeps it (proc(5), VmHWM of status). */
async function measured(settings: Readonly<Record<string, string>>, ...args: string[]): Promise<Measured> {
  const since = performance.now();
  const { pid, ended } = startOperator('backup', settings, ...args);
  let mebibytes = 0;
  const look = setInterval(() => {
    try {
      const kibibytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      mebibytes = Math.max(mebibytes, Number(kibibytes ?? 0) / 1024);
    } catch {
      // It has just ended.
    }
  }, 20);
  const { code, stderr } = await ended;
  clearInterval(look);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${stderr}`);
  return { mebibytes, seconds: (performance.now() - since) / 1_000 };
}

const seconds = (it: Measured) => `${Math.round(it.seconds)} s`;

/** Does the work and, once it has begun, has some people make and delete app passwords. @returns what both came to */
async function meanwhile<T>(
  service: Service,
  origin: string,
  people: readonly SeededPerson[],
  work: () => Promise<T>,
  begun: () => Promise<unknown> = async () => {},
): Promise<[T, Doings]> {
  const doings: Doings = { created: [], deleted: [] };
  const tokens = await Promise.all(people.map(({ username }) => service.token(username)));
  let isOver = false;
  const working = work();
  await begun();
  const waiting = people.entries();
  const worker = async () => {
    for (const [i, { oid }] of waiting) {
      const owner = { oid, token: tokens[i] as string };
      await comeAndGo(origin, owner, { doings, below: (limit) => randomInt(limit), isOver: () => isOver });
    }
  };
  const coming = Array.from({ length: atOnce }, worker);
  const done = await working;
  isOver = true;
  await Promise.all(coming);
  return [done, doings];
}

/** Waits until the import has found the store empty. */
async function isMarked({ tables }: Store): Promise<void> {
  while ((await readMark(tables.passwords)) === undefined) await setTimeout(20);
}

async function main(): Promise<void> {
  const table = new Table();
  const folder = mkdtempSync(join(tmpdir(), 'backup-'));
  const users = Array.from({ length: active }, (_, i) => ({
    username: `storm${i}@example.com`,
    oid: `storm-${i}`,
  }));
  const service = await startService({ users });
  const [small, target] = [await startStore(), await startStore()];
  const over = ({ connectionString }: Store) => ({
    ...service.stack.settings,
    TABLES_CONNECTION_STRING: connectionString,
  });
  const host = await service.anotherHost(over(target));
  const everybody = await seed(service.tables, service.stack.vault, persons, each);
  const coming = everybody.slice(0, active);
  const [file, tiny] = [join(folder, 'everybody'), join(folder, 'somebody')];

  await seed(small.tables, service.stack.vault, 1, each);
  await measured(over(small), 'export', tiny);
  const idle = await measured({}, 'verify', tiny);
  const [exporting, before] = await meanwhile(service, service.origin, coming, () =>
    measured(service.stack.settings, 'export', file),
  );
  const [importing, after] = await meanwhile(
    service,
    host.origin,
    coming,
    () => measured(over(target), 'import', file, '--deleted-since-export=accept'),
    () => isMarked(target),
  );
  const verifying = await measured({}, 'verify', file);

  const exported = await exportedIn(file);
  const rows = await rowsIn(target.tables.passwords);
  const others = everybody.slice(active);
  const moments = everybody.map((who) => wrongAtMoment(who, exported.get(who.person) as Exported, before));
  table.atMost(
    'live at their person’s moment, and not in the file',
    sum(moments, (it) => it.missing.length),
    0,
  );
  table.atMost(
    'deleted before their person’s moment, and live in the file',
    sum(moments, (it) => it.undead.length),
    0,
  );
  table.atMost('rows that did not come back as they were', different(rows, others, exported), 0);
  table.atMost(
    'live after the import and not to be, or the other way',
    misplaced(rows, everybody, exported, after),
    0,
  );
  table.atMost(`wrong answers to ${2 * sampled} verifies`, await misjudged(service, host.origin, others), 0);
  for (const [what, { mebibytes }] of Object.entries({ exporting, importing, verifying }))
    table.atMost(
      `memory when ${what}, above that of a command with nothing to do`,
      mebibytes - idle.mebibytes,
      150,
      ' MiB',
    );

  const times = `Exporting took ${seconds(exporting)}, importing ${seconds(importing)}, and verifying the file of ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB ${seconds(verifying)}.`;
  const doings = `${before.created.length + after.created.length} made, ${before.deleted.length + after.deleted.length} deleted`;
  writeFileSync(join(root, 'docs/figures-backup.md'), page(table, times, doings, idle));
  rmSync(folder, { recursive: true });
  await service.close();
  await Promise.all([small.close(), target.close()]);
  console.log(`${table}`);
  process.exit(table.isMet ? 0 : 1);
}

/** Rows of people who did nothing that are not in the store as they are in the file. */
function different(rows: Rows, people: readonly SeededPerson[], exported: Everybody): number {
  return sum(people, ({ person }) => {
    const inFile = exported.get(person)?.rows ?? [];
    return inFile.filter(({ rowKey, columns }) => {
      const { restoredFrom: _, ...row } = rows.get(`${person} ${rowKey}`) ?? {};
      return !isDeepStrictEqual(row, columns);
    }).length;
  });
}

/** App passwords that work in the store and should not, or the other way round. */
function misplaced(rows: Rows, people: readonly SeededPerson[], exported: Everybody, after: Doings): number {
  const live = liveIn(rows);
  return sum(people, (who) => {
    const expected = liveAfter(exported.get(who.person) as Exported, who, after);
    return expected.symmetricDifference(live.get(who.person) ?? new Set()).size;
  });
}

/** Wrong answers to verifies of some app passwords of people who did nothing. */
async function misjudged(
  { gatewayKey }: Service,
  origin: string,
  people: readonly SeededPerson[],
): Promise<number> {
  const { verify } = gateway(origin, gatewayKey);
  const ask = async (status: number, { username }: SeededPerson, made: Seeded | undefined) =>
    (await persist(() => verify(username, made?.secret ?? ''))).status === status ? 0 : 1;
  let wrong = 0;
  for (let i = 0; i < sampled; i++) {
    const who = people[randomInt(people.length)] as SeededPerson;
    wrong += await ask(200, who, who.live[randomInt(who.live.length)]);
    wrong += await ask(401, who, who.deleted[randomInt(who.deleted.length)]);
  }
  return wrong;
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

/** The page of the documentation that shows the figures. */
function page(table: Table, times: string, doings: string, idle: Measured): string {
  return `# Figures of the backup

Written by \`npm run bench:backup\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}, with Azurite in memory on
the same machine. ${persons.toLocaleString('en')} people with ${(persons * (1 + each.live + each.deleted)).toLocaleString('en')} rows were exported, and imported into an empty store, while ${active} of them,
${atOnce} at a time, made and deleted app passwords without a pause: ${doings}.

${table}

Memory is the most that the process had (VmHWM); a command with nothing to do has ${Math.round(idle.mebibytes)} MiB. ${times} Azurite sets the pace.
`;
}

await main();
