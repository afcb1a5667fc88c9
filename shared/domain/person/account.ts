import { deletion } from '../app-password/delete.ts';
import { suspension } from '../app-password/suspend.ts';
import type { Change, Ports } from '../ports.ts';
import {
  claimUsername,
  followUsername,
  releaseUsername,
  removeUsername,
} from '../username/follow-username.ts';
import { isGivenUp } from '../username/former-username.ts';
import type { NameProof } from '../username/name-proof.ts';
import { type Username, type UsernameRules, usernameOfToken } from '../username/username.ts';
import { entry } from './activity.ts';
import type { Actor } from './caller.ts';
import { changePerson, isStep, touch } from './change.ts';
import type { NotFound } from './own-change.ts';
import { isNoOwner, oidOf, type PersonKey, personKey, tenantOf } from './person.ts';
import { isErased, type Profile } from './profile.ts';

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

interface AccountSet {
  readonly kind: 'set';
  readonly username: Username;
  readonly account: Profile['account'];
}

export type SetResult = AccountSet | NotFound | { readonly kind: 'username-not-accepted' };

/**
 * Disables a person's account, which suspends all app passwords in the same transaction, or enables it again.
 *
 * @throws Unavailable when storage is away.
 */
function setAccount(
  ports: Ports,
  actor: Actor,
  person: PersonKey,
  account: Profile['account'],
  signal: AbortSignal,
): Promise<AccountSet | NotFound> {
  return changePerson<AccountSet | NotFound>(ports, { person, signal }, ({ profile, passwords }) => {
    if (profile === undefined || isErased(profile)) return { result: { kind: 'not-found' } };
    const result = { kind: 'set', username: profile.username, account } as const;
    if (profile.account === account) return { result };
    const live = passwords.filter(({ state }) => state !== 'deleted');
    const change: Change = {
      profile: touch(profile, { account }),
      activity: entry(ports, { kind: `account-${account}`, actor, count: live.length }),
      records: [{ event: `account.${account}`, actor, person }],
      update: live.map((password) => {
        const others = password.suspendedFor.filter((reason) => reason !== 'account');
        return { password, set: suspension(account === 'disabled' ? [...others, 'account'] : others) };
      }),
    };
    return { result, change };
  });
}

/**
 * Gives a person another username, by a proof that is not a token.
 *
 * @returns `username-not-accepted` where a stronger proof gives it to somebody else.
 * @throws Unavailable when storage is away.
 */
function setUsername(ports: Ports, actor: Actor, proof: NameProof, signal: AbortSignal): Promise<SetResult> {
  return changePerson<SetResult>(ports, { person: proof.person, signal }, async ({ profile }) => {
    if (profile === undefined || isErased(profile)) return { result: { kind: 'not-found' } };
    const step = await followUsername(ports, actor, proof, profile, signal);
    if (isStep(step)) return step;
    if (step === 'refused' || !(await claimUsername(ports, proof, signal)))
      return { result: { kind: 'username-not-accepted' } };
    const result = { kind: 'set', username: profile.username, account: profile.account } as const;
    if (profile.usernameSource === proof.source || proof.source !== 'directory') return { result };
    const set = { usernameSource: proof.source, usernameIssuedAt: proof.issuedAt };
    return { result, change: { profile: touch(profile, set) } };
  });
}

/**
 * Sets a person's account state and username by hand, for an administrator, where there is no directory that says them.
 *
 * @returns `forbidden` where there is one, for one's own account, and for an application that gives a name;
 *   `username-not-accepted` where a later proof gives the name to somebody else.
 * @throws Unavailable when storage is away; doing it again does the rest.
 */
export async function changeAccount(
  ports: Ports,
  actor: Actor,
  person: PersonKey,
  to: { readonly account?: Profile['account'] | undefined; readonly username?: Username | undefined },
  signal: AbortSignal,
): Promise<SetResult | { readonly kind: 'forbidden'; readonly detail: string }> {
  if (ports.directory.namesPeople)
    return { kind: 'forbidden', detail: 'The directory says who is enabled, and under which name.' };
  const refusal = objectionTo(actor, person, to.username !== undefined);
  if (refusal !== undefined) {
    const caller = 'id' in actor ? actor.id : null;
    ports.refused({ act: 'change', reason: refusal.reason, caller, tenant: tenantOf(person) });
    return { kind: 'forbidden', detail: refusal.detail };
  }
  const profile = await ports.passwords.profile(person, signal);
  if (profile === undefined || isErased(profile)) return { kind: 'not-found' };
  let result: AccountSet | NotFound = { kind: 'set', username: profile.username, account: profile.account };
  if (to.account !== undefined) result = await setAccount(ports, actor, person, to.account, signal);
  if (to.username === undefined || result.kind !== 'set') return result;
  const proof = {
    person,
    username: to.username,
    issuedAt: ports.clock.now(),
    source: 'administrator',
  } as const;
  return setUsername(ports, actor, proof, signal);
}

