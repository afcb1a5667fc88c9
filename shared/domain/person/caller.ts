import type { UsernameProof } from '../username/username-proof.ts';
import { oidOf } from './person.ts';

/** The app role of administrators. */
export const adminRole = 'AppPasswords.Admin';

/** The app role of people who see what administrators see, and change nothing. */
export const helpdeskRole = 'AppPasswords.Helpdesk';

/** The app role of those who may create, where the policy asks for it. */
export const userRole = 'AppPasswords.User';

/** How a sign-in proved a second factor: `amr` (RFC 8176) or authentication contexts, and when it was. */
export interface Evidence {
  readonly amr: readonly string[];
  readonly acrs: readonly string[];
  readonly authenticatedAt: number | null;
}

/** The person behind a request that proved a second factor. */
export interface Caller extends UsernameProof {
  readonly roles: readonly string[];
  readonly proof: Evidence;
}

/** Who does something; the id is the person's (`oid`) or the application's. */
export type Actor =
  | { readonly kind: 'person' | 'administrator' | 'application'; readonly id: string }
  | { readonly kind: 'directory' | 'operator' };

/** Who looks at what is kept of people: one who may change it, or the helpdesk; the id is as of an {@link Actor}. */
export type Viewer = Actor | { readonly kind: 'helpdesk'; readonly id: string };

/** The caller, acting on what is the caller's own. */
export function self({ person }: Caller): Actor {
  return { kind: 'person', id: oidOf(person) };
}
