import type { PersonKey } from '../person/person.ts';
import type { Username } from './username.ts';

/** Who says that a person has a username: the person's own token, the directory, or an administrator by hand. */
export type UsernameSource = 'token' | 'directory' | 'administrator';

/** A proof that a person has a username. */
export interface UsernameProof {
  readonly person: PersonKey;
  readonly username: Username;
  /** When it was given, as when the token that says so was issued, in milliseconds since the epoch. */
  readonly issuedAt: number;
  readonly source: UsernameSource;
}
