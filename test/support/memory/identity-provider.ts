import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { vi } from 'vitest';
import { apiResource, apiScope, clientId, tenantId, type User } from '../../../local/identities.ts';

const issuer = 'https://identity.invalid';
const { publicKey, privateKey } = await generateKeyPair('ES256');
const keys = [{ ...(await exportJWK(publicKey)), kid: 'key', alg: 'ES256', use: 'sig' }];
const documents: Readonly<Record<string, object>> = {
  [`${issuer}/.well-known/openid-configuration`]: { issuer, jwks_uri: `${issuer}/keys` },
  [`${issuer}/keys`]: { keys },
};

/** What the app is told about this provider. */
export const identitySettings = {
  OIDC_DISCOVERY_URL: `${issuer}/.well-known/openid-configuration`,
  TOKEN_ISSUER: issuer,
  TENANT_ID: tenantId,
  TOKEN_AUDIENCES: apiResource,
  TOKEN_CLIENTS: clientId,
  TOKEN_SCOPE: apiScope,
};

/** Has the provider answer within this process in the place of the network, which nothing else is asked for. */
export function serveIdentity(): void {
  vi.stubGlobal('fetch', async (url: string | URL) => {
    const document = documents[`${url}`];
    if (document === undefined) throw new Error('there is no network here');
    return Response.json(document);
  });
}

/**
 * An access token after a sign-in with a second factor, a moment ago.
 *
 * @param now in milliseconds since the epoch
 * @param change claims in the place of those; one that is undefined is left out
 */
export function accessToken(
  { username, oid, roles }: User,
  now: number,
  change: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const claims = {
    iss: issuer,
    aud: apiResource,
    iat: seconds,
    exp: seconds + 3_600,
    tid: tenantId,
    oid,
    upn: username,
    client_id: clientId,
    scope: apiScope,
    amr: ['pwd', 'mfa'],
    auth_time: seconds,
    roles,
    ...change,
  };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'key', typ: 'JWT' }).sign(privateKey);
}
