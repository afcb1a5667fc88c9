import { day } from '../app-password/effective-state.ts';
import { entry } from '../person/activity.ts';
import { type Actor, type Caller, self } from '../person/caller.ts';
import { type Step, touch, unlessLost } from '../person/change.ts';
import { isNoOwner, type PersonKey } from '../person/person.ts';
import { isErased, type Person, type Profile } from '../person/profile.ts';
import type { Ports } from '../ports.ts';
import type { Versioned } from '../versioned.ts';
import { claimOfNobody, isGivenUp } from './former-username.ts';
import type { NameProof } from './name-proof.ts';
import type { Username } from './username.ts';
import type { UsernameClaim } from './username-claim.ts';

/** The username that a person holds, with the time of the proof. */
export type HeldUsername = Pick<Profile, 'username' | 'usernameIssuedAt'>;

/** What following names needs. */
export type NamePorts = Pick<Ports, 'passwords' | 'usernames' | 'audit' | 'clock' | 'random' | 'directory'>;

/**
 * Whether what is kept about the caller's names is not yet what the token says. For a disabled account nothing is claimed.
 *
 * @param held who holds the caller's name: somebody else by an older proof, or nobody any more since such a one let go
 */
export function isBehind(
  ports: NamePorts,
  caller: NameProof,
  profile: Profile | undefined,
  held: UsernameClaim | undefined,
): boolean {
  if (profile?.account === 'disabled') return false;
  if (profile !== undefined && isUnsettled(ports, caller, profile)) return true;
  // An older token than the one that gave the present name says nothing about names any more.
  if (profile !== undefined && profile.username !== caller.username) return false;
  if (held === undefined || isGivenUp(held)) return profile !== undefined;
  return held.person !== caller.person && held.issuedAt < caller.issuedAt;
}

/** Whether a rename is to be done, or not yet at its end. */
function isUnsettled(ports: NamePorts, caller: NameProof, profile: Profile): boolean {
  return isRenamed(ports, caller, profile) || profile.formerUsername !== null;
}

/** Once the directory has named a person, a token, which may hold the old name for a while, does not rename. */
function isRenamed(ports: NamePorts, caller: NameProof, profile: Profile): boolean {
  if (caller.username === profile.username) return false;
  if (caller.source !== 'token') return true;
  return caller.issuedAt >= profile.usernameIssuedAt && !isFinal(ports, profile);
}

function isFinal({ directory }: NamePorts, { usernameSource }: Profile): boolean {
  return directory.namesPeople && usernameSource === 'directory';
}

/**
 * Makes a person's profile follow the name in the token, by one step of a rename at a time, as a crash may end each:
 * note the new name, claim it, make it the profile's beside the old one, release the old one. What the profile notes is
 * released by the next request under another name, whichever step was the last.
 *
 * @returns the step to take, or `refused` where a newer proof holds the new name.
 */
export async function followUsername(
  ports: NamePorts,
  actor: Actor,
  caller: NameProof,
  profile: Versioned<Profile>,
  signal: AbortSignal,
): Promise<'settled' | 'refused' | Step> {
  if (!isUnsettled(ports, caller, profile)) return 'settled';
  const { person } = caller;
  const { username: current, formerUsername: other } = profile;
  const { username, issuedAt: usernameIssuedAt, source: usernameSource } = caller;
  const renamed = isRenamed(ports, caller, profile);
  if (renamed && other === null) {
    return { again: { profile: touch(profile, { formerUsername: username }) } };
  } else if (renamed && other === username) {
    if (!(await claimUsername(ports, caller, signal))) return 'refused';
    const set = { username, usernameIssuedAt, usernameSource, formerUsername: current };
    return {
      again: {
        profile: touch(profile, set),
        activity: entry(ports, { kind: 'username-changed', actor }),
        records: [{ event: 'username.changed', actor, person, from: current, to: username }],
      },
    };
  } else if (other !== null && (await releaseUsername(ports, caller, other, signal))) {
    return { again: { profile: touch(profile, { formerUsername: null }) } };
  }
  return 'again';
}

/**
 * Makes sure that the caller holds the username under which passwords will be looked up. The profile comes first, so
 * that no claim is forgotten.
 *
 * @returns the profile as it is, with the username for it; or as {@link followUsername}
 */
