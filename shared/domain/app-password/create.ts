import type { AuditRecord } from '../audit-record.ts';
import { entry } from '../person/activity.ts';
import { type Caller, self } from '../person/caller.ts';
import { type ChangePorts, changePerson, isStep, touch } from '../person/change.ts';
import { refuseCaller } from '../person/own-change.ts';
import type { Person, Profile } from '../person/profile.ts';
import { mayCreate, type Policy } from '../policy/policy.ts';
import type { Change, Ports } from '../ports.ts';
import { Unavailable } from '../unavailable.ts';
import { holdUsername } from '../username/follow-username.ts';
import type { Versioned } from '../versioned.ts';
import type { AppPassword } from './app-password.ts';
import { deletedRecord } from './delete.ts';
import { effective, remaining } from './effective-state.ts';
import { type Generated, generateAppPassword, type NewAppPassword } from './new-app-password.ts';

/** A new app password. The password exists in this answer and nowhere else. */
export interface Created {
  readonly kind: 'created';
  readonly appPassword: AppPassword;
  readonly password: string;
}

export type CreateRefusal =
  | { readonly kind: 'limit-reached'; readonly limit: number }
  | { readonly kind: 'protocols-not-allowed' }
  | { readonly kind: 'too-many-requests' | 'temporarily-unavailable' }
  | { readonly kind: 'already-past' }
  | { readonly kind: 'lifetime-not-allowed' }
  | {
      readonly kind: 'already-used' | 'account-disabled' | 'creation-denied' | 'username-not-accepted';
    };

/** What creating needs. */
export type CreatePorts = ChangePorts &
  Pick<Ports, 'usernames' | 'directory' | 'policy' | 'pepper' | 'unlessCrowded' | 'refused'>;

/** Who wants which new app password. */
export interface Wanted {
  readonly caller: Caller;
  readonly wanted: NewAppPassword;
}

/** How registering differs from creating. */
export interface Operation<R> {
  readonly operation: 'create' | 'register';
  /**
   * Decides, knowing what an earlier request with the same idempotency key made, that there is another answer than a
   * new password.
   */
  readonly instead: (person: Person, earlier: AppPassword | undefined) => R | undefined;
  /** What the profile notes along with a new password. */
  readonly note: (profile: Profile) => Partial<Profile>;
}

/**
 * Creates an app password for the caller. It needs no registration.
 *
 * @throws Unavailable when storage or the pepper is away.
 */
export function createAppPassword(
  ports: CreatePorts,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Created | CreateRefusal> {
  const create = { operation: 'create', instead: () => undefined, note: () => ({}) } as const;
  return createPassword<never>(ports, { ...wanted, ...create }, signal);
}

/**
 * Adds an app password to the caller's: the name's row first, then one transaction. A repeat with the same idempotency
 * key puts a new password in the place of the one that nobody used.
 */
export async function createPassword<R extends { kind: string }>(
  ports: CreatePorts,
  it: Wanted & Operation<R>,
  signal: AbortSignal,
): Promise<R | Created | CreateRefusal> {
  const { caller } = it;
  const result = await ports.unlessCrowded(caller.person, () => createUncrowded(ports, it, signal));
  if (result !== 'crowded' && result !== 'late') return result;
  refuseCaller(ports, { caller, act: 'own-recent', reason: 'too-many-requests' });
  return { kind: result === 'crowded' ? 'too-many-requests' : 'temporarily-unavailable' };
}

async function createUncrowded<R extends { kind: string }>(
  ports: CreatePorts,
  { caller, operation, wanted, instead, note }: Wanted & Operation<R>,
  signal: AbortSignal,
): Promise<R | Created | CreateRefusal> {
  const [policy, generated] = await Promise.all([
    ports.policy.read(signal),
    generateAppPassword(ports, { caller, operation, wanted }, signal),
  ]);
  const { password } = generated;
  const appPassword = effective(generated.appPassword, policy, generated.appPassword.createdAt);
  const created: Created = { kind: 'created', appPassword, password };
  const refused = refusalByPolicy(policy, { caller, wanted }, ports.clock.now());
  const actor = self(caller);
  const { person } = caller;
  const made: AuditRecord = {
    event: 'app-password.created',
    actor,
    person,
    appPassword: appPassword.id,
    operation,
  };
  const result = await changePerson<R | Created | CreateRefusal>(ports, { person, signal }, async (found) => {
    if (found.profile?.account === 'disabled') return { result: { kind: 'account-disabled' } };
    const holding = await holdUsername(ports, { caller, profile: found.profile }, signal);
    if (holding === 'refused') return { result: { kind: 'username-not-accepted' } };
    if (isStep(holding)) return holding;
    const { profile, held } = holding;

    const before = madeBefore(found, generated);
    // The newest request wins: whoever sent this one has sent another since, and holds the password of that.
    if (before.some(({ createdAt }) => createdAt > generated.appPassword.createdAt))
      throw new Unavailable('a newer request with the same idempotency key came first');
    const earlier = before.find(({ state }) => state !== 'deleted') ?? before[0];
    const other = instead(found, earlier);
    if (other !== undefined) return { result: other };
    if (refused !== undefined) return { result: refused };
    const activity = entry(ports, { kind: 'created', actor, appPassword });
    if (earlier !== undefined && earlier.state !== 'deleted') {
      if (earlier.state !== 'active' || earlier.lastUsed !== null)
        return { result: { kind: 'already-used' } };
      const replaced = deletedRecord(actor, person, earlier);
      const change = replace(touch(profile, held), earlier, generated);
      return { result: created, change: { ...change, activity, records: [made, replaced] } };
    }
    if (remaining(profile, policy) === 0) return { result: { kind: 'limit-reached', limit: policy.limit } };
    const to = touch(profile, { ...note(profile), ...held, count: profile.count + 1 });
    return {
      result: created,
      change: { profile: to, create: [generated.appPassword], activity, records: [made] },
    };
  });
  if (result.kind !== 'created')
    ports.audit.record({ event: 'app-password.not-created', actor, person, reason: result.kind, operation });
  return result;
}

function refusalByPolicy(
  policy: Policy,
  { caller, wanted: { protocols, expiresAt, lifetimeDays } }: Wanted,
  now: number,
): CreateRefusal | undefined {
  if (!mayCreate(policy, caller)) return { kind: 'creation-denied' };
  if (expiresAt !== null && expiresAt <= now) return { kind: 'already-past' };
  if (lifetimeDays !== null && lifetimeDays > (policy.maximumLifetimeDays ?? Number.POSITIVE_INFINITY))
    return { kind: 'lifetime-not-allowed' };
  const isAllowed = protocols?.every((protocol) => policy.protocols?.includes(protocol) ?? true) ?? true;
  return isAllowed ? undefined : { kind: 'protocols-not-allowed' };
}

/** What requests with the same idempotency key made: at most one of them is live, as each replaces the one before. */
function madeBefore({ passwords }: Person, { appPassword }: Generated): readonly Versioned<AppPassword>[] {
  if (appPassword.requestKey === null) return [];
  return passwords.filter(({ requestKey }) => requestKey === appPassword.requestKey);
}

/** Replacing happens under the old row's own version, so that a use noted in between stops it. */
function replace(
  profile: Change['profile'],
  old: Versioned<AppPassword>,
  { appPassword }: Generated,
): Change {
  const set = { state: 'deleted', deletedAt: appPassword.createdAt } as const;
  return { profile, create: [appPassword], update: [{ password: old, set }] };
}
