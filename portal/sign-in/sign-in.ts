import { decodeJwt } from 'jose';
import {
  ErrorResponse,
  InMemoryWebStorage,
  type SigninRedirectArgs,
  type User,
  UserManager,
  WebStorageStateStore,
} from 'oidc-client-ts';
import type { Protocol } from '../../shared/domain/gateway/protocol.ts';
import { adminRole, helpdeskRole } from '../../shared/domain/person/caller.ts';
import type { PortalSettings } from '../../shared/settings/portal-settings.ts';
import type { PersonChange } from '../admin/api.ts';
import { keptInTab } from '../client/kept.ts';
import type { Policy } from '../client/openapi.ts';
import type { Device } from '../devices/device.ts';
import type { Challenge } from './challenge.ts';

/** What the person is doing, with what was typed; it goes along to another sign-in and back. It holds no secret. */
export type Errand =
  | ({
      readonly kind: 'create';
      readonly device: Device | null;
      readonly name: string;
      readonly idempotencyKey: string;
    } & Choice)
  | { readonly kind: 'rename'; readonly id: string; readonly name: string }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'delete-all' }
  | { readonly kind: 'revive'; readonly id: string }
  | { readonly kind: 'read' }
  | AdminErrand;

/** What is chosen for a new app password; null stands for as much as the organization allows. */
export interface Choice {
  readonly lifetimeDays: number | null;
  readonly protocols: readonly Protocol[] | null;
}

/** What an administrator is doing; a person is told by their immutable id. */
type AdminErrand =
  | { readonly kind: 'admin-read'; readonly person: string }
  | { readonly kind: 'admin-change'; readonly person: string; readonly change: PersonChange }
  | { readonly kind: 'admin-policy'; readonly policy: Policy; readonly etag: string };

/** What an errand becomes on its way through the identity provider. */
interface Sent {
  readonly errand: Errand | undefined;
  /** The part of the page to come back to, as in its address. */
  readonly view: string;
  /** Whether this sign-in is a step-up (RFC 9470): a second one in a row would not help. */
  readonly isStepUp: boolean;
  /** Whether the page began it by itself: it never begins a second one in a row, as that would go on for ever. */
  readonly isRenewal: boolean;
  /** Whether it asked nothing (`prompt=none`), so that it may fail without a word. */
  readonly isSilent: boolean;
}

/** What came back from the identity provider. */
export interface Back {
  /** Undefined where the page does not know of it. */
  readonly sent: Sent | undefined;
  /**
   * For the helpdesk, where nobody is signed in: the provider's `error` (RFC 6749 section 4.1.2.1), or
   * {@link notSignedIn}.
   */
  readonly failure: string | undefined;
}

/** The code of a sign-in that failed with no word of the provider's. */
export const notSignedIn = 'SIGN_IN';

/** An administrator looks and changes, the helpdesk looks. */
export type AdministrationRole = 'administrator' | 'helpdesk';

export interface SignIn {
  /** Takes what the identity provider sent back, if this page was opened by it. */
  back(): Promise<Back | undefined>;
  /**
   * The access token, once one was given. Whether it has run out is for the API to say: the clock of a device may be
   * wrong.
   */
  token(): string | undefined;
  /** By which app role the access token lets the person administrate; only for what to show, as the API decides. */
  role(): AdministrationRole | undefined;
  /** Leaves for the identity provider; with a challenge, for a step-up. */
  start(errand?: Errand, challenge?: Challenge): Promise<void>;
  /**
   * Where this tab was signed in before it was loaded anew: leaves for the identity provider to come back at once,
   * signed in only if it knows who this is, as it asks nothing (`prompt=none`). Once, until it succeeds.
   *
   * @returns whether the page leaves
   */
  resume(): Promise<boolean>;
  /** Leaves for it without being asked to, once however many answers call for it. */
  renew(errand: Errand | undefined): Promise<void>;
  /** Forgets the sign-in here, and leaves for the identity provider to end it there too, if it can; whether it does. */
  end(): Promise<boolean>;
}

/** In this tab: somebody is signed in, and may be again after it was loaded anew. */
const wasSignedIn = 'signed-in';

/**
 * Sign-in by OpenID Connect: code flow with PKCE (RFC 7636), in this window; the tokens are kept in memory only.
 *
 * @param language the language of the page, for the provider's (`ui_locales`)
 */
