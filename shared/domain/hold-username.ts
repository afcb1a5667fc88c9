import { touch } from './change-person.ts';
import type { Caller, Person, Profile, Versioned } from './person.ts';
import type { Ports, UsernameClaim } from './ports.ts';
import type { Username } from './username.ts';

/** The username that a person holds, with the time of the proof. */
export type HeldUsername = Pick<Profile, 'username' | 'usernameIssuedAt'>;

/**
 * Whether what is kept about the caller's names is not yet what the token says.
 *
 * @param held who holds the caller's name: somebody else by an older proof, or nobody any more since such a one let go
 */
export function isBehind(
  caller: Caller,
  profile: Profile | undefined,
  held: UsernameClaim | undefined,
): boolean {
  if (profile !== undefined && isUnsettled(caller, profile)) return true;
  // An older token than the one that gave the present name says nothing about names any more.
  if (profile !== undefined && profile.username !== caller.username) return false;
  if (held === undefined) return profile !== undefined;
  return held.person !== caller.person && held.issuedAt < caller.issuedAt;
}

/** Whether a rename is to be done, or not yet at its end. */
function isUnsettled(caller: Caller, profile: Profile): boolean {
  return isRenamed(caller, profile) || profile.formerUsername !== null;
}

function isRenamed(caller: Caller, profile: Profile): boolean {
  return caller.username !== profile.username && caller.issuedAt >= profile.usernameIssuedAt;
}

/**
 * Makes a person's profile follow the name in the token, by one step of a rename at a time, as a crash may end each:
 * note the new name, claim it, make it the profile's beside the old one, remove the old one. What the profile notes is
 * removed by the next request under another name, whichever step was the last.
 *
 * @returns `changed` after a step (read the person again), `refused` where a newer proof holds the new name.
 */
export async function followUsername(
  ports: Ports,
  caller: Caller,
  profile: Versioned<Profile>,
  signal: AbortSignal,
): Promise<'settled' | 'changed' | 'refused'> {
  if (!isUnsettled(caller, profile)) return 'settled';
  const note = (set: Partial<Profile>) =>
    ports.passwords.commit(caller.person, { profile: touch(profile, set) }, signal);
  const { username: current, formerUsername: other } = profile;
  const { username, issuedAt: usernameIssuedAt } = caller;
  const renamed = isRenamed(caller, profile);
  if (renamed && other === null) {
    await note({ formerUsername: username });
  } else if (renamed && other === username) {
    if (!(await claimUsername(ports, caller, signal))) return 'refused';
    await note({ username, usernameIssuedAt, formerUsername: current });
  } else if (other !== null && (await releaseUsername(ports, caller, other, signal))) {
    await note({ formerUsername: null });
  }
  return 'changed';
}

/**
 * Makes sure that the caller holds the username under which passwords will be looked up. The profile comes first, so
 * that no claim is forgotten.
 *
 * @returns the profile as it is, with the username for it; or as {@link followUsername}
 */
export async function holdUsername(
  ports: Ports,
  caller: Caller,
  { profile }: Person,
  signal: AbortSignal,
): Promise<'changed' | 'refused' | { profile: Versioned<Profile>; held: HeldUsername }> {
  const { person, username, issuedAt } = caller;
  if (profile === undefined) {
    const to = { ...emptyProfile, username, usernameIssuedAt: issuedAt };
    await ports.passwords.commit(person, { profile: { from: undefined, to } }, signal);
    return 'changed';
  }
  const step = await followUsername(ports, caller, profile, signal);
  if (step !== 'settled') return step;
  // An older token than the one that gave the present name says nothing about names any more.
  const held = {
    username: profile.username,
    usernameIssuedAt: Math.max(profile.usernameIssuedAt, username === profile.username ? issuedAt : 0),
  };
  const claim = { person, username: held.username, issuedAt: held.usernameIssuedAt };
  return (await claimUsername(ports, claim, signal)) ? { profile, held } : 'refused';
}

const emptyProfile = { formerUsername: null, registeredAt: null, count: 0, account: 'enabled' } as const;

/** The newest proof holds a name: another person's claim gives way only to a token issued after it. */
async function claimUsername(
  ports: Ports,
  { person, username, issuedAt }: UsernameClaim,
  signal: AbortSignal,
): Promise<boolean> {
  for (;;) {
    const held = await ports.usernames.read(username, signal);
    if (held !== undefined && held.issuedAt >= issuedAt) return held.person === person;
    if (await ports.usernames.write({ person, username, issuedAt }, held, signal)) {
      if (held?.person !== person) {
        ports.audit.record({
          event: 'username.claimed',
          person,
          from: held?.person ?? null,
        });
      }
      return true;
    }
  }
}

/** Removes a name unless somebody else holds it by now; false if it changed in between. */
async function releaseUsername(ports: Ports, caller: Caller, username: Username, signal: AbortSignal) {
  const held = await ports.usernames.read(username, signal);
  if (held?.person !== caller.person) return true;
  if (!(await ports.usernames.remove(held, signal))) return false;
  ports.audit.record({ event: 'username.released', person: caller.person });
  return true;
}
