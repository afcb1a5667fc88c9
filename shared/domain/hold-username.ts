import { touch } from './change-person.ts';
import type { Caller, Person, Profile, Versioned } from './person.ts';
import type { Ports, UsernameClaim } from './ports.ts';
import type { Username } from './username.ts';

/** The username that a person holds, with the time of the proof. */
export type HeldUsername = Pick<Profile, 'username' | 'usernameIssuedAt'>;

/** Whether the person's kept username is not yet what the token says, or an earlier one is not yet removed. */
export function isBehind(caller: Caller, profile: Profile | undefined): profile is Profile {
  return profile !== undefined && (isRenamed(caller, profile) || profile.formerUsername !== null);
}

function isRenamed(caller: Caller, profile: Profile): boolean {
  return caller.username !== profile.username && caller.issuedAt >= profile.usernameIssuedAt;
}

/**
 * Makes a person's profile follow the name in the token, by one step of a rename at a time, as a crash may end each:
 * claim the new name, note it in the profile beside the old one, remove the old one.
 *
 * @returns `changed` after a step (read the person again), `refused` where a newer proof holds the new name.
 */
export async function followUsername(
  ports: Ports,
  caller: Caller,
  profile: Versioned<Profile> | undefined,
  signal: AbortSignal,
): Promise<'settled' | 'changed' | 'refused'> {
  if (!isBehind(caller, profile)) return 'settled';
  const { username, formerUsername } = profile;
  const renamed = isRenamed(caller, profile);
  if (formerUsername !== null && !(renamed && formerUsername === caller.username)) {
    if (await releaseUsername(ports, caller, formerUsername, signal)) {
      await ports.passwords.commit(
        caller.person,
        { profile: touch(profile, { formerUsername: null }) },
        signal,
      );
    }
    return 'changed';
  }
  if (!(await claimUsername(ports, caller, signal))) return 'refused';
  const to = {
    username: caller.username,
    usernameIssuedAt: caller.issuedAt,
    formerUsername: username,
  };
  await ports.passwords.commit(caller.person, { profile: touch(profile, to) }, signal);
  return 'changed';
}

/** Makes sure that the caller holds the username under which new passwords will be looked up. */
export async function holdUsername(
  ports: Ports,
  caller: Caller,
  { profile }: Person,
  signal: AbortSignal,
): Promise<'changed' | 'refused' | HeldUsername> {
  const step = await followUsername(ports, caller, profile, signal);
  if (step !== 'settled') return step;
  // An older token than the one that gave the present name says nothing about names any more.
  const outdated = profile !== undefined && caller.username !== profile.username;
  const { username, issuedAt } = outdated
    ? { username: profile.username, issuedAt: profile.usernameIssuedAt }
    : {
        username: caller.username,
        issuedAt: Math.max(caller.issuedAt, profile?.usernameIssuedAt ?? 0),
      };
  const held = await claimUsername(ports, { person: caller.person, username, issuedAt }, signal);
  return held ? { username, usernameIssuedAt: issuedAt } : 'refused';
}

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
