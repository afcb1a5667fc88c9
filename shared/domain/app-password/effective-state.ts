import type { Protocol } from '../gateway/protocol.ts';
import type { Profile } from '../person/profile.ts';
import type { Policy } from '../policy/policy.ts';
import type { Versioned } from '../versioned.ts';
import type { AppPassword, RefusalReason, SuspensionReason } from './app-password.ts';

export const day = 24 * 3600_000;

/** What decides the effective state of an app password. */
type Underlying = Pick<
  AppPassword,
  'createdAt' | 'expiresAt' | 'protocols' | 'state' | 'suspendedFor' | 'revivedAt' | 'lastUsed'
>;

/**
 * An app password with its effective state at one moment, under the policy: a stricter policy holds for those that
 * exist, and nothing of it is written.
 */
export function effective<T extends Underlying>(password: T, policy: Policy, now: number): T {
  const expiresAt = lastMoment(password, policy);
  const protocols = both(password.protocols, policy.protocols);
  if (password.state === 'deleted') return { ...password, expiresAt, protocols };
  const isIdle = policy.idleDays !== null && now - lastSign(password) >= policy.idleDays * day;
  const suspendedFor: SuspensionReason[] = [...(isIdle ? (['idle'] as const) : []), ...password.suspendedFor];
  const isExpired = expiresAt !== null && now >= expiresAt;
  const state = isExpired ? 'expired' : suspendedFor.length > 0 ? 'suspended' : 'active';
  return { ...password, expiresAt, protocols, suspendedFor, state };
}

/**
 * Why an app password in this effective state does not work for a protocol.
 *
 * @returns undefined where it works.
 */
export function refusalReason(
  { state, protocols }: AppPassword,
  protocol: Protocol | null,
): RefusalReason | undefined {
  if (state !== 'active') return state;
  const isAllowed = protocols === null || (protocol !== null && protocols.includes(protocol));
  return isAllowed ? undefined : 'wrong-protocol';
}

/** How many more app passwords a person may make. */
export function remaining(profile: Versioned<Profile> | undefined, { limit }: Policy): number {
  return Math.max(0, limit - (profile?.count ?? 0));
}

function lastMoment({ createdAt, expiresAt }: Underlying, { maximumLifetimeDays }: Policy): number | null {
  if (maximumLifetimeDays === null) return expiresAt;
  return Math.min(expiresAt ?? Number.POSITIVE_INFINITY, createdAt + maximumLifetimeDays * day);
}

function lastSign({ createdAt, lastUsed, revivedAt }: Underlying): number {
  return Math.max(createdAt, lastUsed?.at ?? 0, revivedAt ?? 0);
}

function both(own: readonly Protocol[] | null, allowed: readonly Protocol[] | null) {
  if (own === null || allowed === null) return own ?? allowed;
  return own.filter((protocol) => allowed.includes(protocol));
}
