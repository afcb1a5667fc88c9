import { day } from '../app-password/effective-state.ts';
import { isNoHolder, noHolder, tenantOf } from '../person/person.ts';
import { isErased } from '../person/profile.ts';
import type { Ports } from '../ports.ts';
import type { FormerHolder, UsernameClaim } from './username-claim.ts';

/** How long, in milliseconds, a username is known as a former one. */
const knownFor = 90 * day;

export function isKnown({ since }: FormerHolder, now: number): boolean {
  return now - since < knownFor;
}

/** Whether its holder gave a username up: it is as free as one that nobody ever had, for no proof is as old as this. */
export function isGivenUp({ person, issuedAt }: Pick<UsernameClaim, 'person' | 'issuedAt'>): boolean {
  return isNoHolder(person) && issuedAt === 0;
}

/**
 * The claim by which a username is nobody's, and a former one of a person's.
 *
 * @param issuedAt only a later proof takes the username; `since` when it is nobody's
 */
export function claimOfNobody(
  { person, username }: Pick<UsernameClaim, 'person' | 'username'>,
  { issuedAt, since }: { readonly issuedAt: number; readonly since: number },
): UsernameClaim {
  const former = { person, since };
  return { person: noHolder(tenantOf(person)), username, issuedAt, source: 'token', aliasOf: null, former };
}

/**
 * Forgets whose usernames these were, where the time is over or that person was erased. What changes at the same time is for
 * the next time.
 *
 * @throws Unavailable when storage is away, or the signal is aborted.
 */
export async function forgetFormerUsernames(
  { usernames, passwords, clock }: Pick<Ports, 'usernames' | 'passwords' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  for await (const claim of usernames.former(signal)) {
    const profile = await passwords.profile(claim.former.person, signal);
    const wasErased = profile !== undefined && isErased(profile);
    if (!wasErased && isKnown(claim.former, clock.now())) continue;
    // Of a username that an operator released, it stays known since when.
    if (wasErased || isGivenUp(claim)) await usernames.remove(claim, signal);
    else await usernames.write({ ...claim, former: null }, claim, signal);
  }
}
