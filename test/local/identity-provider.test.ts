import fetchCookie from 'fetch-cookie';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import { startIdentityProvider } from '../../local/identity-provider.ts';
import { signIn, UnknownUserError } from '../../local/sign-in.ts';

const redirectUri = 'http://127.0.0.1:7071/';
const oid = '0b9b2c52-8d1e-4f5a-9c8e-3a1d2e4f5a6b';
const users = [
  { username: 'carol@example.com', oid },
  { username: 'carol.married@example.com', oid },
  { username: 'dave@example.com', oid: '7c1e4b9a-2f60-4d8e-b1a3-5e6f7a8b9c0d' },
];

let provider: Awaited<ReturnType<typeof startIdentityProvider>>;

beforeAll(async () => {
  provider = await startIdentityProvider({ port: 0, redirectUris: [redirectUri], users });
});

afterAll(() => provider.close());

/** Verifies an access token with the keys that the provider publishes. */
async function verify(token: string) {
  const { issuer } = provider;
  const discovered = await fetch(`${issuer}/.well-known/openid-configuration`);
  const { jwks_uri: keys } = (await discovered.json()) as { jwks_uri: string };
  const options = { issuer, audience: 'api://app-passwords' };
  return (await jwtVerify(token, createRemoteJWKSet(new URL(keys)), options)).payload;
}

/** One browser: it keeps cookies, and follows redirects until it stands on a page or is sent back to the client. */
async function openBrowser() {
  const config = await oidc.discovery(new URL(provider.issuer), 'portal', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const code_challenge = await oidc.calculatePKCECodeChallenge(pkceCodeVerifier);
  const fetchWithCookies = fetchCookie(fetch);

  async function visit(target: URL | string, init: RequestInit = {}) {
    let url = String(target);
    let response = await fetchWithCookies(url, { ...init, redirect: 'manual' });
    while (response.headers.has('location')) {
      url = new URL(response.headers.get('location') as string, url).href;
      if (url.startsWith(redirectUri))
        return { url, status: response.status, headers: response.headers, html: '' };
      response = await fetchWithCookies(url, { redirect: 'manual' });
    }
    return { url, status: response.status, headers: response.headers, html: await response.text() };
  }

  return {
    authorize: (parameters: Record<string, string> = {}) =>
      visit(
        oidc.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: 'openid profile AppPasswords.Manage',
          code_challenge,
          code_challenge_method: 'S256',
          ...parameters,
        }),
      ),
    submit: (url: string, username: string, secondFactor: string) =>
      visit(url, { method: 'POST', body: new URLSearchParams({ username, secondFactor }) }),
    /** What the one-button page posts that switches a session to another user, sent by its script in a browser. */
    async switchUser(html: string) {
      const [, action] = html.match(/action="([^"]+)"/) ?? [];
      const [, xsrf = ''] = html.match(/name="xsrf" value="([^"]+)"/) ?? [];
      return visit(String(action), { method: 'POST', body: new URLSearchParams({ xsrf, logout: 'yes' }) });
    },
    exchange: (url: string) => oidc.authorizationCodeGrant(config, new URL(url), { pkceCodeVerifier }),
  };
}

test('a sign-in with a second factor gives a verifiable access token that says so', async () => {
  const before = Math.floor(Date.now() / 1000);
  const claims = await verify(await signIn(provider.issuer, 'carol@example.com'));

  expect(claims).toMatchObject({
    tid: tenantId,
    oid,
    sub: oid,
    upn: 'carol@example.com',
    amr: ['pwd', 'mfa'],
    scope: 'AppPasswords.Manage',
    client_id: 'portal',
  });
  expect(claims.auth_time).toBeGreaterThanOrEqual(before);
  expect((claims.exp as number) - (claims.iat as number)).toBe(3600);
});

test('a sign-in without a second factor gives a token without that evidence', async () => {
  const token = await signIn(provider.issuer, 'carol@example.com', { secondFactor: false });

  expect((await verify(token)).amr).toEqual(['pwd']);
});

