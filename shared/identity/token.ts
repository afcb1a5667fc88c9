import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Clock, ManagementRefusalReason } from '../domain/ports.ts';
import type { Settings } from '../settings.ts';

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
/** No key of the provider's, another algorithm than ours, or a signature that does not fit. */
const signatureFaults = [
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
];
const clockTolerance = 60;
const atMost = 16_384;

export interface VerifiedToken {
  readonly kind: 'token';
  readonly claims: JWTPayload;
}

/** Why a token is not accepted; `detail` never repeats any part of it. */
export interface InvalidToken {
  readonly kind: 'invalid-token';
  readonly detail: string | undefined;
}

/** An invalid token with what the audit trail says of it. */
export interface RefusedToken extends InvalidToken {
  readonly reason: ManagementRefusalReason;
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
  keys: JWTVerifyGetKey,
  settings: Settings,
  clock: Clock,
): Promise<VerifiedToken | RefusedToken> {
  if (!/^bearer +\S/i.test(authorization ?? ''))
    return { kind: 'invalid-token', detail: undefined, reason: 'no-token', claims: undefined };
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) return invalid('malformed-token', 'The token is malformed.');
  if (token.length > atMost) return invalid('malformed-token', 'The token is too long.');
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
      return invalid('expired-token', 'The token has expired. Sign in again.', error.payload);
    if (error instanceof errors.JWTClaimValidationFailed) return refuseClaim(error.claim, error.payload);
    if (error instanceof errors.JOSEError) {
      const detail = 'The token is malformed, or its signature is not accepted here.';
      const isSignature = signatureFaults.some((kind) => error instanceof kind);
      return invalid(isSignature ? 'wrong-signature' : 'malformed-token', detail);
    }
    throw error;
  }
}

function checkOrigin(claims: JWTPayload, settings: Settings, clock: Clock): VerifiedToken | RefusedToken {
  if (claims.tid !== settings.TENANT_ID) return refuseClaim('tid', claims);
  const { iat = 0 } = claims;
  if (iat <= 0 || iat > clock.now() / 1000 + clockTolerance) return refuseClaim('iat', claims);
  // Entra ID names the client in azp (v2.0) or appid (v1.0), RFC 9068 section 2.2 in client_id.
  const client = claims.azp ?? claims.appid ?? claims.client_id;
  if (typeof client !== 'string' || !settings.TOKEN_CLIENTS.includes(client)) {
    return invalid('wrong-client', 'The client application is not accepted here.', claims);
  }
  return { kind: 'token', claims };
}

/** A claim by whose name jose, or we, refuse. */
function refuseClaim(claim: string, claims: JWTPayload): RefusedToken {
  const reasons: Readonly<Record<string, ManagementRefusalReason>> = {
    iss: 'wrong-issuer',
    aud: 'wrong-audience',
    tid: 'wrong-tenant',
  };
  return invalid(reasons[claim] ?? 'wrong-claim', `The ${claim} claim is not accepted here.`, claims);
}

function invalid(reason: ManagementRefusalReason, detail: string, claims?: JWTPayload): RefusedToken {
  return { kind: 'invalid-token', detail, reason, claims };
}
