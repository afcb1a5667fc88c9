import { namesOf, removeFully } from './account.ts';
import { entry } from './activity.ts';
import { changePerson, touch, unlessLost } from './change-person.ts';
import { deletedRecord } from './delete.ts';
import {
  type Actor,
  isErased,
  noOwner,
  type PersonKey,
  type Profile,
  tenantOf,
  type Versioned,
} from './person.ts';
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
  let isOurs = false;
  for (;;) {
    const profile = await removeRows(ports, actor, person, signal);
    if (profile === undefined || isErased(profile)) break;
    for (const name of namesOf(profile)) {
      await removeFully(ports, person, name, signal);
      // What says that it was given up or released has the name of who is gone.
      await removeFully(ports, noOwner(tenantOf(person)), name, signal);
    }
    isOurs = true;
    await unlessLost(ports.passwords.erase(person, profile, ports.clock.now(), signal), signal);
  }
  if (isOurs) ports.audit.record({ event: 'person.erased', actor, person });
}

/**
 * Removes all rows but the profile, those that may work first.
 *
 * @returns the profile that is left; undefined for nobody.
 */
function removeRows(
  ports: Ports,
  actor: Actor,
  person: PersonKey,
  signal: AbortSignal,
): Promise<Versioned<Profile> | undefined> {
  return changePerson(ports, person, signal, ({ profile, passwords, activity }) => {
    if (profile === undefined) return { result: undefined };
    const live = passwords.filter(({ state }) => state !== 'deleted');
    const rest = [...live, ...passwords.filter((password) => !live.includes(password)), ...activity];
    if (rest.length === 0) return { result: profile };
    const change = { profile: touch(profile, { count: 0 }), remove: rest.slice(0, removedAtOnce) };
    if (live.length === 0) return { again: change };
    const records = live.map((password) => deletedRecord(actor, person, password));
    const noted = entry(ports, 'deleted-all', actor, { count: live.length });
    return { again: { ...change, activity: noted, records } };
  });
}
