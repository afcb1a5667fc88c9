import type { PersonKey } from '../person/person.ts';
import type { NameProof } from './name-proof.ts';
import type { Username } from './username.ts';

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

/** Whose name one was that is nobody's now, and since when, in milliseconds since the epoch. */
export interface FormerHolder {
  readonly person: PersonKey;
  readonly since: number;
}
