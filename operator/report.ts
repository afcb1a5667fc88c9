import { open } from 'node:fs/promises';
import type { TableClient } from '@azure/data-tables';
import { oidOf, type PersonKey } from '../shared/domain/person/person.ts';
import { type CountedPassword, type Counts, Tally } from '../shared/domain/report/counts.ts';
import type { Kept } from '../shared/domain/report/report.ts';
import { Unavailable } from '../shared/domain/unavailable.ts';
import { logFault } from '../shared/runtime/system.ts';
import { pagesOf } from '../shared/tables/all-people.ts';
import { policiesIn } from '../shared/tables/policy.ts';
import { type Declare, fileName, type Invocation } from './command.ts';
import { byteOrderMark, csvLine } from './csv.ts';
import { openStores } from './stores.ts';

/** How long, in milliseconds, one page of the table may take. */
const patience = 30_000;

/** How many more people are worth a line on the standard error. */
const stride = 1_000;

const columns = [
  ...['person', 'username', 'name', 'created', 'expires', 'protocols', 'state', 'suspended for'],
  ...['last used', 'last protocol', 'last gateway', 'last client address', 'refusals'],
];

export const report: Declare = (command, invocation) => {
  command
    .description('Counts the app passwords of everybody by how they stand.')
    .option('--csv <FILE>', 'also writes a line for each app password that is not deleted', fileName)
    .action(({ csv }: { csv?: string }) => countAll(invocation, csv));
};

async function countAll({ env, clock, print, note }: Invocation, csv: string | undefined): Promise<void> {
  const table = openStores(env).tables.passwords;
  const policy = await policiesIn(table, clock, logFault).stored(AbortSignal.timeout(patience));
  const pages = everybody(table, note);
  const tally = new Tally(policy, clock.now());
  if (csv === undefined) {
    for await (const page of pages) for (const kept of page) count(kept, tally);
  } else {
    await writeList(csv, pages, tally);
  }
  print(toTable(tally.counts));
}

/** Everything that the table keeps, a page at a time; tells how far it is. */
async function* everybody(table: TableClient, note: Invocation['note']): AsyncGenerator<readonly Kept[]> {
  let continuation: string | undefined;
  let [people, told] = [0, 0];
  do {
    const page = await pagesOf(table)(continuation, AbortSignal.timeout(patience));
    if (page === undefined) throw new Unavailable('table storage refused its own continuation');
    yield page.kept;
    continuation = page.continuation;
    people += page.kept.filter(({ kind }) => kind === 'profile').length;
    if (people - told >= stride) {
      note(`${people} people so far`);
      told = people;
    }
  } while (continuation !== undefined);
}

/** Counts it. @returns an app password as it stands, unless it is deleted */
function count(kept: Kept, tally: Tally): CountedPassword | undefined {
  if (kept.kind === 'profile') {
    tally.addProfile(kept.profile);
    return undefined;
  }
  const stood = tally.createPassword(kept.password);
  return stood.state === 'deleted' ? undefined : stood;
}

/** Counts everything, and writes the list beside it; in memory is one page, and one person. */
async function writeList(path: string, pages: AsyncIterable<readonly Kept[]>, tally: Tally): Promise<void> {
  // It says who has which devices: for whoever asked, and nobody else.
  await using file = await open(path, 'w', 0o600);
  let current: Owner | undefined;
  await file.appendFile(byteOrderMark + csvLine(columns));
  for await (const page of pages) {
    let text = '';
    for (const kept of page) {
      if (kept.person !== current?.person) {
        text += linesOf(current);
        current = { person: kept.person, username: '', passwords: [] };
      }
      if (kept.kind === 'profile') current.username = kept.profile.username;
      const password = count(kept, tally);
      if (password !== undefined) current.passwords.push(password);
    }
    await file.appendFile(text);
  }
  await file.appendFile(linesOf(current));
}

/** Whose rows are being read; the profile comes after some of the app passwords. */
interface Owner {
  readonly person: PersonKey;
  username: string;
  readonly passwords: CountedPassword[];
}

function linesOf(owner: Owner | undefined): string {
  return owner?.passwords.map((password) => csvLine(cellsOf(owner, password))).join('') ?? '';
}

function cellsOf({ person, username }: Owner, password: CountedPassword): string[] {
  const { name, createdAt, expiresAt, protocols, state, suspendedFor, lastUsed, refusals } = password;
  return [
    oidOf(person),
    username,
    name,
    toTime(createdAt),
    toTime(expiresAt),
    // Allowed for none is not the same as for all.
    protocols === null ? 'all' : protocols.join(' '),
    state,
    state === 'suspended' ? suspendedFor.join(' ') : '',
    toTime(lastUsed?.at ?? null),
    lastUsed?.protocol ?? '',
    lastUsed?.gateway ?? '',
    lastUsed?.clientAddress ?? '',
    `${refusals?.count ?? 0}`,
  ];
}

function toTime(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}

function toTable({ lastProtocols, ...counts }: Counts): string {
  const rows = [
    ...Object.entries(counts),
    ...Object.entries(lastProtocols).map(([name, value]) => [`lastProtocols.${name}`, value] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const digits = Math.max(...rows.map(([, value]) => `${value}`.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${`${value}`.padStart(digits)}`).join('\n');
}
