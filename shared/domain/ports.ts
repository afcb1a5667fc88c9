import type { AppPassword, LastUsed, PasswordKey, Refusals } from './app-password/app-password.ts';
import type { PendingRefusals } from './app-password/pending-refusals.ts';
import type { AuditRecord, ManagementRefusal, RefusedVerify, WrongGuess } from './audit-record.ts';
import type { Clock } from './clock.ts';
import type { VerifyOrigin } from './gateway/gateway.ts';
import type { Pepper } from './pepper.ts';
import type { Activity } from './person/activity.ts';
import type { PersonKey } from './person/person.ts';
import type { Person, Profile } from './person/profile.ts';
import type { Policy } from './policy/policy.ts';
import type { Random } from './random.ts';
import type { Username, UsernameKey, UsernameRules } from './username/username.ts';
import type { FormerUsername, UsernameClaim, UsernameHolder } from './username/username-claim.ts';
import type { Versioned } from './versioned.ts';

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
  /** All usernames that are nobody's and of which is kept whose they were, in one scan. */
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
  /** How many rows of a kind a change removes by the way, and how many one that does nothing else: a transaction is bounded. */
  readonly trimmedAtOnce: number;
  readonly removedAtOnce: number;
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
    use: { readonly password: Versioned<AppPassword>; readonly lastUsed: LastUsed },
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Notes refusals of a password, or with a profile of those that are none, if it has not changed since; false otherwise. */
  refused(
    person: PersonKey,
    refused: { readonly row: Versioned<AppPassword> | Versioned<Profile>; readonly refusals: Refusals },
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Leaves nothing of a profile but that its person was erased; false if it has changed since. */
  erase(
    person: PersonKey,
    erasure: { readonly profile: Versioned<Profile>; readonly at: number },
    signal: AbortSignal,
  ): Promise<boolean>;
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
interface DirectoryNotes {
  /** Whether the directory's word on usernames is final. */
  readonly namesPeople: boolean;
  /** Notes a person whom the directory has to be asked about, before anything else is kept. */
  seen(person: PersonKey, signal: AbortSignal): Promise<void>;
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
  readonly usernameRules: UsernameRules;
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
