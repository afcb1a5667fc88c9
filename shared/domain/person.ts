import type { Protocol } from './protocol.ts';
import type { Username, UsernameKey } from './username.ts';

/** A person, for ever: `<tid>.<oid>`. Never derived from a name. */
export type PersonKey = string & { readonly __brand: 'PersonKey' };

export function personKey(tid: string, oid: string): PersonKey {
  return `${tid}.${oid}` as PersonKey;
}

/** The tenant of a person (`tid`). */
export function tenantOf(person: PersonKey): string {
  return person.slice(0, person.indexOf('.'));
}

/** The immutable id of a person in the directory (`oid`). */
export function oidOf(person: PersonKey): string {
  return person.slice(person.indexOf('.') + 1);
}

/** Stands in for the person of an unknown username, so that a refusal costs the same reads. It owns nothing. */
export function nobody(username: UsernameKey): PersonKey {
  return `nobody.${username}` as PersonKey;
}

/** Stands in for the owner of a username that was released. It owns nothing, and nobody is it, as no `oid` has a dot. */
export function noOwner(tid: string): PersonKey {
  return personKey(tid, idOfNoOwner);
}

export function isNoOwner(person: PersonKey): boolean {
  return oidOf(person) === idOfNoOwner;
}

const idOfNoOwner = 'no.owner';

/** The app role of administrators. */
export const adminRole = 'AppPasswords.Admin';

/** The app role of people who see what administrators see, and change nothing. */
export const helpdeskRole = 'AppPasswords.Helpdesk';

/** The app role of those who may create, where the policy asks for it. */
export const userRole = 'AppPasswords.User';

/** Who says that a person has a username: the person's own token, the directory, or an administrator by hand. */
export type NameSource = 'token' | 'directory' | 'administrator';

/** A proof that a person has a username. */
export interface NameProof {
  readonly person: PersonKey;
  readonly username: Username;
  /** When it was given, as when the token that says so was issued, in milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly source: NameSource;
}

/** How a sign-in proved a second factor: `amr` (RFC 8176) or authentication contexts, and when it was. */
export interface FactorProof {
  readonly amr: readonly string[];
  readonly acrs: readonly string[];
  readonly authenticatedAt: number | null;
}

/** The person behind a request that proved a second factor. */
export interface Caller extends NameProof {
  readonly roles: readonly string[];
  readonly proof: FactorProof;
}

/** Who does something; the id is the person's (`oid`) or the application's. */
export type Actor =
  | { readonly kind: 'person' | 'administrator' | 'application'; readonly id: string }
  | { readonly kind: 'directory' | 'operator' };

/** Who looks at what is kept of people: one who may change it, or the helpdesk; the id is as of an {@link Actor}. */
export type Viewer = Actor | { readonly kind: 'helpdesk'; readonly id: string };

/** What is kept about a person beside the passwords. Every change of them goes through its version. */
export interface Profile {
  /** Empty for a person who was erased. */
  readonly username: Username;
  /** When the username was proved; an older proof does not take it back. */
  readonly usernameIssuedAt: number;
  readonly usernameSource: NameSource;
  /** A name of a rename under way: the new one until it is claimed, then the old one until it is removed. */
  readonly formerUsername: Username | null;
  /** The mail address that works in the place of the username, where the directory gives one. */
  readonly mail: Username | null;
  readonly registeredAt: number | null;
  /** How many passwords count against the limit. */
  readonly count: number;
  readonly account: 'enabled' | 'disabled';
  /** Refusals of passwords that are none of this person's. */
  readonly refusals: Refusals | null;
}

/** Whether of a person nothing is left. */
export function isErased({ username }: Pick<Profile, 'username'>): boolean {
  return username === '';
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

/** Why verify refused; only the owner, administrators, the helpdesk and the audit trail learn it. */
export type RefusalReason =
  | 'unknown-username'
  /** The right app password under a username that its owner gave up. */
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

/** Why an app password is suspended. `idle` is never stored: it follows from the policy and the last use. */
export const suspensionReasons = ['idle', 'account', 'administrator', 'restored'] as const;
export type SuspensionReason = (typeof suspensionReasons)[number];

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
  readonly proof: FactorProof | null;
  /** Identifies the request that made it, for a repeat after a lost answer. */
  readonly requestKey: string | null;
}

/** What changed, and who changed it, as its owner reads it. */
export interface Activity {
  readonly key: string;
  readonly at: number;
  readonly kind:
    | 'created'
    | 'renamed'
    | 'deleted'
    | 'deleted-all'
    | 'revived'
    | 'suspended'
    | 'resumed'
    | 'restored'
    | 'account-disabled'
    | 'account-enabled'
    | 'account-deleted'
    | 'username-changed';
  readonly by: 'person' | 'administrator' | 'directory' | 'operator';
  /** The one that it was about, with the name that it had. */
  readonly appPassword: Pick<AppPassword, 'id' | 'name'> | null;
  /** How many it was about, where it was about several. */
  readonly count: number | null;
}

/** Something that was read, with the version under which it may be changed (an ETag, RFC 9110 section 8.8.3). */
export type Versioned<T> = T & { readonly version: string };

/** Everything that is kept of one person, read at one moment. */
export interface Person {
  readonly profile: Versioned<Profile> | undefined;
  readonly passwords: readonly Versioned<AppPassword>[];
  /** Newest first. */
  readonly activity: readonly Activity[];
}
