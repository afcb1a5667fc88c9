import { unlessLost } from '../person/change.ts';
import { isNoHolder, type PersonKey } from '../person/person.ts';
import type { Ports } from '../ports.ts';
import { claimOfNobody, isGivenUp } from './former-username.ts';
import type { UsernameClaim } from './username-claim.ts';
import type { UsernameProof } from './username-proof.ts';
/** What claiming and releasing usernames needs. */
export type ClaimPorts = Pick<Ports, 'usernames' | 'audit' | 'clock' | 'directory'>;

/** A proof of a username, with the canonical one where it stands for another. */
export type NewClaim = UsernameProof & Partial<Pick<UsernameClaim, 'aliasOf'>>;

/** A username and the person whose it may be. */
export type HeldUsername = Pick<UsernameProof, 'person' | 'username'>;

/**
 * Claims a username. The newest proof holds it: another person's claim gives way only to a later one, and what the
 * directory gave only to the directory.
 */
export async function claimUsername(
  ports: ClaimPorts,
  { person, username, issuedAt, source, aliasOf = null }: NewClaim,
  signal: AbortSignal,
): Promise<boolean> {
  /** From whom it was to be taken; a lost answer is seen as somebody else's write, and the next look as done. */
  let from: PersonKey | null | undefined;
  const record = () => {
    if (from !== undefined && from !== person)
      ports.audit.record({ event: 'username.claimed', person, username, from, source });
  };
  for (;;) {
    const held = await ports.usernames.read(username, signal);
    const outcome = compare(ports, { person, issuedAt, source, aliasOf }, held);
    if (outcome === 'held') record();
    if (outcome !== 'claim') return outcome === 'held';
    from = held === undefined || isNoHolder(held.person) ? null : held.person;
    // The person's own proof renews a claim of the directory, and does not weaken it.
    const kept = held?.person === person && held.source === 'directory' ? 'directory' : source;
    const claim = { person, username, issuedAt, source: kept, aliasOf, former: null };
    if (await ports.usernames.write(claim, held, signal)) {
      record();
      return true;
    }
  }
}

function compare(
  { directory }: ClaimPorts,
  { person, issuedAt, source, aliasOf }: Omit<UsernameClaim, 'username' | 'former'>,
  held: UsernameClaim | undefined,
): 'held' | 'lost' | 'claim' {
  if (held === undefined || isGivenUp(held)) return 'claim';
  const isOwn = held.person === person;
  // A mail address that is somebody else's username stays that.
  if (!isOwn && !isNoHolder(held.person) && aliasOf !== null && held.aliasOf === null) return 'lost';
  if (source === 'directory')
    return isOwn && held.source === 'directory' && held.aliasOf === aliasOf ? 'held' : 'claim';
  if (isOwn) return held.issuedAt >= issuedAt ? 'held' : 'claim';
  if (directory.namesPeople && held.source === 'directory') return 'lost';
  return held.issuedAt >= issuedAt ? 'lost' : 'claim';
}

/**
 * Gives a username up unless somebody else holds it by now: any proof takes it, and until then it is a former one of the
 * person's.
 *
 * @returns false if it changed in between
 */
export async function releaseUsername(
  ports: Pick<Ports, 'usernames' | 'audit' | 'clock'>,
  { person, username }: HeldUsername,
  signal: AbortSignal,
): Promise<boolean> {
  const held = await ports.usernames.read(username, signal);
  if (held?.person !== person) return true;
  const since = ports.clock.now();
  const claim = claimOfNobody({ person, username }, { issuedAt: 0, since });
  const isReleased = await unlessLost(ports.usernames.write(claim, held, signal), signal);
  // What came back may be the answer to the repeat of our own request.
  if (!isReleased && (await ports.usernames.read(username, signal))?.former?.since !== since) return false;
  ports.audit.record({ event: 'username.released', person, username });
  return true;
}

/**
 * Removes a username unless somebody else holds it by now, so that nothing tells whose it was; false if it changed in
 * between.
 */
export async function removeUsername(
  ports: Pick<Ports, 'usernames' | 'audit'>,
  { person, username }: HeldUsername,
  signal: AbortSignal,
): Promise<boolean> {
  const held = await ports.usernames.read(username, signal);
  if (held?.person !== person) return true;
  const isRemoved = await unlessLost(ports.usernames.remove(held, signal), signal);
  // What came back may be the answer to the repeat of our own request.
  if (!isRemoved && (await ports.usernames.read(username, signal)) !== undefined) return false;
  if (!isNoHolder(person)) ports.audit.record({ event: 'username.released', person, username });
  return true;
}

/** Gives a username of the person's up, whatever happens to it in between. */
export async function releaseFully(
  ports: Pick<Ports, 'usernames' | 'audit' | 'clock'>,
  owned: HeldUsername,
  signal: AbortSignal,
): Promise<void> {
  while (!(await releaseUsername(ports, owned, signal)));
}

/** Removes a username of the person's, whatever happens to it in between. */
export async function removeFully(
  ports: Pick<Ports, 'usernames' | 'audit'>,
  owned: HeldUsername,
  signal: AbortSignal,
): Promise<void> {
  while (!(await removeUsername(ports, owned, signal)));
}
