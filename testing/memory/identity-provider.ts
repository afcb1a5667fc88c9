import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { apiResource, apiScope, clientId, settingsFor, tenantId, type User } from '../../local/identities.ts';
import { serveAt } from './network.ts';

const issuer = 'https://identity.invalid';
const { publicKey, privateKey } = await generateKeyPair('ES256');
const keys = [{ ...(await exportJWK(publicKey)), kid: 'key', alg: 'ES256', use: 'sig' }];
/** What the app is told about this provider. */
export const identitySettings = settingsFor(issuer);

/** Has the provider answer within this process. */
export function serveIdentity(): void {
  serveAt(issuer, ({ url }) =>
    Response.json(
      url === identitySettings.OIDC_DISCOVERY_URL ? { issuer, jwks_uri: `${issuer}/keys` } : { keys },
    ),
  );
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
