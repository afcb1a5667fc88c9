import type { AppPassword, Refusals } from '../app-password/app-password.ts';
import type { Username } from '../username/username.ts';
import type { UsernameSource } from '../username/username-proof.ts';
import type { Versioned } from '../versioned.ts';
import type { Activity } from './activity.ts';

/** What is kept about a person beside the passwords. Every change of them goes through its version. */
export interface Profile {
  /** Empty for a person who was erased. */
  readonly username: Username;
  /** When the username was proved; an older proof does not take it back. */
  readonly usernameIssuedAt: number;
  readonly usernameSource: UsernameSource;
  /** A username of a rename under way: the new one until it is claimed, then the old one until it is removed. */
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

/** Everything that is kept of one person, read at one moment. */
export interface Person {
  readonly profile: Versioned<Profile> | undefined;
  readonly passwords: readonly Versioned<AppPassword>[];
  /** Newest first. */
  readonly activity: readonly Activity[];
}

/** All usernames under which a person may be found. */
export function usernamesOf({ username, formerUsername, mail }: Profile): readonly Username[] {
  return [username, formerUsername, mail].filter((it) => it !== null && it !== '') as Username[];
}
