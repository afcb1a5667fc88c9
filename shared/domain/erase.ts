import { namesOf, releaseFully } from './account.ts';
import { changePerson, touch } from './change-person.ts';
import type { Actor, PersonKey, Profile, Versioned } from './person.ts';
import type { Ports } from './ports.ts';

/** A transaction holds 100 entities, one of them the profile, and what is trimmed by the way. */
const removedAtOnce = 50;

/**
 * Erases a person: app passwords, names and activity. The first transaction takes all app passwords that are not
 * deleted; what is left of the rest after a fault goes when it is done again. Only the fact that somebody of this id
 * was erased stays.
 *
 * @throws Unavailable when storage is away.
 */
export async function erasePerson(
  ports: Ports,
  actor: Actor,
  person: PersonKey,
  signal: AbortSignal,
): Promise<void> {
  if ((await ports.passwords.profile(person, signal)) === undefined) return;
  ports.audit.record({ event: 'person.erased', actor, person });
  for (;;) {
    const profile = await removeRows(ports, person, signal);
    if (profile === undefined) return;
    for (const name of namesOf(profile)) await releaseFully(ports, person, name, signal);
    if (await ports.passwords.erase(person, profile, ports.clock.now(), signal)) return;
  }
}

/** Removes all rows but the profile, those that may work first. */
function removeRows(
  ports: Ports,
  person: PersonKey,
  signal: AbortSignal,
): Promise<Versioned<Profile> | undefined> {
  return changePerson(ports, person, signal, async ({ profile, passwords, activity }) => {
    if (profile === undefined) return { result: undefined };
    const rest = [
      ...passwords.toSorted((a, b) => Number(a.state === 'deleted') - Number(b.state === 'deleted')),
      ...activity,
    ];
    if (rest.length === 0) return { result: profile };
    const remove = rest.slice(0, removedAtOnce);
    await ports.passwords.commit(person, { profile: touch(profile, { count: 0 }), remove }, signal);
    return 'again';
  });
}