/** Whoever gives a name gives the mailbox of that name: it takes a second factor, and somebody else. */
function objectionTo(actor: Actor, person: PersonKey, givesName: boolean) {
  if (actor.kind === 'application' && givesName)
    return { reason: 'application', detail: 'Only a person gives a username.' } as const;
  if ('id' in actor && actor.id === oidOf(person))
    return { reason: 'own-account', detail: 'Nobody changes their own account or username.' } as const;
  return undefined;
}

/**
 * Follows what the directory says of one person: the state of the account, the username, the mail address. Of a
 * person who is not known here, only the name counts: it belongs to nobody else any more.
 *
 * @throws Unavailable when storage is away; doing it again does the rest.
 */
export async function followUser(
  ports: Ports,
  rules: DirectoryRules,
  user: DirectoryUser,
  signal: AbortSignal,
): Promise<void> {
  const actor: Actor = { kind: 'directory' };
  const person = personKey(rules.tenantId, user.oid);
  const username = acceptable(user.username, rules);
  const state = await setAccount(ports, actor, person, user.isEnabled ? 'enabled' : 'disabled', signal);
  if (state.kind === 'not-found') {
    if (username !== undefined) await takeFromOthers(ports, person, username, signal);
    return;
  }
  if (username === undefined) {
    // The directory's word on the name is final, also where it is that there is none here.
    await nameByDirectory(ports, person, signal);
    await releaseFully(ports, person, state.username, signal);
  } else {
    const proof: NameProof = { person, username, issuedAt: ports.clock.now(), source: 'directory' };
    await setUsername(ports, actor, proof, signal);
  }
  const mail = user.mail === null ? undefined : acceptable(user.mail, rules);
  const isAlias = rules.takesMail && mail !== username && username !== undefined;
  await followMail(ports, person, username, (isAlias ? mail : null) ?? null, signal);
}

/**
 * Follows the end of an account: all app passwords are deleted, and the names are free.
 *
 * @throws Unavailable when storage is away; doing it again does the rest.
 */
export async function followRemoval(
  ports: Ports,
  { tenantId }: DirectoryRules,
  oid: string,
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
  for (const name of namesOf(profile)) await removeFully(ports, person, name, signal);
}

/** From now on no token brings the person's name back. */
function nameByDirectory(ports: Ports, person: PersonKey, signal: AbortSignal): Promise<void> {
  return changePerson(ports, { person, signal }, ({ profile }) => {
    if (profile === undefined || profile.usernameSource === 'directory') return { result: undefined };
    return { result: undefined, change: { profile: touch(profile, { usernameSource: 'directory' }) } };
  });
}

/** All names under which a person may be found. */
export function namesOf({ username, formerUsername, mail }: Profile): readonly Username[] {
  return [username, formerUsername, mail].filter((name) => name !== null && name !== '') as Username[];
}

/** Gives a name of the person's up, whatever happens to it in between. */
export async function releaseFully(
  ports: Pick<Ports, 'usernames' | 'audit' | 'clock'>,
  person: PersonKey,
  username: Username,
  signal: AbortSignal,
): Promise<void> {
  while (!(await releaseUsername(ports, { person }, username, signal)));
}

/** Removes a name of the person's, whatever happens to it in between. */
export async function removeFully(
  ports: Pick<Ports, 'usernames' | 'audit'>,
  person: PersonKey,
  username: Username,
  signal: AbortSignal,
): Promise<void> {
  while (!(await removeUsername(ports, { person }, username, signal)));
}

/** The mark that Entra ID puts into the names of guests makes them no names here. */
function acceptable(name: string, { usernames }: DirectoryRules): Username | undefined {
  const username = usernameOfToken(name, usernames);
  return username?.includes('#ext#') ? undefined : username;
}

async function takeFromOthers(ports: Ports, person: PersonKey, username: Username, signal: AbortSignal) {
  const held = await ports.usernames.read(username, signal);
  if (held === undefined || held.person === person || isGivenUp(held)) return;
  // What an operator released is free for any proof of whom the directory gives it to.
  const takeFrom = isNoOwner(held.person) ? removeFully : releaseFully;
  await takeFrom(ports, held.person, username, signal);
}

/** The new address works before the old one stops, and the profile forgets the old one last. */
async function followMail(
  ports: Ports,
  person: PersonKey,
  username: Username | undefined,
  mail: Username | null,
  signal: AbortSignal,
): Promise<void> {
  if (mail !== null && username !== undefined) {
    const proof: NameProof = { person, username: mail, issuedAt: ports.clock.now(), source: 'directory' };
    await claimUsername(ports, proof, signal, username);
  }
  await changePerson(ports, { person, signal }, async ({ profile }) => {
    if (profile === undefined || profile.mail === mail) return { result: undefined };
    if (profile.mail !== null && profile.mail !== profile.username)
      await releaseFully(ports, person, profile.mail, signal);
    return { result: undefined, change: { profile: touch(profile, { mail }) } };
  });
}