export async function holdUsername(
  ports: NamePorts,
  caller: Caller,
  { profile }: Person,
  signal: AbortSignal,
): Promise<'refused' | Step | { profile: Versioned<Profile>; held: HeldUsername }> {
  const { person, username, issuedAt } = caller;
  // Also of somebody who was erased nothing is known any more.
  if (profile === undefined || isErased(profile)) await ports.directory.seen(person, signal);
  if (profile === undefined) {
    const to = { ...emptyProfile, username, usernameIssuedAt: issuedAt };
    return { again: { profile: { from: undefined, to } } };
  }
  const step = await followUsername(ports, self(caller), caller, profile, signal);
  if (step !== 'settled') return step;
  // An older token than the one that gave the present name says nothing about names any more.
  const held = {
    username: profile.username,
    usernameIssuedAt: Math.max(profile.usernameIssuedAt, username === profile.username ? issuedAt : 0),
  };
  if (caller.source === 'token' && isFinal(ports, profile)) {
    const claim = await ports.usernames.read(profile.username, signal);
    return claim?.person === person ? { profile, held } : 'refused';
  }
  const claim = { person, username: held.username, issuedAt: held.usernameIssuedAt, source: caller.source };
  return (await claimUsername(ports, claim, signal)) ? { profile, held } : 'refused';
}

/** How old, in milliseconds, the proof of a name is when a visit of its owner renews it. */
const renewedAfter = 7 * day;

/** Notes that a name's owner was here; who gave the name stays the same. */
export async function renewProof(
  { usernames }: Pick<Ports, 'usernames'>,
  { person, issuedAt }: NameProof,
  held: Versioned<UsernameClaim> | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (held?.person !== person || issuedAt - held.issuedAt < renewedAfter) return;
  await usernames.write({ ...held, issuedAt }, held, signal);
}

const emptyProfile = {
  usernameSource: 'token',
  formerUsername: null,
  mail: null,
  registeredAt: null,
  count: 0,
  account: 'enabled',
  refusals: null,
} as const;

/**
 * Claims a name. The newest proof holds it: another person's claim gives way only to a later one, and what the
 * directory gave only to the directory.
 *
 * @param aliasOf the canonical username, for a name that stands for another one
 */
export async function claimUsername(
  ports: NamePorts,
  { person, username, issuedAt, source }: NameProof,
  signal: AbortSignal,
  aliasOf: Username | null = null,
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
    from = held === undefined || isNoOwner(held.person) ? null : held.person;
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
  { directory }: NamePorts,
  { person, issuedAt, source, aliasOf }: Omit<UsernameClaim, 'username' | 'former'>,
  held: UsernameClaim | undefined,
): 'held' | 'lost' | 'claim' {
  if (held === undefined || isGivenUp(held)) return 'claim';
  const isOwn = held.person === person;
  // A mail address that is somebody else's username stays that.
  if (!isOwn && !isNoOwner(held.person) && aliasOf !== null && held.aliasOf === null) return 'lost';
  if (source === 'directory')
    return isOwn && held.source === 'directory' && held.aliasOf === aliasOf ? 'held' : 'claim';
  if (isOwn) return held.issuedAt >= issuedAt ? 'held' : 'claim';
  if (directory.namesPeople && held.source === 'directory') return 'lost';
  return held.issuedAt >= issuedAt ? 'lost' : 'claim';
}

/**
 * Gives a name up unless somebody else holds it by now: any proof takes it, and until then it is a former one of the
 * person's.
 *
 * @returns false if it changed in between
 */
export async function releaseUsername(
  ports: Pick<NamePorts, 'usernames' | 'audit' | 'clock'>,
  { person }: Pick<NameProof, 'person'>,
  username: Username,
  signal: AbortSignal,
): Promise<boolean> {
  const held = await ports.usernames.read(username, signal);
  if (held?.person !== person) return true;
  const since = ports.clock.now();
  const claim = claimOfNobody(person, username, 0, since);
  const isReleased = await unlessLost(ports.usernames.write(claim, held, signal), signal);
  // What came back may be the answer to the repeat of our own request.
  if (!isReleased && (await ports.usernames.read(username, signal))?.former?.since !== since) return false;
  ports.audit.record({ event: 'username.released', person, username });
  return true;
}

/**
 * Removes a name unless somebody else holds it by now, so that nothing tells whose it was; false if it changed in
 * between.
 */
export async function removeUsername(
  ports: Pick<NamePorts, 'usernames' | 'audit'>,
  { person }: Pick<NameProof, 'person'>,
  username: Username,
  signal: AbortSignal,
): Promise<boolean> {
  const held = await ports.usernames.read(username, signal);
  if (held?.person !== person) return true;
  const isRemoved = await unlessLost(ports.usernames.remove(held, signal), signal);
  // What came back may be the answer to the repeat of our own request.
  if (!isRemoved && (await ports.usernames.read(username, signal)) !== undefined) return false;
  if (!isNoOwner(person)) ports.audit.record({ event: 'username.released', person, username });
  return true;
}
