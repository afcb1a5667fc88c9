import type { JWTPayload } from 'jose';
import type { Settings } from '../settings/settings.ts';

/** What a sign-in lacks; the challenge asks for it (RFC 9470 section 3). */
export interface InsufficientAuthentication {
  readonly kind: 'insufficient-user-authentication';
  /**
   * What is lacking, for a helpdesk: the second factor, whatever else; a sign-in that is recent; or the time of the
   * sign-in, which some providers tell only when they are asked for a recent one.
   */
  readonly code: 'FACTOR' | 'AGE' | 'AUTH_TIME';
  /** The evidence of a second factor that is missing: an `amr` value (RFC 8176) or an authentication context. */
  readonly missing: { readonly claim: 'amr' | 'acrs'; readonly value: string } | undefined;
  /** How old the sign-in may be, in seconds, where it is older than that, or nobody knows how old. */
  readonly maxAge: number | undefined;
}

const clockTolerance = 60;

/**
 * Checks that a sign-in proves a second factor, and for `recent` also that it is fresh.
 *
 * @param now in milliseconds since the epoch
 * @returns undefined where nothing is lacking.
 */
export function lackingAuthentication(
  claims: JWTPayload,
  { MFA_EVIDENCE, SIGN_IN_MAX_AGE }: Pick<Settings, 'MFA_EVIDENCE' | 'SIGN_IN_MAX_AGE'>,
  { recent, now }: { readonly recent: boolean; readonly now: number },
): InsufficientAuthentication | undefined {
  const [claim, value] = MFA_EVIDENCE.split(/:(.*)/s) as ['amr' | 'acrs', string];
  const missing = strings(claims[claim]).includes(value) ? undefined : { claim, value };
  const maxAge = recent && !isRecent(claims.auth_time, SIGN_IN_MAX_AGE, now) ? SIGN_IN_MAX_AGE : undefined;
  if (missing === undefined && maxAge === undefined) return undefined;
  const code = missing !== undefined ? 'FACTOR' : typeof claims.auth_time === 'number' ? 'AGE' : 'AUTH_TIME';
  return { kind: 'insufficient-user-authentication', code, missing, maxAge };
}

function isRecent(authTime: unknown, maxAge: number, now: number): boolean {
  if (typeof authTime !== 'number') return false;
  const age = now / 1000 - authTime;
  return age <= maxAge + clockTolerance && age >= -clockTolerance;
}

function strings(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : [];
}
