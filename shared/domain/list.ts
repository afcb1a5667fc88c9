import { limit } from './add.ts';
import { changePerson } from './change-person.ts';
import { holdUsername, isBehind } from './hold-username.ts';
import type { AppPassword, Caller, Person } from './person.ts';
import type { Ports } from './ports.ts';

export interface Listed {
  readonly kind: 'listed';
  /** Newest first; never the deleted ones, never a secret. */
  readonly appPasswords: readonly AppPassword[];
  readonly limit: number;
  readonly remaining: number;
}

/**
 * Lists the caller's app passwords: every one that works, and no other.
 *
 * @throws Unavailable when storage is away.
 */
export async function listAppPasswords(ports: Ports, caller: Caller, signal: AbortSignal): Promise<Listed> {
  const [found, held] = await Promise.all([
    ports.passwords.person(caller.person, signal),
    ports.usernames.read(caller.username, signal),
  ]);
  const isLate = isBehind(caller, found.profile, held);
  const person = isLate ? await caughtUp(ports, caller, signal) : found;
  const appPasswords = person.passwords
    .filter(({ state }) => state !== 'deleted')
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  ports.audit.record({
    event: 'app-passwords.listed',
    person: caller.person,
    count: appPasswords.length,
  });
  return {
    kind: 'listed',
    appPasswords,
    limit,
    remaining: Math.max(0, limit - (person.profile?.count ?? 0)),
  };
}

/**
 * Takes the caller's name first: a renamed person's, or one that still leads to whoever had it before. A name that a
 * newer proof holds does not stop anybody from seeing the list.
 */
function caughtUp(ports: Ports, caller: Caller, signal: AbortSignal): Promise<Person> {
  return changePerson(ports, caller.person, signal, async (person) => {
    const step = await holdUsername(ports, caller, person, signal);
    return step === 'changed' ? 'again' : { result: person };
  });
}
