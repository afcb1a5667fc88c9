import { followRemoval, followUser } from './account.ts';
import type { Directory, DirectoryProgress, DirectoryState, DirectoryUser, Newcomer } from './directory.ts';
import { type PersonKey, personKey, type Versioned } from './person.ts';
import type { Ports } from './ports.ts';

/** What it takes to follow the directory. */
export interface DirectoryPorts extends Ports {
  readonly directory: Directory;
  readonly directoryState: DirectoryState;
  /** The tenant whose directory it is, as in the tid claim. */
  readonly tenantId: string;
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
export async function followDirectory(ports: DirectoryPorts, signal: AbortSignal): Promise<void> {
  const until = ports.clock.now() + beginsFor;
  const isTimeLeft = () => ports.clock.now() < until;
  const progress = await followChanges(ports, isTimeLeft, signal);
  if (progress === undefined) return;
  await lookUpNewcomers(ports, isTimeLeft, signal);
  await checkEverybody(ports, progress, isTimeLeft, signal);
}

type IsTimeLeft = () => boolean;

/** Reads all changes, as time is left; undefined where another run came first. */
async function followChanges(ports: DirectoryPorts, isTimeLeft: IsTimeLeft, signal: AbortSignal) {
  const { directory, directoryState, clock } = ports;
  let progress = (await directoryState.read(signal)) ?? (await beginAgain(ports, undefined, signal));
  while (progress !== undefined && isTimeLeft()) {
    const page = await directory.changes(progress.link, signal);
    if (page === undefined) return beginAgain(ports, progress, signal);
    await follow(ports, page.users, page.removed, signal);
    const lastSuccessAt = page.isLast ? clock.now() : progress.lastSuccessAt;
    const to = { ...progress, link: page.next, lastSuccessAt };
    const oids = [...page.users.map(({ oid }) => oid), ...page.removed];
    progress = await save(ports, to, progress, oids, signal);
    if (page.isLast) break;
  }
  return progress;
}

/** Reads changes from now on, and has everybody checked, as it is not known what has changed before. */
async function beginAgain(
  { directory, directoryState }: DirectoryPorts,
  from: Versioned<DirectoryProgress> | undefined,
  signal: AbortSignal,
) {
  const link = await directory.begin(signal);
  return directoryState.save({ link, check: null, lastSuccessAt: from?.lastSuccessAt ?? null }, from, signal);
}

async function lookUpNewcomers(ports: DirectoryPorts, isTimeLeft: IsTimeLeft, signal: AbortSignal) {
  const { directoryState, passwords, clock } = ports;
  for (const some of inPieces(await directoryState.newcomers(signal), lookUpAtOnce)) {
    if (!isTimeLeft()) return;
    const ready: Versioned<Newcomer>[] = [];
    await each(some, async (newcomer) => {
      // The profile comes after the note, so without one there is nothing yet that a disabled account could use.
      if (await passwords.profile(newcomer.person, signal)) ready.push(newcomer);
      else if (clock.now() - newcomer.seenAt > newcomerPatience)
        await directoryState.forget(newcomer, signal);
    });
    await check(
      ports,
      ready.map(({ person }) => person),
      signal,
    );
    await each(ready, (newcomer) => directoryState.forget(newcomer, signal));
  }
}

async function checkEverybody(
  ports: DirectoryPorts,
  from: Versioned<DirectoryProgress>,
  isTimeLeft: IsTimeLeft,
  signal: AbortSignal,
) {
  let progress: Versioned<DirectoryProgress> | undefined = from;
  while (progress !== undefined && progress.check !== 'done' && isTimeLeft()) {
    const { people, continuation } = await ports.directoryState.people(progress.check, signal);
    const oids = await check(ports, people, signal);
    progress = await save(ports, { ...progress, check: continuation ?? 'done' }, progress, oids, signal);
  }
}

/** Looks people up and follows what is said of them; returns their ids. */
async function check(ports: DirectoryPorts, people: readonly PersonKey[], signal: AbortSignal) {
  const prefix = personKey(ports.tenantId, '');
  const oids = people
    .filter((person) => person.startsWith(prefix))
    .map((person) => person.slice(prefix.length));
  const users = await ports.directory.lookUp(oids, signal);
  const found = new Set(users.map(({ oid }) => oid));
  await follow(
    ports,
    users,
    oids.filter((oid) => !found.has(oid)),
    signal,
  );
  return oids;
}

async function follow(
  ports: DirectoryPorts,
  users: readonly DirectoryUser[],
  removed: readonly string[],
  signal: AbortSignal,
) {
  await each(users, (user) => followUser(ports, user, signal));
  await each(removed, (oid) => followRemoval(ports, oid, signal));
}

/**
 * Saves the progress, unless another run came first. What this run followed last may then be older than what that one
 * did, so these people are looked up anew.
 */
async function save(
  { directoryState, tenantId }: DirectoryPorts,
  to: DirectoryProgress,
  from: Versioned<DirectoryProgress>,
  followed: readonly string[],
  signal: AbortSignal,
) {
  const saved = await directoryState.save(to, from, signal);
  if (saved === undefined)
    await each(followed, (oid) => directoryState.seen(personKey(tenantId, oid), signal));
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
