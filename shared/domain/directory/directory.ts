import type { PersonKey } from '../person/person.ts';
import type { Versioned } from '../versioned.ts';
import type { DirectoryUser } from './follow-user.ts';

/** One page of changes, each person once. */
interface Changes {
  readonly users: readonly DirectoryUser[];
  /** The ids of those who are gone, also of those whom the directory could still restore. */
  readonly removed: readonly string[];
  /** Where reading goes on: at the next page, or after the last one with what changes from then on. */
  readonly next: string;
  readonly isLast: boolean;
}

/** The directory of the tenant. All of it throws Unavailable where the directory gives no answer. */
export interface Directory {
  /** Where reading begins: the changes from now on. */
  begin(signal: AbortSignal): Promise<string>;
  /** One page of changes; undefined where the link is not accepted any more. */
  changes(link: string, signal: AbortSignal): Promise<Changes | undefined>;
  /** The users of these ids. Who is missing does not exist. */
  lookUp(oids: readonly string[], signal: AbortSignal): Promise<DirectoryUser[]>;
}

/** How far the directory was followed. */
export interface DirectoryProgress {
  /** Where the next page of changes is. */
  readonly link: string;
  /** Where the check of everybody goes on: a continuation of the table, or null for its beginning. */
  readonly check: string | null | 'done';
  /** When all changes had been read, in milliseconds since the epoch. */
  readonly lastSuccessAt: number | null;
}

/** Who was seen for the first time, and is not looked up yet. */
export interface Newcomer {
  readonly person: PersonKey;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
}

/** What is kept between the runs that follow the directory. All of it throws Unavailable where storage is away. */
export interface DirectoryState {
  read(signal: AbortSignal): Promise<Versioned<DirectoryProgress> | undefined>;
  /** Saves over what was read, or where there was nothing; undefined if that has changed since. */
  save(
    progress: DirectoryProgress,
    over: Versioned<DirectoryProgress> | undefined,
    signal: AbortSignal,
  ): Promise<Versioned<DirectoryProgress> | undefined>;
  /** Forgets how far reading was: the next run begins anew, and has everybody checked. */
  restart(signal: AbortSignal): Promise<void>;
  /** Has a person looked up by the next run. To be called before the profile is created. */
  seen(person: PersonKey, signal: AbortSignal): Promise<void>;
  newcomers(signal: AbortSignal): Promise<Versioned<Newcomer>[]>;
  /** Forgets a newcomer, unless the person was seen again since. */
  forget(newcomer: Versioned<Newcomer>, signal: AbortSignal): Promise<void>;
  /**
   * Some of the people that the tables know.
   *
   * @param continuation what the call before returned, null for the first
   */
  people(
    continuation: string | null,
    signal: AbortSignal,
  ): Promise<{ people: readonly PersonKey[]; continuation: string | null }>;
}
