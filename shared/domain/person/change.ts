import type { AppPassword } from '../app-password/app-password.ts';
import { day } from '../app-password/effective-state.ts';
import type { Change, Ports } from '../ports.ts';
import { Unavailable } from '../unavailable.ts';
import type { Versioned } from '../versioned.ts';
import type { Activity } from './activity.ts';
import type { PersonKey } from './person.ts';
import type { Person, Profile } from './profile.ts';

/** To read the person again, after a change on the way to the result where there is one. */
export type Step = 'again' | { readonly again: Change };

/** What a use case makes of a person as just read: a result, and the change that it takes; or a step before that. */
export type Decision<R> = { readonly result: R; readonly change?: Change } | Step;

/** What it takes to change a person. */
export type ChangePorts = Pick<Ports, 'passwords' | 'clock' | 'random' | 'queue' | 'audit'>;

/** How many steps, as those of a rename, follow each other without a pause. */
const stepsAtOnce = 5;

/** How many deleted passwords of a person are remembered, and for how long, in milliseconds. */
export const tombstonesAtMost = 100;
export const tombstoneAge = 90 * day;
/** How many changes of a person are kept. */
export const entriesAtMost = 100;

/** How long, in milliseconds, it is looked for what a request that failed has done all the same. */
const settlePatience = 10_000;

/**
 * Changes a person: reads, decides, and commits under the version that was read, until it succeeds or the time is
 * up. What was done is recorded, once. A conflict may be the answer to our own committed change, as the client library
 * repeats lost requests by itself: the next look at the person tells by the activity of that change.
 *
 * @throws Unavailable when storage fails or the signal is aborted; the change is then done or not, never in half.
 */
export async function changePerson<R>(
  ports: ChangePorts,
  { person: key, signal }: { readonly person: PersonKey; readonly signal: AbortSignal },
  decide: (person: Person) => Promise<Decision<R>> | Decision<R>,
): Promise<R> {
  /** What was tried, and may have been done. */
  const unsure: Exclude<Decision<R>, 'again'>[] = [];
  const record = (decision: Exclude<Decision<R>, 'again'>) => {
    for (const it of changeOf(decision)?.records ?? []) ports.audit.record(it);
    unsure.length = 0;
    return decision;
  };
  const recordDone = (person: Person) => {
    const done = unsure.find((decision) => holds(person, changeOf(decision)));
    return done && record(done);
  };
  const carryOut = async (decision: Exclude<Decision<R>, 'again'>, person: Person) => {
    const change = changeOf(decision);
    if (change === undefined) return true;
    unsure.push(decision);
    const outdated = outdatedIn(person, ports);
    // Each row once: a transaction with one row twice is refused.
    const remove = [...new Set([...(change.remove ?? []), ...outdated])];
    const written = ports.passwords.commit(key, { ...change, remove }, signal);
    // A lost answer counts as a conflict: the next look at the person tells which of both it was.
    const isDone = (await unlessLost(written, signal)) ?? false;
    if (isDone) record(decision);
    return isDone;
  };
  try {
    return await ports.queue(key, async () => {
      for (let attempt = 0; ; attempt++) {
        const person = await ports.passwords.person(key, signal);
        const earlier = recordDone(person);
        const decision = earlier ?? (await decide(person));
        const isDone = decision === 'again' || earlier !== undefined || (await carryOut(decision, person));
        if (isDone && decision !== 'again' && 'result' in decision) return decision.result;
        if (isDone && attempt < stepsAtOnce) continue;
        await ports.clock.wait(ports.random.below(20 * 2 ** Math.min(attempt, 5)), signal);
      }
    });
  } catch (error) {
    if (unsure.length > 0) recordDone(await personLater(ports, key));
    throw error;
  }
}

/** Whether what a decision is made from asks to read the person again first. */
export function isStep(it: string | object): it is Step {
  return it === 'again' || (typeof it === 'object' && 'again' in it);
}

function changeOf<R>(decision: Exclude<Decision<R>, 'again'>): Change | undefined {
  return 'again' in decision ? decision.again : decision.change;
}

/** Whether a change was done: each one that is recorded has an activity of its own. */
function holds({ activity }: Person, change: Change | undefined): boolean {
  return change?.activity !== undefined && activity.some(({ key }) => key === change.activity?.key);
}

/** Nobody where storage is still away: the activity is then the only trace. */
async function personLater({ passwords, clock }: ChangePorts, key: PersonKey): Promise<Person> {
  try {
    return await passwords.person(key, clock.timeout(settlePatience));
  } catch {
    return { profile: undefined, passwords: [], activity: [] };
  }
}

/**
 * The answer to a write, or undefined where it got lost and there is time left to look what became of it.
 *
 * @throws Unavailable where there is none.
 */
export async function unlessLost<T>(write: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Unavailable && !signal.aborted) return undefined;
    throw error;
  }
}

/** What is not kept any more of a person. */
function outdatedIn(person: Person, { passwords, clock }: ChangePorts): readonly (AppPassword | Activity)[] {
  const last = -passwords.trimmedAtOnce;
  return [...expiredTombstones(person, clock.now()).slice(last), ...oldEntries(person).slice(last)];
}

/** Deleted passwords are remembered for 90 days, the newest 100. */
function expiredTombstones(person: Person, now: number): AppPassword[] {
  return person.passwords
    .filter((password) => password.state === 'deleted')
    .sort((a, b) => (b.deletedAt ?? 0) - (a.deletedAt ?? 0))
    .filter((password, index) => index >= tombstonesAtMost || now - (password.deletedAt ?? 0) > tombstoneAge);
}

/** The newest 100 entries are kept, counting the one that this change may write. */
function oldEntries({ activity }: Person): readonly Activity[] {
  return activity.slice(entriesAtMost - 1);
}

/** The change of a profile that exists, with nothing else changed in it than what is given. */
export function touch(profile: Versioned<Profile>, set: Partial<Profile> = {}): Change['profile'] {
  const { version: _, ...same } = profile;
  return { from: profile, to: { ...same, ...set } };
}
