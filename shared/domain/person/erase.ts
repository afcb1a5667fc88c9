import { deletedRecord } from '../app-password/delete.ts';
import type { Ports } from '../ports.ts';
import { removeFully } from '../username/claim-username.ts';
import type { Versioned } from '../versioned.ts';
import { entry } from './activity.ts';
import type { Actor } from './caller.ts';
import { type ChangePorts, changePerson, touch, unlessLost } from './change.ts';
import { noHolder, type PersonKey, tenantOf } from './person.ts';
import { isErased, type Profile, usernamesOf } from './profile.ts';

/** What erasing needs. */
export type ErasePorts = ChangePorts & Pick<Ports, 'usernames'>;

/** Who erases whom. */
export interface Erasure {
  readonly actor: Actor;
  readonly person: PersonKey;
}

/**
 * Erases a person: app passwords, usernames and activity. The first transaction takes all app passwords that are not
 * deleted; what is left of the rest after a fault goes when it is done again. Only the fact that somebody of this id
 * was erased stays.
 *
 * @throws Unavailable when storage is away.
 */
export async function erasePerson(
  ports: ErasePorts,
  { actor, person }: Erasure,
  signal: AbortSignal,
): Promise<void> {
  let isOurs = false;
  for (;;) {
    const profile = await removeRows(ports, { actor, person }, signal);
    if (profile === undefined || isErased(profile)) break;
    for (const username of usernamesOf(profile)) {
      await removeFully(ports, { person, username }, signal);
      // What says that it was given up or released has the username of who is gone.
      await removeFully(ports, { person: noHolder(tenantOf(person)), username }, signal);
    }
    isOurs = true;
    await unlessLost(ports.passwords.erase(person, { profile, at: ports.clock.now() }, signal), signal);
  }
  if (isOurs) ports.audit.record({ event: 'person.erased', actor, person });
}

/**
 * Removes all rows but the profile, those that may work first.
 *
 * @returns the profile that is left; undefined for nobody.
 */
function removeRows(
  ports: ErasePorts,
  { actor, person }: Erasure,
  signal: AbortSignal,
): Promise<Versioned<Profile> | undefined> {
  return changePerson(ports, { person, signal }, ({ profile, passwords, activity }) => {
    if (profile === undefined) return { result: undefined };
    const live = passwords.filter(({ state }) => state !== 'deleted');
    const rest = [...live, ...passwords.filter((password) => !live.includes(password)), ...activity];
    if (rest.length === 0) return { result: profile };
    const change = {
      profile: touch(profile, { count: 0 }),
      remove: rest.slice(0, ports.passwords.removedAtOnce),
    };
    if (live.length === 0) return { again: change };
    const records = live.map((password) => deletedRecord(actor, person, password));
    const noted = entry(ports, { kind: 'deleted-all', actor, count: live.length });
    return { again: { ...change, activity: noted, records } };
  });
}
