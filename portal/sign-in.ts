import { InMemoryWebStorage, type User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { PortalSettings } from '../shared/portal-settings.ts';

/** What the person is doing, with what was typed; it goes along to another sign-in and back. It holds no secret. */
export type Errand =
  | { readonly kind: 'create'; readonly name: string; readonly idempotencyKey: string }
  | { readonly kind: 'rename'; readonly id: string; readonly name: string }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'delete-all' }
  | { readonly kind: 'list' };

/** An errand on its way through the identity provider. */
export type Sent = Errand & {
  /** Whether this sign-in is a step-up (RFC 9470): a second one in a row would not help. */
  readonly isStepUp: boolean;
};

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
  back(): Promise<{ errand: Sent | undefined } | undefined>;
  /** The access token, while one is held and has not run out. */
  token(): string | undefined;
  username(): string;
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
  return {
    async back() {
      if (!/[#&]state=/.test(location.hash)) return undefined;
      const address = location.href;
      history.replaceState(null, '', home);
      user = await manager.signinRedirectCallback(address);
      return { errand: user.state as Sent | undefined };
    },
    token: () => (user === undefined || user.expired ? undefined : user.access_token),
    username: () => user?.profile.preferred_username ?? '',
    async start(errand, challenge) {
      await manager.signinRedirect({
        state: errand && { ...errand, isStepUp: challenge !== undefined },
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
