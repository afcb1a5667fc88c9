import fetchCookie from 'fetch-cookie';
import * as oidc from 'openid-client';
import { apiScope, clientId, signedInUri } from './identities.ts';

/** The identity provider has no user of this name. */
export class UnknownUserError extends Error {
  constructor() {
    super('The identity provider has no user of this name');
    this.name = 'UnknownUserError';
  }
}

/**
 * Signs in at the local identity provider the way the page does (authorization code with PKCE), without a browser.
 * @returns an access token for the API
 * @throws UnknownUserError
 */
export async function signIn(
  issuer: string,
  username: string,
  { secondFactor = true, redirectUri = signedInUri } = {},
): Promise<string> {
  const config = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const start = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: `openid ${apiScope}`,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
  });

  const browse = browser(redirectUri);
  const page = await browse(start);
  if (page.status !== 200) throw new Error(`The identity provider refused the sign-in (HTTP ${page.status})`);
  const form = new URLSearchParams({
    username,
    secondFactor: secondFactor ? 'passed' : 'skipped',
  });
  const end = await browse(page.url, form);
  if (end.status === 400) throw new UnknownUserError();

  const tokens = await oidc.authorizationCodeGrant(config, end.url, {
    pkceCodeVerifier,
    expectedState,
  });
  return tokens.access_token;
}

/** Keeps cookies and follows redirects, up to the client's own address, where nobody listens. */
function browser(redirectUri: string) {
  const fetchWithCookies = fetchCookie(fetch);
  return async (from: URL, form?: URLSearchParams): Promise<{ url: URL; status: number }> => {
    let url = from;
    let body = form;
    for (;;) {
      const init: RequestInit = body ? { method: 'POST', body, redirect: 'manual' } : { redirect: 'manual' };
      const response = await fetchWithCookies(url, init);
      await response.body?.cancel();
      const location = response.headers.get('location');
      if (!location) return { url, status: response.status };
      url = new URL(location, url);
      body = undefined;
      if (url.href.startsWith(redirectUri)) return { url, status: response.status };
    }
  };
}
