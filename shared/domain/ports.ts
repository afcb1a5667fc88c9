import type { FormerHolder } from './former-username.ts';
import type { PendingRefusals } from './note-refusal.ts';
import type {
  Activity,
  Actor,
  AppPassword,
  LastUsed,
  NameProof,
  PasswordKey,
  Person,
  PersonKey,
  Profile,
  RefusalReason,
  Refusals,
  Versioned,
  Viewer,
} from './person.ts';
import type { Policy } from './policy.ts';
import type { Protocol } from './protocol.ts';
import type { Username, UsernameKey } from './username.ts';

/** Storage, Key Vault or the identity provider did not answer, or not in time. Never an answer: 503, try again. */
export class Unavailable extends Error {
  override name = 'Unavailable';
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits, and rejects as soon as the signal is aborted. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export interface Random {
  /** A uniformly random integer from 0 to `limit` - 1, fit for secrets. */
  below(limit: number): number;
  /** A random UUID (RFC 9562 version 4). */
  uuid(): string;
}

/** One version of the pepper. The key itself stays behind the port. */
export interface PepperVersion {
  readonly version: string;
  /** HMAC-SHA-256 of the message under this version, base64url. */
  digest(message: string): string;
}

export interface Peppers {
  /** All enabled versions, newest first; never empty. */
  readonly enabled: readonly [PepperVersion, ...PepperVersion[]];
  /** The one that new passwords are written under. */
  readonly writing: PepperVersion;
  /** The list is so old that a version may exist which is not in it: a miss proves nothing. */
  readonly stale: boolean;
}

export interface Pepper {
  /** @throws Unavailable before the first version was read. */
  read(signal: AbortSignal): Promise<Peppers>;
}

/** Who holds a username, as verify sees it, or who did until lately. */
export interface UsernameHolder {
  readonly person: PersonKey;
  /** The canonical one; null for a former name, which lets nobody in. */
  readonly username: Username | null;
}

/** Who holds a username, by which proof. */
export interface UsernameClaim extends NameProof {
  /** The canonical username, for a name that stands for another one. */
  readonly aliasOf: Username | null;
  /** Whose it was, for a name that is nobody's. */
  readonly former: FormerHolder | null;
}

export type FormerUsername = UsernameClaim & { readonly former: FormerHolder };

export interface Usernames {
  /** Who holds it; may be up to 10 seconds old. */
  holder(key: UsernameKey, signal: AbortSignal): Promise<UsernameHolder | undefined>;
  read(username: Username, signal: AbortSignal): Promise<Versioned<UsernameClaim> | undefined>;
  /** Writes a claim over the one that was read, or where there was none; false if it has changed since. */
  write(
    claim: UsernameClaim,
    over: Versioned<UsernameClaim> | undefined,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Removes the claim that was read; false if it has changed since. */
  remove(claim: Versioned<UsernameClaim>, signal: AbortSignal): Promise<boolean>;
  /** All names that are nobody's and of which is kept whose they were, in one scan. */
  former(signal: AbortSignal): AsyncIterable<Versioned<FormerUsername>>;
}

/** One change of a person, all of it or nothing. */
export interface Change {
  readonly profile: {
    readonly from: Versioned<Profile> | undefined;
    readonly to: Profile;
  };
  /** What the person reads about it. */
  readonly activity?: Activity;
  /** What the audit trail says about it, once it is done. */
  readonly records?: readonly AuditRecord[];
  readonly create?: readonly AppPassword[];
  readonly update?: readonly {
    readonly password: Versioned<AppPassword>;
    readonly set: Partial<Pick<AppPassword, 'name' | 'state' | 'suspendedFor' | 'deletedAt' | 'revivedAt'>>;
  }[];
  /** Moves a password to another key with all that is kept of it, also what this version does not know. */
  readonly move?: {
    readonly password: Versioned<AppPassword>;
    readonly to: PasswordKey;
    readonly lastUsed: LastUsed;
  };
  readonly remove?: readonly (AppPassword | Activity)[];
}

export interface Passwords {
  /** Everything of one person. */
  person(person: PersonKey, signal: AbortSignal): Promise<Person>;
  profile(person: PersonKey, signal: AbortSignal): Promise<Versioned<Profile> | undefined>;
  /** One point read, made anew for every verify. */
  find(person: PersonKey, key: PasswordKey, signal: AbortSignal): Promise<Versioned<AppPassword> | undefined>;
  /** Applies a change if nothing that it touches has changed since; else false, and nothing is changed. */
  commit(person: PersonKey, change: Change, signal: AbortSignal): Promise<boolean>;
  /** Notes a use, if the password has not changed since; false otherwise. */
  used(
    person: PersonKey,
    password: Versioned<AppPassword>,
    lastUsed: LastUsed,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Notes refusals of a password, or with a profile of those that are none, if it has not changed since; false otherwise. */
  refused(
    person: PersonKey,
    row: Versioned<AppPassword> | Versioned<Profile>,
    refusals: Refusals,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Leaves nothing of a profile but that its person was erased; false if it has changed since. */
  erase(person: PersonKey, profile: Versioned<Profile>, at: number, signal: AbortSignal): Promise<boolean>;
}

export interface Policies {
  /** The policy in force; may be up to 60 seconds old. */
  read(signal: AbortSignal): Promise<Policy>;
  /** The policy as it is stored, with its version. */
  stored(signal: AbortSignal): Promise<Versioned<Policy>>;
  /** Writes a policy over the version that was read; undefined if it has changed since. */
  write(policy: Policy, over: string, signal: AbortSignal): Promise<Versioned<Policy> | undefined>;
}

/** What requests have to do with the directory. */
export interface DirectoryNotes {
  /** Whether the directory's word on names is final. */
  readonly namesPeople: boolean;
  /** Notes a person whom the directory has to be asked about, before anything else is kept. */
  seen(person: PersonKey, signal: AbortSignal): Promise<void>;
}

/** One structured record of what happened; it never holds a secret, nor what somebody typed as a username. */
export type AuditRecord =
  | {
      readonly event: 'app-password.created';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly appPassword: string;
      readonly operation: 'create' | 'register';
    }
  | {
      readonly event: 'app-password.not-created';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly reason: string;
      readonly operation: 'create' | 'register';
    }
  | {
      readonly event:
        | 'app-password.renamed'
        | 'app-password.deleted'
        | 'app-password.revived'
        | 'app-password.suspended'
        | 'app-password.resumed';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly appPassword: string;
    }
  | {
      readonly event: 'app-password.rewritten';
      readonly person: PersonKey;
      readonly appPassword: string;
    }
  | {
      readonly event: 'app-passwords.listed';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly count: number;
    }
  | {
      readonly event: 'account.disabled' | 'account.enabled' | 'account.deleted' | 'person.erased';
      readonly actor: Actor;
      readonly person: PersonKey;
    }
  | {
      readonly event: 'person.viewed' | 'person.found';
      readonly actor: Viewer;
      readonly person: PersonKey;
    }
  /** Somebody looked for a person who is not here, or at everybody. */
  | { readonly event: 'person.not-found' | 'report.viewed'; readonly actor: Viewer }
  | {
      readonly event: 'username.changed';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly from: Username;
      readonly to: Username;
    }
  | {
      readonly event: 'person.restored';
      readonly actor: Actor;
      readonly person: PersonKey;
      /** How many app passwords came back. */
      readonly count: number;
    }
  | { readonly event: 'policy.changed'; readonly actor: Actor; readonly policy: Policy }
  | {
      readonly event: 'username.claimed';
      readonly person: PersonKey;
      readonly username: Username;
      readonly from: PersonKey | null;
      readonly source: NameProof['source'];
    }
  | { readonly event: 'username.released'; readonly person: PersonKey; readonly username: Username }
  | ({
      readonly event: 'verify.accepted';
      readonly person: PersonKey;
      readonly appPassword: string;
      /** From the accepted gateway key to the answer, in milliseconds. */
      readonly durationMs: number;
    } & VerifyOrigin)
  | RefusedVerify
  | CountedGuesses
  | {
      readonly event: 'gateway.new-network';
      readonly gateway: string;
      /** As in `203.0.113.0/24`. */
      readonly network: string;
      /** The gateway was never used before. */
      readonly isFirst: boolean;
    }
  /** All changes of the directory up to now are followed. */
  | { readonly event: 'directory.followed'; readonly people: number }
  /** A fault that somebody was answered, or that ended the run of a timer. */
  | { readonly event: 'function.failed'; readonly function: string; readonly kind: FaultKind }
  | CountedRecord;

export interface RefusedVerify<Reason extends RefusalReason = RefusalReason> extends VerifyOrigin {
  readonly event: 'verify.refused';
  readonly reason: Reason;
  readonly person: PersonKey | null;
  readonly appPassword: string | null;
  readonly durationMs: number;
}

/** Why a guess is wrong: there is no such person, or none of this person's app passwords is it. */
export type WrongGuess = Extract<RefusalReason, 'unknown-username' | 'unknown-app-password'>;

/** What cannot be an app password, or many that nobody has, counted. */
export interface CountedGuesses {
  readonly event: 'verify.refused';
  readonly reason: 'not-an-app-password' | WrongGuess;
  readonly gateway: string;
  readonly count: number;
  /** Where most of it came from, the most first; a network as in `203.0.113.0/24`. */
  readonly networks: readonly { readonly network: string; readonly count: number }[];
}

/** `defect`: the app itself is wrong. */
export type FaultKind = 'unavailable' | 'defect';

/** Refreshes of what is held in memory, and what follows an answer. */
export type BackgroundWork = 'pepper' | 'gateway-keys' | 'policy' | 'signing-keys' | 'after-answer';

/** What may happen thousands of times a second, and is recorded with how many times it did. */
export type CountedRecord = Countable & { readonly count: number };

export type Countable =
  | {
      readonly event: 'service.failed';
      readonly service: Service;
      /** Of HTTP; null where there was no answer. */
      readonly statusCode: number | null;
    }
  /** Work that no request waited for. */
  | { readonly event: 'background.failed'; readonly work: BackgroundWork }
  /** A gateway key that belongs to no gateway. */
  | { readonly event: 'gateway-key.refused' }
  | ManagementRefusal;

/** A request to manage app passwords, or to administrate, that was refused. */
export interface ManagementRefusal {
  readonly event: 'management.refused';
  readonly act: ManagementAct;
  readonly reason: ManagementRefusalReason;
  /** Who asked (`oid`, or the application's id), where the token's signature is right; else null. */
  readonly caller: string | null;
  /** The tenant of the caller (`tid`), where the token's signature is right; else null. */
  readonly tenant: string | null;
}

/**
 * What a request is about: one's own app passwords, a new or revived one, for which the sign-in must be fresh, or what
 * an administrator does.
 */
export type ManagementAct = 'own' | 'own-recent' | 'read' | 'change' | 'set-policy';

export type ManagementRefusalReason =
  /** The token itself. */
  | 'no-token'
  | 'malformed-token'
  | 'wrong-signature'
  | 'expired-token'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-tenant'
  | 'wrong-client'
  | 'wrong-claim'
  /** The sign-in. */
  | 'no-second-factor'
  | 'old-sign-in'
  /** Who it is. */
  | 'no-scope'
  | 'no-role'
  | 'application'
  | 'own-account'
  | 'guest'
  | 'username-not-accepted'
  /** How often. */
  | 'too-many-requests'
  /** An app password that is not the caller's, or is not there. */
  | 'not-found';

/** What the app asks for over the network, and cannot do without. */
export type Service = 'storage' | 'vault' | 'directory';

/** Where a username and password came from, as the gateway says. */
export interface VerifyOrigin {
  /** The gateway's name. */
  readonly gateway: string;
  readonly protocol: Protocol | null;
  readonly clientAddress: string | null;
}

export interface Audit {
  record(record: AuditRecord): void;
  /**
   * Hands on what was recorded, or only the changes of it; takes at most 1 second and never fails.
   *
   * @returns whether all of it was taken; what was not may still be later.
   */
  flush(what?: 'changes'): Promise<boolean>;
}

/** What the use cases need of the world. */
export interface Ports {
  readonly passwords: Passwords;
  readonly usernames: Usernames;
  readonly pepper: Pepper;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly policy: Policies;
  readonly directory: DirectoryNotes;
  readonly pendingRefusals: PendingRefusals;
  /** Counts what a gateway handed on and cannot be an app password. */
  readonly junk: (origin: VerifyOrigin) => void;
  /** Records an app password that nobody has, or counts it while there are many. */
  readonly wrong: (refusal: RefusedVerify<WrongGuess>) => void;
  /** Counts a request to manage that was refused. */
  readonly refused: (refusal: Omit<ManagementRefusal, 'event'>) => void;
  /** Runs a task of one person in its turn, unless this process has too many of them, or the turn comes too late. */
  readonly unlessCrowded: <T>(person: PersonKey, task: () => Promise<T>) => Promise<T | 'crowded' | 'late'>;
  /** Runs the changes of one person one after the other within this process. */
  readonly queue: <T>(person: PersonKey, task: () => Promise<T>) => Promise<T>;
  /** Runs a task after the answer was given, within its own time; what it throws is logged and dropped. */
  readonly later: (task: (signal: AbortSignal) => Promise<void>) => void;
}
