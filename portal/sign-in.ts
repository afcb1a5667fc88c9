import { decodeJwt } from 'jose';
import { InMemoryWebStorage, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { adminRole } from '../shared/domain/person.ts';
import type { Policy } from '../shared/domain/policy.ts';
import type { Protocol } from '../shared/domain/protocol.ts';
import type { PortalSettings } from '../shared/portal-settings.ts';
import type { PersonChange } from './admin-api.ts';

/** What the person is doing, with what was typed; it goes along to another sign-in and back. It holds no secret. */
export type Errand =
  | ({ readonly kind: 'create'; readonly name: string; readonly idempotencyKey: string } & Choice)
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
export type AdminErrand =
  | { readonly kind: 'admin-read'; readonly person: string }
  | { readonly kind: 'admin-change'; readonly person: string; readonly change: PersonChange }
  | { readonly kind: 'admin-policy'; readonly policy: Policy; readonly etag: string };

/** What an errand becomes on its way through the identity provider. */
export interface Sent {
  readonly errand: Errand | undefined;
  /** The part of the page to come back to, as in its address. */
  readonly view: string;
  /** Whether this sign-in is a step-up (RFC 9470): a second one in a row would not help. */
  readonly isStepUp: boolean;
}

/**
 * The evidence that an API answer asks for (RFC 9470 section 3, and Entra ID's `claims`); with neither, the sign-in
 * is too old.
 */
export interface Challenge {
  readonly acrValues: string | undefined;
  readonly claims: string | undefined;
}

export interface SignIn {
  /** Takes what the identity provider sent back, if this page was opened by it. @throws Error if it refused. */
  back(): Promise<Sent | undefined>;
  /** The access token, while one is held and has not run out. */
  token(): string | undefined;
  username(): string;
  /** Whether the access token says so; only for what to show, as the API decides. */
  isAdministrator(): boolean;
  /** Leaves for the identity provider; with a challenge, for a step-up. */
  start(errand?: Errand, challenge?: Challenge): Promise<void>;
  end(): Promise<void>;
}

/** Sign-in by OpenID Connect: code flow with PKCE (RFC 7636), in this window; the tokens are kept in memory only. */
export function signInWith({ authority, clientId, scope }: PortalSettings): SignIn {
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
  });
  let user: User | undefined;
  const token = () => (user === undefined || user.expired ? undefined : user.access_token);
  return {
    async back() {
      if (!/[#&]state=/.test(location.hash)) return undefined;
      const address = location.href;
      history.replaceState(null, '', home);
      user = await manager.signinRedirectCallback(address);
      const sent = user.state as Sent;
      history.replaceState(null, '', home + sent.view);
      return sent;
    },
    token,
    username: () => user?.profile.preferred_username ?? '',
    isAdministrator: () => rolesIn(token()).includes(adminRole),
    async start(errand, challenge) {
      const state: Sent = { errand, view: location.hash, isStepUp: challenge !== undefined };
      await manager.signinRedirect({
        state,
        ...(challenge && {
          max_age: 0,
          ...(challenge.acrValues !== undefined && { acr_values: challenge.acrValues }),
          ...(challenge.claims !== undefined && { extraQueryParams: { claims: atob(challenge.claims) } }),
        }),
      });
    },
    async end() {
      const hint = user?.id_token;
      user = undefined;
      await manager.signoutRedirect(hint === undefined ? {} : { id_token_hint: hint });
    },
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
