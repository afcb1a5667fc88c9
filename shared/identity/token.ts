import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock } from '../domain/clock.ts';
import type { Settings } from '../settings/settings.ts';

/** Only asymmetric algorithms: with a symmetric one whoever verifies could sign (RFC 8725 section 3.1). */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const clockTolerance = 60;
const atMost = 16_384;

export interface VerifiedToken {
  readonly kind: 'token';
  readonly claims: JWTPayload;
}

/** Which check refused a token, for a helpdesk; `MISSING` where there was none. */
export type TokenCheck =
  | 'MISSING'
  | 'MALFORMED'
  | 'SIGNATURE'
  | 'EXPIRED'
  | 'TIME'
  | 'ISSUER'
  | 'AUDIENCE'
  | 'TENANT'
  | 'CLIENT'
  | 'PERSON';

/** Why a token is not accepted; `detail` never repeats any part of it. */
export interface InvalidToken {
  readonly kind: 'invalid-token';
  readonly code: TokenCheck;
  readonly detail: string;
}

/** An invalid token with what the audit trail says of it. */
export interface RefusedToken extends InvalidToken {
  /** What it says, where its signature is right. */
  readonly claims: JWTPayload | undefined;
}

/**
 * Reads the bearer token of an Authorization header (RFC 6750 section 2.1) and checks what makes it ours: signature,
 * algorithm, issuer, audience, times, tenant and client.
 *
 * @throws Unavailable when the identity provider's keys cannot be read.
 */
export async function verifyToken(
  authorization: string | null,
  {
    keys,
    settings,
    clock,
  }: { readonly keys: JWTVerifyGetKey; readonly settings: Settings; readonly clock: Clock },
): Promise<VerifiedToken | RefusedToken> {
  if (!/^bearer +\S/i.test(authorization ?? ''))
    return invalidToken('MISSING', 'Sign in and send the access token as "Authorization: Bearer ...".');
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return invalidToken('MALFORMED', 'The token is malformed.');
  if (token.length > atMost) return invalidToken('MALFORMED', 'The token is too long.');
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms,
      issuer: settings.TOKEN_ISSUER,
      audience: settings.TOKEN_AUDIENCES,
      requiredClaims: ['iat', 'exp'],
      clockTolerance,
      currentDate: new Date(clock.now()),
    });
    return checkOrigin(payload, settings, clock);
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      return invalidToken('EXPIRED', 'The token has expired. Sign in again.', error.payload);
    if (error instanceof errors.JWTClaimValidationFailed)
      return refuseClaim(error.claim, checks[error.claim] ?? 'TIME', error.payload);
    if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid)
      return invalidToken('MALFORMED', 'The token is malformed.');
    if (error instanceof errors.JOSEError)
      return invalidToken('SIGNATURE', 'The signature of the token is not accepted here.');
    throw error;
  }
}

/** What a claim says; the others that are looked at are times. */
const checks: Readonly<Record<string, TokenCheck>> = { iss: 'ISSUER', aud: 'AUDIENCE' };

function checkOrigin(claims: JWTPayload, settings: Settings, clock: Clock): VerifiedToken | RefusedToken {
  if (claims.tid !== settings.TENANT_ID) return refuseClaim('tid', 'TENANT', claims);
  const { iat = 0 } = claims;
  if (iat <= 0 || iat > clock.now() / 1000 + clockTolerance) return refuseClaim('iat', 'TIME', claims);
  // Entra ID names the client in azp (v2.0) or appid (v1.0), RFC 9068 section 2.2 in client_id.
  const client = claims.azp ?? claims.appid ?? claims.client_id;
  if (typeof client !== 'string' || !settings.TOKEN_CLIENTS.includes(client)) {
    return invalidToken('CLIENT', 'The client application is not accepted here.', claims);
  }
  return { kind: 'token', claims };
}

/** The refusal of a token for one of its claims. */
export function invalidClaim(claim: string, code: TokenCheck): InvalidToken {
  return { kind: 'invalid-token', code, detail: `The ${claim} claim is not accepted here.` };
}

function refuseClaim(claim: string, code: TokenCheck, claims: JWTPayload): RefusedToken {
  return { ...invalidClaim(claim, code), claims };
}

function invalidToken(code: TokenCheck, detail: string, claims?: JWTPayload): RefusedToken {
  return { kind: 'invalid-token', code, detail, claims };
}
