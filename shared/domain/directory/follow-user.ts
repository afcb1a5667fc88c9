import { deletion } from '../app-password/delete.ts';
import { type AccountPorts, setAccount, setUsername } from '../person/account.ts';
import { entry } from '../person/activity.ts';
import type { Actor } from '../person/caller.ts';
import { changePerson, touch } from '../person/change.ts';
import { isNoHolder, type PersonKey, personKey } from '../person/person.ts';
import { isErased, usernamesOf } from '../person/profile.ts';
import { claimUsername, type HeldUsername, releaseFully, removeFully } from '../username/claim-username.ts';
import { isGivenUp } from '../username/former-username.ts';
import { type Username, type UsernameRules, usernameOfToken } from '../username/username.ts';
import type { UsernameProof } from '../username/username-proof.ts';
/** What the directory says of one person. */
export interface DirectoryUser {
  /** The immutable id. */
  readonly oid: string;
  readonly username: string;
  readonly mail: string | null;
  readonly isEnabled: boolean;
}

/** How the directory's people are known here. */
export interface DirectoryRules {
  readonly tenantId: string;
  readonly usernames: UsernameRules;
  /** Whether a person's mail address works in the place of the username. */
  readonly takesMail: boolean;
}

/**
 * Follows what the directory says of one person: the state of the account, the username, the mail address. Of a
 * person who is not known here, only the username counts: it belongs to nobody else any more.
 *
 * @throws Unavailable when storage is away; doing it again does the rest.
 */
export async function followUser(
  ports: AccountPorts,
  { rules, user }: { readonly rules: DirectoryRules; readonly user: DirectoryUser },
  signal: AbortSignal,
): Promise<void> {
  const actor: Actor = { kind: 'directory' };
  const person = personKey(rules.tenantId, user.oid);
  const username = acceptable(user.username, rules);
  const account = user.isEnabled ? 'enabled' : 'disabled';
  const state = await setAccount(ports, { actor, person, account }, signal);
  if (state.kind === 'not-found') {
    if (username !== undefined) await takeFromOthers(ports, { person, username }, signal);
    return;
  }
  if (username === undefined) {
    // The directory's word on the username is final, also where it is that there is none here.
    await nameByDirectory(ports, person, signal);
    await releaseFully(ports, { person, username: state.username }, signal);
  } else {
    const proof: UsernameProof = { person, username, issuedAt: ports.clock.now(), source: 'directory' };
    await setUsername(ports, { actor, proof }, signal);
  }
  const mail = user.mail === null ? undefined : acceptable(user.mail, rules);
  const isAlias = rules.takesMail && mail !== username && username !== undefined;
  await followMail(ports, { person, username, mail: (isAlias ? mail : null) ?? null }, signal);
}

/**
 * Follows the end of an account: all app passwords are deleted, and the usernames are free.
 *
 * @throws Unavailable when storage is away; doing it again does the rest.
 */
export async function followRemoval(
  ports: AccountPorts,
  { tenantId, oid }: { readonly tenantId: string; readonly oid: string },
  signal: AbortSignal,
): Promise<void> {
  const actor: Actor = { kind: 'directory' };
  const person = personKey(tenantId, oid);
  const profile = await changePerson(ports, { person, signal }, ({ profile, passwords, activity }) => {
    if (profile === undefined || isErased(profile)) return { result: undefined };
    const live = passwords.filter(({ state }) => state !== 'deleted');
    if (live.length === 0 && profile.account === 'disabled') return { result: profile };
    const { update } = deletion({ profile, passwords, activity }, live, ports.clock.now());
    const to = touch(profile, { account: 'disabled', count: 0 });
    const gone = entry(ports, { kind: 'account-deleted', actor, count: live.length });
    const records = [{ event: 'account.deleted', actor, person } as const];
    return { result: profile, change: { profile: to, activity: gone, records, update: update ?? [] } };
  });
  if (profile === undefined) return;
  for (const username of usernamesOf(profile)) await removeFully(ports, { person, username }, signal);
}

/** From now on no token brings the person's username back. */
function nameByDirectory(ports: AccountPorts, person: PersonKey, signal: AbortSignal): Promise<void> {
  return changePerson(ports, { person, signal }, ({ profile }) => {
    if (profile === undefined || profile.usernameSource === 'directory') return { result: undefined };
    return { result: undefined, change: { profile: touch(profile, { usernameSource: 'directory' }) } };
  });
}

/** The mark that Entra ID puts into the usernames of guests makes them no usernames here. */
function acceptable(name: string, { usernames }: DirectoryRules): Username | undefined {
  const username = usernameOfToken(name, usernames);
  return username?.includes('#ext#') ? undefined : username;
}

async function takeFromOthers(ports: AccountPorts, { person, username }: HeldUsername, signal: AbortSignal) {
  const held = await ports.usernames.read(username, signal);
  if (held === undefined || held.person === person || isGivenUp(held)) return;
  // What an operator released is free for any proof of whom the directory gives it to.
  const takeFrom = isNoHolder(held.person) ? removeFully : releaseFully;
  await takeFrom(ports, { person: held.person, username }, signal);
}

/** The new address works before the old one stops, and the profile forgets the old one last. */
async function followMail(
  ports: AccountPorts,
  {
    person,
    username,
    mail,
  }: {
    readonly person: PersonKey;
    readonly username: Username | undefined;
    readonly mail: Username | null;
  },
  signal: AbortSignal,
): Promise<void> {
  if (mail !== null && username !== undefined) {
    const proof: UsernameProof = { person, username: mail, issuedAt: ports.clock.now(), source: 'directory' };
    await claimUsername(ports, { ...proof, aliasOf: username }, signal);
  }
  await changePerson(ports, { person, signal }, async ({ profile }) => {
    if (profile === undefined || profile.mail === mail) return { result: undefined };
    if (profile.mail !== null && profile.mail !== profile.username)
      await releaseFully(ports, { person, username: profile.mail }, signal);
    return { result: undefined, change: { profile: touch(profile, { mail }) } };
  });
}
