import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { PortalSettings } from '../../shared/settings/portal-settings.ts';
import type { Answer, Api, Call } from '../client/api.ts';
import type { AdministrationRole, Errand } from './sign-in.ts';

/** What all parts of the page share while somebody is signed in. */
export interface Session {
  readonly api: Api;
  /** For the calls of a part that brings its own. */
  readonly call: Call;
  /** As the service knows it, which may be another one than the identity provider's; empty until the list was read. */
  readonly username: string;
  readonly role: AdministrationRole | undefined;
  readonly settings: PortalSettings;
  /** Sees to an answer that asks for another sign-in; whether it did, and so nothing is left to do here. */
  takesOver(answer: Answer<unknown>, errand: Errand): boolean;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** The session; only for parts that are shown while somebody is signed in. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('Nobody is signed in here.');
  return session;
}
