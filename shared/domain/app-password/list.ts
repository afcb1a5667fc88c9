import { type Caller, self } from '../person/caller.ts';
import { type ChangePorts, changePerson, isStep } from '../person/change.ts';
import { isErased, type Person } from '../person/profile.ts';
import type { Policy } from '../policy/policy.ts';
import type { Ports } from '../ports.ts';
import { holdUsername, isBehind, renewProof } from '../username/follow-username.ts';
import type { Username } from '../username/username.ts';
import type { AppPassword } from './app-password.ts';
import { effective, remaining } from './effective-state.ts';

export interface Listed {
  readonly kind: 'listed';
  /** Under which verify knows the caller; of whom nothing is kept yet, what the token says. */
  readonly username: Username;
  /** Newest first; never the deleted ones, never a password. */
  readonly appPasswords: readonly AppPassword[];
  readonly limit: number;
  readonly remaining: number;
}

/** What listing needs: a username may have to follow first. */
export type ListPorts = ChangePorts & Pick<Ports, 'usernames' | 'directory' | 'policy' | 'later'>;

/**
 * Lists the caller's app passwords: every one that works or may work again, and no other.
 *
 * @throws Unavailable when storage is away.
 */
export async function listAppPasswords(
  ports: ListPorts,
  caller: Caller,
  signal: AbortSignal,
): Promise<Listed> {
  const [policy, found, held] = await Promise.all([
    ports.policy.read(signal),
    ports.passwords.person(caller.person, signal),
    ports.usernames.read(caller.username, signal),
  ]);
  const isLate = isBehind(ports, { caller, profile: found.profile, held });
  const person = isLate ? await caughtUp(ports, caller, signal) : found;
  ports.later((later) => renewProof(ports, { proof: caller, held }, later));
  const { profile } = person;
  const appPasswords = liveOnes(person, policy, ports.clock.now());
  ports.audit.record({
    event: 'app-passwords.listed',
    actor: self(caller),
    person: caller.person,
    count: appPasswords.length,
  });
  return {
    kind: 'listed',
    username: profile === undefined || isErased(profile) ? caller.username : profile.username,
    appPasswords,
    limit: policy.limit,
    remaining: remaining(profile, policy),
  };
}

/** A person's app passwords as they stand, newest first, without the deleted ones. */
export function liveOnes({ passwords }: Person, policy: Policy, now: number): AppPassword[] {
  return passwords
    .filter(({ state }) => state !== 'deleted')
    .map((password) => effective(password, policy, now))
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
}

/**
 * Takes the caller's name first: a renamed person's, or one that still leads to whoever had it before. A name that a
 * newer proof holds does not stop anybody from seeing the list.
 */
function caughtUp(ports: ListPorts, caller: Caller, signal: AbortSignal): Promise<Person> {
  return changePerson(ports, { person: caller.person, signal }, async (person) => {
    const holding = await holdUsername(ports, { caller, profile: person.profile }, signal);
    return isStep(holding) ? holding : { result: person };
  });
}