export function signInWith({ authority, clientId, scope }: PortalSettings, language: () => string): SignIn {
  const home = `${location.origin}/`;
  const manager = new UserManager({
    authority,
    client_id: clientId,
    redirect_uri: home,
    post_logout_redirect_uri: home,
    scope: `openid profile ${scope}`,
    // The code stays in the fragment, which is sent to no server.
    response_mode: 'fragment',
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false,
    monitorSession: false,
    requestTimeoutInSeconds: 10,
  });
  let user: User | undefined;
  const token = () => user?.access_token;
  const leave = (sent: Omit<Sent, 'view'>, request: SigninRedirectArgs = {}) =>
    manager.signinRedirect({
      ui_locales: language(),
      ...request,
      state: { ...sent, view: location.hash } satisfies Sent,
    });
  let renewing: Promise<void> | undefined;
  return {
    async back() {
      // Some providers answer in the query, whatever they are asked for.
      const answer = [location.hash, location.search].find((part) => /[#?&](state|error)=/.test(part));
      if (answer === undefined) return undefined;
      history.replaceState(null, '', home);
      const back = await manager.signinRedirectCallback(`${home}#${answer.slice(1)}`).then((signedIn) => {
        user = signedIn;
        return { sent: signedIn.state as Sent, failure: undefined };
      }, failed);
      keptInTab.set(wasSignedIn, user && '');
      history.replaceState(null, '', home + (back.sent?.view ?? ''));
      return back;
    },
    token,
    role() {
      const roles = rolesIn(token());
      if (roles.includes(adminRole)) return 'administrator';
      return roles.includes(helpdeskRole) ? 'helpdesk' : undefined;
    },
    start: (errand, challenge) =>
      leave(
        { errand, isStepUp: challenge !== undefined, isRenewal: false, isSilent: false },
        challenge === undefined ? {} : stepUp(challenge),
      ),
    async resume() {
      // Without a tab that was signed in, the first words would wait for the provider.
      if (keptInTab.get(wasSignedIn) === null && !import.meta.env.DEV) return false;
      keptInTab.set(wasSignedIn, undefined);
      await leave(
        { errand: undefined, isStepUp: false, isRenewal: false, isSilent: true },
        { prompt: 'none' },
      );
      return true;
    },
    renew(errand) {
      renewing ??= leave({ errand, isStepUp: false, isRenewal: true, isSilent: false });
      return renewing;
    },
    async end() {
      const hint = user?.id_token;
      user = undefined;
      keptInTab.set(wasSignedIn, undefined);
      return manager.signoutRedirect(hint === undefined ? {} : { id_token_hint: hint }).then(
        () => true,
        // It has no place where a sign-in ends.
        () => false,
      );
    },
  };
}

/** What to tell of an answer that brings no token; an error is believed where it belongs to a request of this page. */
function failed(error: unknown): Back {
  if (!(error instanceof ErrorResponse)) return { sent: undefined, failure: notSignedIn };
  const code = /^[\w.-]{1,64}$/.exec(error.error ?? '')?.[0];
  const sent = error.state as Sent | undefined;
  // A provider that does not know who this is says so to who asked nothing.
  return { sent, failure: sent?.isSilent ? undefined : (code ?? notSignedIn) };
}

/**
 * Asks for a sign-in anew: `max_age` is 1, as some providers refuse 0 and others take it for none, and `prompt` is for
 * those that do not know `max_age`. Entra ID's `claims` need neither, as they bring the second factor by themselves.
 */
function stepUp({ acrValues, claims, maxAge }: Challenge): SigninRedirectArgs {
  return {
    ...((maxAge !== undefined || claims === undefined) && { prompt: 'login', max_age: 1 }),
    ...(acrValues !== undefined && { acr_values: acrValues }),
    ...(claims !== undefined && { extraQueryParams: { claims: atob(claims) } }),
  };
}

/** The app roles in an access token; none, where it cannot be read. */
function rolesIn(token: string | undefined): readonly unknown[] {
  if (token === undefined) return [];
  try {
    const { roles } = decodeJwt(token);
    return Array.isArray(roles) ? roles : [];
  } catch {
    return [];
  }
}
