import type { Protocol } from './protocol.ts';
import type { Username, UsernameKey } from './username.ts';

/** A person, for ever: `<tid>.<oid>`. Never derived from a name. */
export type PersonKey = string & { readonly __brand: 'PersonKey' };

export function personKey(tid: string, oid: string): PersonKey {
  return `${tid}.${oid}` as PersonKey;
}

/** Stands in for the person of an unknown username, so that a refusal costs the same reads. It owns nothing. */
export function nobody(username: UsernameKey): PersonKey {
  return `nobody.${username}` as PersonKey;
}

/** The app role of administrators. */
export const adminRole = 'AppPasswords.Admin';

/** The app role of those who may create, where the policy asks for it. */
export const userRole = 'AppPasswords.User';

/** The person behind a request that proved a second factor. */
export interface Caller {
  readonly person: PersonKey;
  readonly username: Username;
  /** When the token that says so was issued, in milliseconds since the epoch. */
  readonly issuedAt: number;
}

/** What is kept about a person beside the passwords. Every change of them goes through its version. */
export interface Profile {
  readonly username: Username;
  /** When the token was issued that gave the username; an older one does not take it back. */
  readonly usernameIssuedAt: number;
  /** A name of a rename under way: the new one until it is claimed, then the old one until it is removed. */
  readonly formerUsername: Username | null;
  readonly registeredAt: number | null;
  /** How many passwords count against the limit. */
  readonly count: number;
  readonly account: 'enabled' | 'disabled';
}

/** Where a password lies: the pepper's version and the digest under it. */
export type PasswordKey = string & { readonly __brand: 'PasswordKey' };

/** When and from where a password was last accepted. */
export interface LastUsed {
  readonly at: number;
  readonly protocol: Protocol | null;
  readonly gateway: string;
  readonly clientAddress: string | null;
}

/** One app password as it is kept; times in milliseconds since the epoch. */
export interface AppPassword {
  readonly key: PasswordKey;
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Only an active one works; its owner sees all but the deleted ones. */
  readonly state: 'active' | 'suspended' | 'deleted';
  readonly deletedAt: number | null;
  readonly lastUsed: LastUsed | null;
  /** Identifies the request that made it, for a repeat after a lost answer. */
  readonly requestKey: string | null;
}

/** Something that was read, with the version under which it may be changed (an ETag, RFC 9110 section 8.8.3). */
export type Versioned<T> = T & { readonly version: string };

/** Everything that is kept of one person, read at one moment. */
export interface Person {
  readonly profile: Versioned<Profile> | undefined;
  readonly passwords: readonly Versioned<AppPassword>[];
}
