import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LRUCache } from 'lru-cache';
import Provider, {
  type Adapter,
  type AdapterPayload,
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import {
  apiResource,
  apiScope,
  clientId,
  sampleUsers,
  signedInUri,
  tenantId,
  type User,
} from './identities.ts';
import { messagePage, type Page, signInPage, signOutPage } from './sign-in-page.ts';

const hour = 3600;

/**
 * A real OpenID provider in this process, over plain http on 127.0.0.1, that stands in for the tenant's own.
 * Anybody may sign in as any of the users, with or without a second factor. It forgets everything when it stops.
 * @param options.port 0 takes a free one
 * @param options.redirectUris where the page may be sent back to, after signing in and after signing out
 * @param options.adjust makes it another provider, which has other ways
 */
export async function startIdentityProvider(options: {
  port: number;
  redirectUris: readonly string[];
  users?: readonly User[];
  adjust?: (configuration: Configuration) => Configuration;
}): Promise<{ issuer: string; close(): Promise<void> }> {
  const { port, redirectUris, users = sampleUsers, adjust = (usual) => usual } = options;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider = new Provider(issuer, adjust(configuration(redirectUris, users)));
  const protocol = provider.callback();
  const interaction = interactionHandler(provider, users);
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void interaction(request, response);
    else void protocol(request, response);
  });

  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function configuration(redirectUris: readonly string[], users: readonly User[]): Configuration {
  const origins = new Set(redirectUris.map((uri) => new URL(uri).origin));
  // By grant, as the account is an oid, and a renamed person has several usernames.
  const usernames = new LRUCache<string, string>({ max: 10_000 });

  return {
    adapter: inMemory(),
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clients: [
      {
        client_id: clientId,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        id_token_signed_response_alg: 'ES256',
        redirect_uris: [...redirectUris, signedInUri],
        post_logout_redirect_uris: [...redirectUris],
      },
    ],
    clientBasedCORS: (_ctx, origin) => origins.has(origin),
    scopes: ['openid'],
    acrValues: ['mfa'],
    claims: { openid: ['sub', 'oid', 'tid'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount(_ctx, oid, token) {
      if (!users.some((user) => user.oid === oid)) return undefined;
      const grantId = token && 'grantId' in token ? String(token.grantId) : '';
      const claims = { sub: oid, oid, tid: tenantId, preferred_username: usernames.get(grantId) };
      return { accountId: oid, claims: async () => claims };
    },
    extraTokenClaims({ oidc }) {
      const code = oidc.entities.AuthorizationCode;
      if (!code) return undefined;
      const { accountId: oid, grantId = '', amr, authTime } = code;
      const roles = users.find((user) => user.oid === oid)?.roles;
      const upn = usernames.get(grantId);
      return { tid: tenantId, oid, upn, amr, auth_time: authTime, ...(roles && { roles }) };
    },
    interactions: { policy: signInPolicy() },
    loadExistingGrant: (ctx) => grantEverything(ctx, usernames),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => apiResource,
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, indicator) {
          if (indicator !== apiResource) throw new errors.InvalidTarget();
          return {
            scope: apiScope,
            audience: apiResource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: hour,
            jwt: { sign: { alg: 'ES256' } },
          };
        },
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(ctx, form) {
          const target = ctx.oidc.params?.post_logout_redirect_uri;
          show(ctx, signOutPage(form, target ? new URL(String(target)).origin : ''));
        },
        postLogoutSuccessSource: (ctx) => show(ctx, messagePage('Signed out', 'You are signed out.')),
      },
    },
    renderError(ctx, { error, error_description: description }) {
      show(ctx, messagePage('Sign-in failed', `${error}: ${description ?? 'no details'}`));
    },
    // The defaults print a notice that they should be replaced.
    ttl: {
      AccessToken: hour,
      IdToken: hour,
      Interaction: hour,
      Session: 24 * hour,
      Grant: 24 * hour,
    },
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    ...privateKey.export({ format: 'jwk' }),
    kty: 'EC',
    alg: 'ES256',
    use: 'sig',
  };
}

