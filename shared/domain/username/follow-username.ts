import { day } from '../app-password/effective-state.ts';
import { entry } from '../person/activity.ts';
import { type Actor, type Caller, self } from '../person/caller.ts';
import { type Step, touch } from '../person/change.ts';
import { isErased, type Profile } from '../person/profile.ts';
import type { Ports } from '../ports.ts';
import type { Versioned } from '../versioned.ts';
import { claimUsername, releaseUsername } from './claim-username.ts';
import { isGivenUp } from './former-username.ts';
import type { UsernameClaim } from './username-claim.ts';
import type { UsernameProof } from './username-proof.ts';

/** The username that a person holds, with the time of the proof. */
export type HeldUsername = Pick<Profile, 'username' | 'usernameIssuedAt'>;

/** What following usernames needs. */
export type FollowPorts = Pick<Ports, 'passwords' | 'usernames' | 'audit' | 'clock' | 'random' | 'directory'>;

/**
 * Whether what is kept about the caller's usernames is not yet what the token says. For a disabled account nothing is claimed.
 *
 * @param held who holds the caller's username: somebody else by an older proof, or nobody any more since such a one let go
 */
export function isBehind(
  ports: FollowPorts,
  {
    caller,
    profile,
    held,
  }: {
    readonly caller: UsernameProof;
    readonly profile: Profile | undefined;
    readonly held: UsernameClaim | undefined;
  },
): boolean {
  if (profile?.account === 'disabled') return false;
  if (profile !== undefined && isUnsettled(ports, caller, profile)) return true;
  // An older token than the one that gave the present username says nothing about usernames any more.
  if (profile !== undefined && profile.username !== caller.username) return false;
  if (held === undefined || isGivenUp(held)) return profile !== undefined;
  return held.person !== caller.person && held.issuedAt < caller.issuedAt;
}

/** Whether a rename is to be done, or not yet at its end. */
function isUnsettled(ports: FollowPorts, caller: UsernameProof, profile: Profile): boolean {
  return isRenamed(ports, caller, profile) || profile.formerUsername !== null;
}

/** Once the directory has named a person, a token, which may hold the old username for a while, does not rename. */
function isRenamed(ports: FollowPorts, caller: UsernameProof, profile: Profile): boolean {
  if (caller.username === profile.username) return false;
  if (caller.source !== 'token') return true;
  return caller.issuedAt >= profile.usernameIssuedAt && !isFinal(ports, profile);
}

function isFinal({ directory }: FollowPorts, { usernameSource }: Profile): boolean {
  return directory.namesPeople && usernameSource === 'directory';
}

/**
 * Makes a person's profile follow the username in the token, by one step of a rename at a time, as a crash may end each:
 * note the new username, claim it, make it the profile's beside the old one, release the old one. What the profile notes is
 * released by the next request under another username, whichever step was the last.
 *
 * @returns the step to take, or `refused` where a newer proof holds the new username.
 */
export async function followUsername(
  ports: FollowPorts,
  {
    actor,
    proof,
    profile,
  }: { readonly actor: Actor; readonly proof: UsernameProof; readonly profile: Versioned<Profile> },
  signal: AbortSignal,
): Promise<'settled' | 'refused' | Step> {
  if (!isUnsettled(ports, proof, profile)) return 'settled';
  const { person } = proof;
  const { username: current, formerUsername: other } = profile;
  const { username, issuedAt: usernameIssuedAt, source: usernameSource } = proof;
  const renamed = isRenamed(ports, proof, profile);
  if (renamed && other === null) {
    return { again: { profile: touch(profile, { formerUsername: username }) } };
  } else if (renamed && other === username) {
    if (!(await claimUsername(ports, proof, signal))) return 'refused';
    const set = { username, usernameIssuedAt, usernameSource, formerUsername: current };
    return {
      again: {
        profile: touch(profile, set),
        activity: entry(ports, { kind: 'username-changed', actor }),
        records: [{ event: 'username.changed', actor, person, from: current, to: username }],
      },
    };
  } else if (other !== null && (await releaseUsername(ports, { person, username: other }, signal))) {
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
  ports: FollowPorts,
  { caller, profile }: { readonly caller: Caller; readonly profile: Versioned<Profile> | undefined },
  signal: AbortSignal,
): Promise<'refused' | Step | { profile: Versioned<Profile>; held: HeldUsername }> {
  const { person, username, issuedAt } = caller;
  // Also of somebody who was erased nothing is known any more.
  if (profile === undefined || isErased(profile)) await ports.directory.seen(person, signal);
  if (profile === undefined) {
    const to = { ...emptyProfile, username, usernameIssuedAt: issuedAt };
    return { again: { profile: { from: undefined, to } } };
  }
  const step = await followUsername(ports, { actor: self(caller), proof: caller, profile }, signal);
  if (step !== 'settled') return step;
  // An older token than the one that gave the present username says nothing about usernames any more.
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

/** How old, in milliseconds, the proof of a username is when a visit of its holder renews it. */
const renewedAfter = 7 * day;

/** Notes that a username's holder was here; who gave the username stays the same. */
export async function renewProof(
  { usernames }: Pick<Ports, 'usernames'>,
  {
    proof: { person, issuedAt },
    held,
  }: { readonly proof: UsernameProof; readonly held: Versioned<UsernameClaim> | undefined },
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