test('a renamed person has the same oid under both usernames, also within one session', async () => {
  const browser = await openBrowser();
  const page = await browser.authorize();
  await browser.submit(page.url, 'carol@example.com', 'passed');
  const asked = await browser.authorize({ prompt: 'login' });
  const signedIn = await browser.submit(asked.url, 'carol.married@example.com', 'passed');
  const tokens = await browser.exchange(signedIn.url);
  expect(tokens.claims()).toMatchObject({ sub: oid, preferred_username: 'carol.married@example.com' });
  const claims = await verify(tokens.access_token);

  expect(claims).toMatchObject({ oid, sub: oid, upn: 'carol.married@example.com' });
});

test.each([{ max_age: '0' }, { prompt: 'login', max_age: '1' }, { acr_values: 'mfa' }])(
  'a session is reused silently, and %o steps it up through the page',
  async (stepUp) => {
    const browser = await openBrowser();
    const page = await browser.authorize();
    const signedIn = await browser.submit(page.url, 'carol@example.com', 'skipped');
    const tokens = await browser.exchange(signedIn.url);
    expect((await verify(tokens.access_token)).amr).toEqual(['pwd']);
    expect(tokens.claims()).toMatchObject({ sub: oid, preferred_username: 'carol@example.com' });

    const again = await browser.authorize();
    expect(again.url).toContain(redirectUri);
    expect((await verify((await browser.exchange(again.url)).access_token)).amr).toEqual(['pwd']);

    const asked = await browser.authorize(stepUp);
    expect(asked.html).toContain('Sign in with second factor');
    const steppedUp = await browser.submit(asked.url, 'carol@example.com', 'passed');
    expect((await verify((await browser.exchange(steppedUp.url)).access_token)).amr).toEqual(['pwd', 'mfa']);
  },
);

test('skipping the second factor that was asked for ends the sign-in instead of asking forever', async () => {
  const browser = await openBrowser();
  const page = await browser.authorize({ acr_values: 'mfa', max_age: '0' });

  const signedIn = await browser.submit(page.url, 'carol@example.com', 'skipped');

  expect((await verify((await browser.exchange(signedIn.url)).access_token)).amr).toEqual(['pwd']);
});

test('another user can sign in where one is signed in already', async () => {
  const browser = await openBrowser();
  const page = await browser.authorize();
  await browser.submit(page.url, 'carol@example.com', 'passed');
  const asked = await browser.authorize({ prompt: 'login' });

  const switching = await browser.submit(asked.url, 'dave@example.com', 'passed');
  const signedIn = await browser.switchUser(switching.html);

  const { access_token: token } = await browser.exchange(signedIn.url);
  expect(await verify(token)).toMatchObject({ oid: users[2]?.oid, upn: 'dave@example.com' });
});

test('the page refuses an unknown user, escapes what was typed, and then takes a known one', async () => {
  const browser = await openBrowser();
  const page = await browser.authorize();

  const refused = await browser.submit(page.url, '"><script>alert(1)</script>', 'passed');

  expect(refused.status).toBe(400);
  expect(refused.html).toContain('There is no user of this name here.');
  expect(refused.html).not.toContain('<script');
  const policy = refused.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("form-action 'self' http://127.0.0.1:7071");
  expect((await browser.submit(page.url, 'CAROL@example.com', 'passed')).url).toContain('code=');
  await expect(signIn(provider.issuer, 'nobody@example.com')).rejects.toThrow(UnknownUserError);
});

test('more than ten users are typed instead of picked', async () => {
  const many = Array.from({ length: 11 }, (_, i) => ({
    username: `user${i}@example.com`,
    oid: crypto.randomUUID(),
  }));
  const other = await startIdentityProvider({ port: 0, redirectUris: [redirectUri], users: many });
  try {
    const url = new URL(`${other.issuer}/auth`);
    url.search = String(
      new URLSearchParams({
        client_id: 'portal',
        response_type: 'code',
        scope: 'openid',
        redirect_uri: redirectUri,
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      }),
    );
    const html = await (await fetchCookie(fetch)(url)).text();

    expect(html).toContain('type="text"');
    expect(html).not.toContain('type="radio"');
    await expect(signIn(other.issuer, 'user7@example.com')).resolves.toBeTypeOf('string');
  } finally {
    await other.close();
  }
});