function signInPolicy() {
  const policy = interactionPolicy.base();
  const login = policy.get('login');
  login?.checks.add(
    new interactionPolicy.Check('step_up', 'a new sign-in is required', 'login_required', ({ oidc }) => {
      const { session, params, result } = oidc;
      if (!session?.accountId || result?.login) return false;
      const asked = String(params?.acr_values ?? '').split(' ');
      return asked.includes('mfa') && session.acr !== 'mfa';
    }),
  );
  return policy;
}

/** No consent page: the one client gets all there is, in one grant for each sign-in. */
async function grantEverything({ oidc }: KoaContextWithOIDC, usernames: LRUCache<string, string>) {
  const { session, result, provider } = oidc;
  const accountId = session?.accountId;
  if (!accountId) return undefined;
  if (!result?.login) {
    const earlier = session.grantIdFor(clientId);
    return earlier ? provider.Grant.find(earlier) : undefined;
  }
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope(apiResource, apiScope);
  usernames.set(await grant.save(), String(result.username));
  return grant;
}

/** Shows the sign-in page on GET and takes what it posts; finishing sends the browser back into the protocol. */
function interactionHandler(provider: Provider, users: readonly User[]) {
  return async (request: IncomingMessage, response: ServerResponse) => {
    const details = await provider.interactionDetails(request, response).catch(() => undefined);
    if (!details) {
      send(
        response,
        400,
        messagePage('Sign-in failed', 'This sign-in is over. Start again from the application.'),
      );
      return;
    }
    const { redirect_uri: redirectUri, login_hint: hint } = details.params;
    const redirectOrigin = new URL(String(redirectUri)).origin;
    if (request.method !== 'POST') {
      const current = users.find(({ oid }) => oid === details.session?.accountId)?.username;
      const selected = typeof hint === 'string' ? hint : current;
      send(response, 200, signInPage({ users, selected, redirectOrigin }));
      return;
    }

    const form = new URLSearchParams(await text(request));
    const typed = form.get('username')?.trim() ?? '';
    const user = users.find(({ username }) => username.toLowerCase() === typed.toLowerCase());
    const secondFactor = form.get('secondFactor');
    if (!user || (secondFactor !== 'passed' && secondFactor !== 'skipped')) {
      const error = user
        ? 'Say whether the second factor was passed.'
        : 'There is no user of this name here.';
      send(response, 400, signInPage({ users, selected: typed, error, redirectOrigin }));
      return;
    }
    const evidence = secondFactor === 'passed' ? { amr: ['pwd', 'mfa'], acr: 'mfa' } : { amr: ['pwd'] };
    const result = { login: { accountId: user.oid, ...evidence }, username: user.username };
    await provider.interactionFinished(request, response, result, {
      mergeWithLastSubmission: false,
    });
  };
}

function send(response: ServerResponse, status: number, { html, policy }: Page): void {
  response
    .writeHead(status, {
      ...headers(policy),
      'content-type': 'text/html; charset=utf-8',
    })
    .end(html);
}

function show(ctx: KoaContextWithOIDC, { html, policy }: Page): void {
  ctx.set(headers(policy));
  ctx.type = 'html';
  ctx.body = html;
}

function headers(policy: string) {
  return {
    'cache-control': 'no-store',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

/** The provider's storage; bounded, so that a long run of sign-ins does not grow. */
function inMemory(): (model: string) => Adapter {
  const stored = new LRUCache<string, AdapterPayload>({ max: 10_000 });
  const sessions = new LRUCache<string, string>({ max: 10_000 });
  return (model) => ({
    async upsert(id, payload, expiresIn = 24 * hour) {
      stored.set(`${model}:${id}`, payload, { ttl: expiresIn * 1000 });
      if (model === 'Session' && payload.uid) sessions.set(payload.uid, id);
    },
    async find(id) {
      return stored.get(`${model}:${id}`);
    },
    async findByUid(uid) {
      return stored.get(`${model}:${sessions.get(uid)}`);
    },
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      const payload = stored.get(`${model}:${id}`);
      if (payload) payload.consumed = Math.floor(Date.now() / 1000);
    },
    async destroy(id) {
      stored.delete(`${model}:${id}`);
    },
    async revokeByGrantId(grantId) {
      for (const [key, payload] of stored.entries()) {
        if (payload.grantId === grantId && key.startsWith(`${model}:`)) stored.delete(key);
      }
    },
  });
}
