import { suspension } from '../app-password/suspend.ts';
import type { Change, Ports } from '../ports.ts';
import { claimUsername } from '../username/claim-username.ts';
import { followUsername } from '../username/follow-username.ts';
import type { Username } from '../username/username.ts';
import type { UsernameProof } from '../username/username-proof.ts';
import { entry } from './activity.ts';
import type { Actor } from './caller.ts';
import { type ChangePorts, changePerson, isStep, touch } from './change.ts';
import type { NotFound } from './own-change.ts';
import { oidOf, type PersonKey, tenantOf } from './person.ts';
import { isErased, type Profile } from './profile.ts';

interface AccountSet {
  readonly kind: 'set';
  readonly username: Username;
  readonly account: Profile['account'];
}

/** What changing an account needs. */
export type AccountPorts = ChangePorts & Pick<Ports, 'usernames' | 'directory'>;

/** An account state for a person, and who gives it. */
export interface AccountChange {
  readonly actor: Actor;
  readonly person: PersonKey;
  readonly account: Profile['account'];
}

/** What an administrator wants for a person. */
export interface WantedAccount {
  readonly actor: Actor;
  readonly person: PersonKey;
  readonly account?: Profile['account'] | undefined;
  readonly username?: Username | undefined;
}

export type SetResult = AccountSet | NotFound | { readonly kind: 'username-not-accepted' };

/**
 * Disables a person's account, which suspends all app passwords in the same transaction, or enables it again.
 *
 * @throws Unavailable when storage is away.
 */
export function setAccount(
  ports: AccountPorts,
  { actor, person, account }: AccountChange,
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
export function setUsername(
  ports: AccountPorts,
  { actor, proof }: { readonly actor: Actor; readonly proof: UsernameProof },
  signal: AbortSignal,
): Promise<SetResult> {
  return changePerson<SetResult>(ports, { person: proof.person, signal }, async ({ profile }) => {
    if (profile === undefined || isErased(profile)) return { result: { kind: 'not-found' } };
    const step = await followUsername(ports, { actor, proof, profile }, signal);
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
 * @returns `forbidden` where there is one, for one's own account, and for an application that gives a username;
 *   `username-not-accepted` where a later proof gives the username to somebody else.
 * @throws Unavailable when storage is away; doing it again does the rest.
 */
export async function changeAccount(
  ports: AccountPorts & Pick<Ports, 'refused'>,
  { actor, person, account, username }: WantedAccount,
  signal: AbortSignal,
): Promise<SetResult | { readonly kind: 'forbidden'; readonly detail: string }> {
  if (ports.directory.namesPeople)
    return { kind: 'forbidden', detail: 'The directory says who is enabled, and under which name.' };
  const refusal = objectionTo(actor, person, username !== undefined);
  if (refusal !== undefined) {
    const caller = 'id' in actor ? actor.id : null;
    ports.refused({ act: 'change', reason: refusal.reason, caller, tenant: tenantOf(person) });
    return { kind: 'forbidden', detail: refusal.detail };
  }
  const profile = await ports.passwords.profile(person, signal);
  if (profile === undefined || isErased(profile)) return { kind: 'not-found' };
  let result: AccountSet | NotFound = { kind: 'set', username: profile.username, account: profile.account };
  if (account !== undefined) result = await setAccount(ports, { actor, person, account }, signal);
  if (username === undefined || result.kind !== 'set') return result;
  const proof = { person, username, issuedAt: ports.clock.now(), source: 'administrator' } as const;
  return setUsername(ports, { actor, proof }, signal);
}

/** Whoever gives a username gives the mailbox of that username: it takes a second factor, and somebody else. */
function objectionTo(actor: Actor, person: PersonKey, givesName: boolean) {
  if (actor.kind === 'application' && givesName)
    return { reason: 'application', detail: 'Only a person gives a username.' } as const;
  if ('id' in actor && actor.id === oidOf(person))
    return { reason: 'own-account', detail: 'Nobody changes their own account or username.' } as const;
  return undefined;
}
