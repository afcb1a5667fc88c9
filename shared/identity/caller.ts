import type { JWTPayload } from 'jose';
import { type Caller, personKey } from '../domain/person.ts';
import type { Clock } from '../domain/ports.ts';
import { type Username, type UsernameRules, usernameOfToken } from '../domain/username.ts';
import type { Settings } from '../settings.ts';
import { type InsufficientAuthentication, lackingAuthentication } from './second-factor.ts';
import { signingKeys } from './signing-keys.ts';
import { type InvalidToken, verifyToken } from './token.ts';

export type AuthenticationRefusal =
  | InvalidToken
  | InsufficientAuthentication
  | { readonly kind: 'forbidden'; readonly detail: string }
  | { readonly kind: 'insufficient-scope'; readonly scope: string }
  | { readonly kind: 'username-not-accepted' };

/** A caller who may manage passwords. */
export type AuthenticatedCaller = Caller & { readonly kind: 'caller' };

/**
 * Says who calls: the first check that fails decides the answer, and the default is to refuse.
 *
 * @param authorization the Authorization header
 * @param how `recent` for what hands out a password: the sign-in must be fresh
 * @throws Unavailable when the identity provider is away.
 */
export type Authenticate = (
  authorization: string | null,
  how?: 'recent',
) => Promise<AuthenticatedCaller | AuthenticationRefusal>;

/**
 * Authenticates people by the token of the configured identity provider.
 *
 * @param failed is told why the provider's keys could not be fetched
 */
export function authenticator(
  settings: Settings,
  rules: UsernameRules,
  clock: Clock,
  failed: (error: unknown) => void,
): Authenticate {
  const keys = signingKeys(settings.OIDC_DISCOVERY_URL, clock, failed);
  return async (authorization, how) => {
    const token = await verifyToken(authorization, keys, settings, clock);
    if (token.kind !== 'token') return token;
    const { claims } = token;
    if (isAppOnly(claims)) return { kind: 'forbidden', detail: 'Only a person manages app passwords.' };
    if (!scopes(claims).includes(settings.TOKEN_SCOPE)) {
      return { kind: 'insufficient-scope', scope: settings.TOKEN_SCOPE };
    }
    const lacking = lackingAuthentication(claims, settings, how === 'recent', clock.now());
    if (lacking !== undefined) return lacking;
    if (typeof claims.oid !== 'string' || !/^[A-Za-z0-9_-]{1,128}$/.test(claims.oid)) {
      return { kind: 'invalid-token', detail: 'The oid claim is not accepted here.' };
    }
    const username = usernameOf(claims, settings, rules);
    if (username === undefined) return { kind: 'username-not-accepted' };
    const issuedAt = (claims.iat as number) * 1000;
    return { kind: 'caller', person: personKey(settings.TENANT_ID, claims.oid), username, issuedAt };
  };
}

/** Entra ID says so in the optional claim `idtyp`; without it, such a token has roles and no scope. */
function isAppOnly(claims: JWTPayload): boolean {
  return claims.idtyp === 'app' || (scopes(claims).length === 0 && Array.isArray(claims.roles));
}

/** `scp` in Entra ID, `scope` in RFC 9068 section 2.2.3; both a list separated by spaces. */
function scopes({ scp, scope = scp }: JWTPayload): string[] {
  return typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [];
}

function usernameOf(claims: JWTPayload, settings: Settings, rules: UsernameRules): Username | undefined {
  const name = claims[settings.USERNAME_CLAIM];
  if (typeof name !== 'string' || isGuest(claims)) return undefined;
  const username = usernameOfToken(name, rules);
  // The mark that Entra ID puts into the names of guests.
  return username?.includes('#ext#') ? undefined : username;
}

/**
 * A guest's account belongs to another organization: `acct` is not 0, or `idp` is another issuer. Entra ID puts the
 * tenant's v1.0 issuer into `idp` of its v2.0 tokens as well.
 */
function isGuest({ acct, idp, iss, tid }: JWTPayload): boolean {
  const isForeign = idp !== undefined && idp !== iss && idp !== `https://sts.windows.net/${tid}/`;
  return isForeign || (acct !== undefined && Number(acct) !== 0);
}
