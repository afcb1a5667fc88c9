import type { AppPassword } from '../app-password/app-password.ts';
import type { ManagementAct, ManagementRefusalReason } from '../audit-record.ts';
import type { Ports } from '../ports.ts';
import { followUsername } from '../username/follow-username.ts';
import type { Versioned } from '../versioned.ts';
import { type Caller, self } from './caller.ts';
import { type ChangePorts, changePerson, type Decision, isStep } from './change.ts';
import { oidOf, tenantOf } from './person.ts';
import type { Person, Profile } from './profile.ts';

/** What changing one's own takes. */
export type OwnPorts = ChangePorts & Pick<Ports, 'usernames' | 'directory' | 'refused'>;

/** A person that has passwords, with the profile that guards them. */
export interface Owner extends Person {
  readonly profile: Versioned<Profile>;
}

export type NotFound = { readonly kind: 'not-found' };

/**
 * Changes what the caller already has; the person's username follows the token first.
 *
 * @param decide as in {@link changePerson}
 * @returns `not-found` for a caller who has nothing here.
 */
export function changeOwn<R>(
  ports: OwnPorts,
  { caller, signal }: { readonly caller: Caller; readonly signal: AbortSignal },
  decide: (owner: Owner) => Decision<R | NotFound>,
): Promise<R | NotFound> {
  const { person } = caller;
  return changePerson<R | NotFound>(ports, { person, signal }, async ({ profile, ...rest }) => {
    if (profile === undefined) return { result: { kind: 'not-found' } };
    const following = await followUsername(ports, { actor: self(caller), proof: caller, profile }, signal);
    if (isStep(following)) return following;
    return decide({ profile, ...rest });
  });
}

/** One of the caller's app passwords, to be changed. */
export interface OwnPassword {
  readonly caller: Caller;
  /** The public id. */
  readonly id: string;
}

/** Changes one of the caller's app passwords; who asks for one that is not the caller's is counted. */
export async function changeOwnPassword<R extends { readonly kind: string }>(
  ports: OwnPorts,
  {
    caller,
    id,
    act,
    signal,
  }: OwnPassword & {
    readonly act: 'own' | 'own-recent';
    readonly signal: AbortSignal;
  },
  decide: (password: Versioned<AppPassword>, owner: Owner) => Decision<R | NotFound>,
): Promise<R | NotFound> {
  const result = await changeOwn<R>(ports, { caller, signal }, (owner) => {
    const password = byId(owner, id);
    return password === undefined ? { result: { kind: 'not-found' } } : decide(password, owner);
  });
  if (result.kind === 'not-found') refuseCaller(ports, { caller, act, reason: 'not-found' });
  return result;
}

/** Counts that somebody who proved a second factor is refused. */
export function refuseCaller(
  ports: Pick<Ports, 'refused'>,
  {
    caller: { person },
    ...refusal
  }: {
    readonly caller: Pick<Caller, 'person'>;
    readonly act: ManagementAct;
    readonly reason: ManagementRefusalReason;
  },
): void {
  ports.refused({ ...refusal, caller: oidOf(person), tenant: tenantOf(person) });
}

/** The password with this public id, a UUID in any case (RFC 9562 section 4), among the owner's own. */
export function byId(owner: Owner, id: string): Versioned<AppPassword> | undefined {
  return owner.passwords.find((password) => password.id === id.toLowerCase());
}
