import type { AccountPorts } from '../person/account.ts';
import { oidOf, type PersonKey, personKey } from '../person/person.ts';
import { isErased } from '../person/profile.ts';
import type { Versioned } from '../versioned.ts';
import type { Directory, DirectoryProgress, DirectoryState, Newcomer } from './directory.ts';
import { type DirectoryRules, type DirectoryUser, followRemoval, followUser } from './follow-user.ts';

/** What it takes to follow the directory. */
export interface Following {
  readonly ports: AccountPorts;
  readonly directory: Directory;
  readonly state: DirectoryState;
  readonly rules: DirectoryRules;
}

/** How long, in milliseconds, a run begins new pages; what it has begun may take until its signal. */
const beginsFor = 35_000;
/** How long, in milliseconds, a profile may take from when its person was first seen. */
const newcomerPatience = 3_600_000;
const lookUpAtOnce = 60;
const followAtOnce = 8;

/**
 * One run that follows the directory: first the changes since the last run, then whoever was first seen since, then a
 * part of the check of everybody, until that is done once. What is done is saved page by page, so that whatever ends
 * a run, the next one goes on, and repeats at most one page. Of two runs at once, the later to save stops.
 *
 * @throws Unavailable when the directory or storage is away, or the signal is aborted.
 */
export async function followDirectory(following: Following, signal: AbortSignal): Promise<void> {
  const { clock } = following.ports;
  const until = clock.now() + beginsFor;
  const run = { ...following, isTimeLeft: () => clock.now() < until, signal };
  const progress = await followChanges(run);
  if (progress === undefined) return;
  await lookUpNewcomers(run);
  await checkEverybody(run, progress);
}

interface Run extends Following {
  readonly isTimeLeft: () => boolean;
  readonly signal: AbortSignal;
}

/** Reads all changes, as time is left; undefined where another run came first. */
async function followChanges(run: Run) {
  const { directory, state, ports, isTimeLeft, signal } = run;
  let progress = (await state.read(signal)) ?? (await beginAgain(run, undefined));
  let people = 0;
  while (progress !== undefined && isTimeLeft()) {
    const page = await directory.changes(progress.link, signal);
    if (page === undefined) return beginAgain(run, progress);
    await follow(run, page.users, page.removed);
    const lastSuccessAt = page.isLast ? ports.clock.now() : progress.lastSuccessAt;
    const to = { ...progress, link: page.next, lastSuccessAt };
    const oids = [...page.users.map(({ oid }) => oid), ...page.removed];
    progress = await save(run, { to, from: progress, followed: oids });
    people += oids.length;
    if (!page.isLast) continue;
    if (progress !== undefined) ports.audit.record({ event: 'directory.followed', people });
    break;
  }
  return progress;
}

/** Reads changes from now on, and has everybody checked, as it is not known what has changed before. */
async function beginAgain({ directory, state, signal }: Run, from: Versioned<DirectoryProgress> | undefined) {
  const link = await directory.begin(signal);
  return state.save({ link, check: null, lastSuccessAt: from?.lastSuccessAt ?? null }, from, signal);
}

async function lookUpNewcomers(run: Run) {
  const { state, ports, isTimeLeft, signal } = run;
  for (const some of inPieces(await state.newcomers(signal), lookUpAtOnce)) {
    if (!isTimeLeft()) return;
    const ready: Versioned<Newcomer>[] = [];
    await each(some, async (newcomer) => {
      // The profile comes after the note, so without one there is nothing yet that a disabled account could use.
      const profile = await ports.passwords.profile(newcomer.person, signal);
      if (profile !== undefined && !isErased(profile)) ready.push(newcomer);
      else if (ports.clock.now() - newcomer.seenAt > newcomerPatience) await state.forget(newcomer, signal);
    });
    const people = ready.map(({ person }) => person);
    await check(run, people);
    await each(ready, (newcomer) => state.forget(newcomer, signal));
  }
}

async function checkEverybody(run: Run, from: Versioned<DirectoryProgress>) {
  const { state, isTimeLeft, signal } = run;
  let progress: Versioned<DirectoryProgress> | undefined = from;
  while (progress !== undefined && progress.check !== 'done' && isTimeLeft()) {
    const { people, continuation } = await state.people(progress.check, signal);
    const oids = await check(run, people);
    progress = await save(run, {
      to: { ...progress, check: continuation ?? 'done' },
      from: progress,
      followed: oids,
    });
  }
}

/** Looks people of the tenant up and follows what is said of them; returns their ids. */
async function check(run: Run, people: readonly PersonKey[]) {
  const { directory, rules, signal } = run;
  const oids = people.map(oidOf).filter((oid, index) => personKey(rules.tenantId, oid) === people[index]);
  const users = await directory.lookUp(oids, signal);
  const found = new Set(users.map(({ oid }) => oid));
  const removed = oids.filter((oid) => !found.has(oid));
  await follow(run, users, removed);
  return oids;
}

async function follow(
  { ports, rules, signal }: Run,
  users: readonly DirectoryUser[],
  removed: readonly string[],
) {
  await each(users, (user) => followUser(ports, { rules, user }, signal));
  await each(removed, (oid) => followRemoval(ports, { tenantId: rules.tenantId, oid }, signal));
}

/**
 * Saves the progress, unless another run came first. What this run followed last may then be older than what that one
 * did, so these people are looked up anew.
 */
async function save(
  { state, rules, signal }: Run,
  {
    to,
    from,
    followed,
  }: {
    readonly to: DirectoryProgress;
    readonly from: Versioned<DirectoryProgress>;
    readonly followed: readonly string[];
  },
) {
  const saved = await state.save(to, from, signal);
  if (saved === undefined) await each(followed, (oid) => state.seen(personKey(rules.tenantId, oid), signal));
  return saved;
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  for (const some of inPieces(items, followAtOnce)) await Promise.all(some.map(work));
}

function inPieces<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
