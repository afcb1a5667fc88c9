import type { Protocol } from '../gateway/protocol.ts';
import type { PepperVersion } from '../pepper.ts';
import type { Evidence } from '../person/caller.ts';
import type { PersonKey } from '../person/person.ts';
import type { Password } from './password.ts';

/** One app password; times in milliseconds since the epoch. */
export interface AppPassword {
  readonly key: PasswordKey;
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** When it stops working by itself. */
  readonly expiresAt: number | null;
  /** The protocols that it is for; null for whatever the policy allows. */
  readonly protocols: readonly Protocol[] | null;
  /** Only an active one works; its owner sees all but the deleted ones. `expired` is never stored. */
  readonly state: 'active' | 'suspended' | 'expired' | 'deleted';
  readonly suspendedFor: readonly SuspensionReason[];
  readonly deletedAt: number | null;
  readonly revivedAt: number | null;
  readonly lastUsed: LastUsed | null;
  readonly refusals: Refusals | null;
  /** How whoever made it proved a second factor; null for one from before this was kept. */
  readonly proof: Evidence | null;
  /** Identifies the request that made it, for a repeat after a lost answer. */
  readonly requestKey: string | null;
}

/** Why an app password is suspended. `idle` is never stored: it follows from the policy and the last use. */
export const suspensionReasons = ['idle', 'account', 'administrator', 'restored'] as const;
export type SuspensionReason = (typeof suspensionReasons)[number];

/** When and from where a password was last accepted. */
export interface LastUsed {
  readonly at: number;
  readonly protocol: Protocol | null;
  readonly gateway: string;
  readonly clientAddress: string | null;
}

/** Why verify refused; only the owner, administrators, the helpdesk and the audit trail learn it. */
export type RefusalReason =
  | 'unknown-username'
  /** The right app password under a username that its holder gave up. */
  | 'former-username'
  | 'unknown-app-password'
  | 'deleted'
  | 'expired'
  | 'suspended'
  | 'wrong-protocol'
  | 'verification-denied';

/** One refusal of a well-formed password. */
export interface Refusal extends LastUsed {
  readonly reason: RefusalReason;
}

/** The refusals that were counted; some may be missing. */
export interface Refusals {
  readonly count: number;
  /** When the first one was. */
  readonly since: number;
  /** When they were last written. */
  readonly writtenAt: number;
  /** The newest ones, newest first. */
  readonly recent: readonly Refusal[];
}

/** Where a password lies: the pepper's version and the digest under it. */
export type PasswordKey = string & { readonly __brand: 'PasswordKey' };

/** The key under which a password is stored: only a keyed hash of it, bound to its person. */
export function passwordKey(pepper: PepperVersion, person: PersonKey, password: Password): PasswordKey {
  return `${pepper.version}.${pepper.digest(`app-password:1\0${person}\0${password}`)}` as PasswordKey;
}
