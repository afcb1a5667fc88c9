import type { Activity, AppPassword, Person, PersonKey, Profile, Versioned } from './person.ts';
import { type Change, type Ports, Unavailable } from './ports.ts';
import { day } from './standing.ts';

/** What a use case makes of a person as just read: a result, and the change that it takes; or to read again. */
export type Decision<R> = { readonly result: R; readonly change?: Change } | 'again';

/** What it takes to change a person. */
export type ChangePorts = Pick<Ports, 'passwords' | 'clock' | 'random' | 'queue'>;

/** How many steps, as those of a rename, follow each other without a pause. */
const stepsAtOnce = 5;

/** How many deleted passwords of a person are remembered, and for how long, in milliseconds. */
export const tombstonesAtMost = 100;
export const tombstoneAge = 90 * day;
/** How many changes of a person are kept. */
export const entriesAtMost = 100;
const trimAtOnce = 20;

/**
 * Changes a person: reads, decides, and commits under the version that was read, until it succeeds or the time is
 * up. A conflict may be the answer to our own committed change, as the client library repeats lost requests by
 * itself; so `decide` is called again after each one, and must first recognize what it did before.
 *
 * @throws Unavailable when storage fails or the signal is aborted; the change is then done or not, never in half.
 */
export function changePerson<R>(
  ports: ChangePorts,
  key: PersonKey,
  signal: AbortSignal,
  decide: (person: Person) => Promise<Decision<R>> | Decision<R>,
): Promise<R> {
  return ports.queue(key, async () => {
    for (let attempt = 0; ; attempt++) {
      const person = await ports.passwords.person(key, signal);
      const decision = await decide(person);
      if (decision !== 'again') {
        if (decision.change === undefined) return decision.result;
        if (await committed(ports, key, decision.change, person, signal)) return decision.result;
      } else if (attempt < stepsAtOnce) continue;
      await ports.clock.wait(ports.random.below(20 * 2 ** Math.min(attempt, 5)), signal);
    }
  });
}

/** A lost answer counts as a conflict: the next look at the person tells which of both it was. */
async function committed(
  ports: ChangePorts,
  key: PersonKey,
  change: Change,
  person: Person,
  signal: AbortSignal,
) {
  const remove = [
    ...(change.remove ?? []),
    ...expiredTombstones(person, ports.clock.now()),
    ...oldEntries(person),
  ];
  try {
    return await ports.passwords.commit(key, { ...change, remove }, signal);
  } catch (error) {
    if (error instanceof Unavailable && !signal.aborted) return false;
    throw error;
  }
}

/** Deleted passwords are remembered for 90 days, the newest 100; a transaction holds 100 entities, hence 20 at once. */
function expiredTombstones(person: Person, now: number): AppPassword[] {
  return person.passwords
    .filter((password) => password.state === 'deleted')
    .sort((a, b) => (b.deletedAt ?? 0) - (a.deletedAt ?? 0))
    .filter((password, index) => index >= tombstonesAtMost || now - (password.deletedAt ?? 0) > tombstoneAge)
    .slice(-trimAtOnce);
}

/** The newest 100 entries are kept, counting the one that this change may write. */
function oldEntries({ activity }: Person): readonly Activity[] {
  return activity.slice(entriesAtMost - 1).slice(-trimAtOnce);
}

/** The change of a profile that exists, with nothing else changed in it than what is given. */
export function touch(profile: Versioned<Profile>, set: Partial<Profile> = {}): Change['profile'] {
  const { version: _, ...same } = profile;
  return { from: profile, to: { ...same, ...set } };
}
