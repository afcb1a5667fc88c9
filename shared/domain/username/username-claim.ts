import type { PersonKey } from '../person/person.ts';
import type { Username } from './username.ts';
import type { UsernameProof } from './username-proof.ts';

/** Who holds a username, as verify sees it, or who did until lately. */
export interface UsernameHolder {
  readonly person: PersonKey;
  /** The canonical one; null for a former username, which lets nobody in. */
  readonly username: Username | null;
}

/** Who holds a username, by which proof. */
export interface UsernameClaim extends UsernameProof {
  /** The canonical username, for a username that stands for another one. */
  readonly aliasOf: Username | null;
  /** Whose it was, for a username that is nobody's. */
  readonly former: FormerHolder | null;
}

export type FormerUsername = UsernameClaim & { readonly former: FormerHolder };

/** Whose username one was that is nobody's now, and since when, in milliseconds since the epoch. */
export interface FormerHolder {
  readonly person: PersonKey;
  readonly since: number;
}
