import { self } from './activity.ts';
import { changePerson, type Decision, isStep } from './change-person.ts';
import { followUsername } from './hold-username.ts';
import type { AppPassword, Caller, Person, Profile, Versioned } from './person.ts';
import type { Ports } from './ports.ts';

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
  ports: Ports,
  caller: Caller,
  signal: AbortSignal,
  decide: (owner: Owner) => Decision<R | NotFound>,
): Promise<R | NotFound> {
  return changePerson<R | NotFound>(ports, caller.person, signal, async ({ profile, ...rest }) => {
    if (profile === undefined) return { result: { kind: 'not-found' } };
    const following = await followUsername(ports, self(caller), caller, profile, signal);
    if (isStep(following)) return following;
    return decide({ profile, ...rest });
  });
}

/** The password with this public id, a UUID in any case (RFC 9562 section 4), among the owner's own. */
export function byId(owner: Owner, id: string): Versioned<AppPassword> | undefined {
  return owner.passwords.find((password) => password.id === id.toLowerCase());
}
