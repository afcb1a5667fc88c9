import type { JWTPayload } from 'jose';
import type { ManagementAct, ManagementRefusal, ManagementRefusalReason } from '../domain/audit-record.ts';
import type { Clock } from '../domain/clock.ts';
import {
  type Actor,
  adminRole,
  type Caller,
  type Evidence,
  helpdeskRole,
  type Viewer,
} from '../domain/person/caller.ts';
import { personKey } from '../domain/person/person.ts';
import { type Username, type UsernameRules, usernameOfToken } from '../domain/username/username.ts';
import type { Settings } from '../settings/settings.ts';
import { type InsufficientAuthentication, lackingAuthentication } from './second-factor.ts';
import { signingKeys } from './signing-keys.ts';
import { type InvalidToken, invalidClaim, type TokenCheck, verifyToken } from './token.ts';

export type AuthenticationRefusal =
  | InvalidToken
  | InsufficientAuthentication
  | { readonly kind: 'forbidden'; readonly detail: string }
  | { readonly kind: 'insufficient-scope'; readonly scope: string }
  | { readonly kind: 'username-not-accepted' };

/** A caller who may manage passwords. */
export type AuthenticatedCaller = Caller & { readonly kind: 'caller' };

/** Who may do what an administrator does; never with anybody's password. */
interface Administrator {
  readonly kind: 'administrator';
  readonly actor: Actor;
}

/** What an administrator changes. It takes a recent sign-in, and the policy a person. */
export type AdministratorsAct = Extract<ManagementAct, 'change' | 'set-policy'>;

/** Says which administrator calls; as {@link Authenticate}. @throws Unavailable when the identity provider is away. */
export type AuthenticateAdministrator = (
  authorization: string | null,
  act: AdministratorsAct,
) => Promise<Administrator | AuthenticationRefusal>;

/** Who may see what an administrator sees; never anybody's password. */
interface AuthenticatedViewer {
  readonly kind: 'viewer';
  readonly actor: Viewer;
}

/**
 * Says who wants to look: an administrator, or a person of the helpdesk; as {@link Authenticate}.
 *
 * @throws Unavailable when the identity provider is away.
 */
export type AuthenticateViewer = (
  authorization: string | null,
) => Promise<AuthenticatedViewer | AuthenticationRefusal>;

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

/** Authenticates people by the token of the configured identity provider. */
export function authenticator(
  settings: Settings,
  {
    usernameRules: rules,
    clock,
    failed,
    refused,
  }: {
    readonly usernameRules: UsernameRules;
    readonly clock: Clock;
    /** Is told why the provider's keys could not be fetched. */
    readonly failed: (error: unknown) => void;
    /** Is told of everybody who is refused. */
    readonly refused: (refusal: Omit<ManagementRefusal, 'event'>) => void;
  },
): {
  authenticate: Authenticate;
  authenticateAdministrator: AuthenticateAdministrator;
  authenticateViewer: AuthenticateViewer;
} {
  const keys = signingKeys(settings.OIDC_DISCOVERY_URL, clock, failed);

  /** The token, and what is refused from then on, by reason. */
  const open = async (authorization: string | null, act: ManagementAct) => {
    const token = await verifyToken(authorization, { keys, settings, clock });
    const claims = token.claims;
    const refuse = <T extends AuthenticationRefusal>(reason: ManagementRefusalReason, refusal: T): T => {
      refused({ act, reason, caller: callerIn(claims) ?? null, tenant: idIn(claims?.tid) ?? null });
      return refusal;
    };
    if (token.kind === 'token') return { ...token, act, refuse };
    // Nothing of its claims goes on from here.
    const { kind, code, detail } = token;
    return refuse(reasons[code], { kind, code, detail });
  };
  type Open = Extract<Awaited<ReturnType<typeof open>>, { kind: 'token' }>;

  const lacking = ({ claims, refuse }: Open, recent: boolean) => {
    const found = lackingAuthentication(claims, settings, { recent, now: clock.now() });
    return found && refuse(found.missing === undefined ? 'old-sign-in' : 'no-second-factor', found);
  };

  /** What is asked of every person, before it matters which one it is. */
  const person = (token: Open, recent: boolean) => {
    const { claims, refuse } = token;
    if (!scopes(claims).includes(settings.TOKEN_SCOPE))
      return refuse('no-scope', { kind: 'insufficient-scope', scope: settings.TOKEN_SCOPE });
    const refusal = lacking(token, recent);
    if (refusal !== undefined) return refusal;
    const oid = idIn(claims.oid);
    return oid === undefined
      ? refuse('wrong-claim', invalidClaim('oid', 'PERSON'))
      : ({ kind: 'person', oid } as const);
  };

  /** Whoever has an app role by which one may look; of an application only that of administrators counts. */
  const viewer = (token: Open) => {
    const { claims, act, refuse } = token;
    const roles = strings(claims.roles);
    const isAdministrator = roles.includes(adminRole);
    const view = (kind: 'administrator' | 'helpdesk' | 'application', id: string) =>
      ({ kind: 'viewer', actor: { kind, id } }) as const;
    if (isAppOnly(claims))
      return isAdministrator && isApplication(claims, settings)
        ? view('application', callerIn(claims) ?? 'unknown')
        : refuse('no-role', lackingRole(act));
    const found = person(token, false);
    if (found.kind !== 'person') return found;
    if (isAdministrator) return view('administrator', found.oid);
    return roles.includes(helpdeskRole) ? view('helpdesk', found.oid) : refuse('no-role', lackingRole(act));
  };

  return {
    async authenticate(authorization, how) {
      const recent = how === 'recent';
      const token = await open(authorization, recent ? 'own-recent' : 'own');
      if (token.kind !== 'token') return token;
      const { claims, refuse } = token;
      if (isAppOnly(claims))
        return refuse('application', { kind: 'forbidden', detail: 'Only a person manages app passwords.' });
      const found = person(token, recent);
      if (found.kind !== 'person') return found;
      const username = usernameOf(claims, settings, rules);
      if (username === undefined)
        return refuse(isGuest(claims) ? 'guest' : 'username-not-accepted', { kind: 'username-not-accepted' });
      return {
        kind: 'caller',
        person: personKey(settings.TENANT_ID, found.oid),
        username,
        issuedAt: (claims.iat as number) * 1000,
        source: 'token',
        roles: strings(claims.roles),
        proof: evidenceIn(claims),
      };
    },

    async authenticateAdministrator(authorization, act) {
      const token = await open(authorization, act);
      if (token.kind !== 'token') return token;
      const found = viewer(token);
      if (found.kind !== 'viewer') return found;
      const { refuse } = token;
      const { kind, id } = found.actor;
      if (kind === 'helpdesk') return refuse('no-role', lackingRole(act));
      if (kind === 'application' && act === 'set-policy')
        return refuse('application', { kind: 'forbidden', detail: 'Only a person sets the policy.' });
      const refusal = kind === 'application' ? undefined : lacking(token, true);
      return refusal ?? { kind: 'administrator', actor: { kind, id } };
    },

    async authenticateViewer(authorization) {
      const token = await open(authorization, 'read');
      return token.kind === 'token' ? viewer(token) : token;
    },
  };
}

/** What the audit trail calls the checks of a token. */
const reasons: Readonly<Record<TokenCheck, ManagementRefusalReason>> = {
  MISSING: 'no-token',
  MALFORMED: 'malformed-token',
  SIGNATURE: 'wrong-signature',
  EXPIRED: 'expired-token',
  TIME: 'wrong-claim',
  ISSUER: 'wrong-issuer',
  AUDIENCE: 'wrong-audience',
  TENANT: 'wrong-tenant',
  CLIENT: 'wrong-client',
  PERSON: 'wrong-claim',
};

function lackingRole(act: ManagementAct): Extract<AuthenticationRefusal, { kind: 'forbidden' }> {
  const sufficient = act === 'read' ? `${adminRole}, or of a person ${helpdeskRole}` : adminRole;
  return { kind: 'forbidden', detail: `This needs the app role ${sufficient}.` };
}

/** The person's id, or else the application's. */
function callerIn(claims: JWTPayload | undefined): string | undefined {
  return idIn(claims?.oid ?? claims?.azp ?? claims?.appid ?? claims?.client_id);
}

function idIn(claim: unknown): string | undefined {
  return typeof claim === 'string' && /^[A-Za-z0-9_-]{1,128}$/.test(claim) ? claim : undefined;
}

/** What of a sign-in is kept with the app passwords that were made after it. */
function evidenceIn({ amr, acrs, auth_time }: JWTPayload): Evidence {
  return {
    amr: strings(amr),
    acrs: strings(acrs),
    authenticatedAt: typeof auth_time === 'number' ? auth_time * 1000 : null,
  };
}

/** Words of a claim; what is stored of them is bounded. */
function strings(claim: unknown): readonly string[] {
  const words = Array.isArray(claim) ? claim : [];
  return words.filter((word) => typeof word === 'string' && /^[\w.:-]{1,64}$/.test(word)).slice(0, 20);
}

/** Entra ID says so in the optional claim `idtyp`; without it, such a token has roles and no scope. */
function isAppOnly(claims: JWTPayload): boolean {
  return claims.idtyp === 'app' || (scopes(claims).length === 0 && Array.isArray(claims.roles));
}

/**
 * Whether a token shows that an application, and no person, asked for it: such a one passes without a second factor, so
 * the lack of a scope is not enough. Entra ID says it in `idtyp`; elsewhere `sub` is the client itself (RFC 9068 section
 * 2.2), which holds only where the provider gives no person such a `sub`.
 */
function isApplication(
  { idtyp, sub, client_id, scp, scope, amr, auth_time }: JWTPayload,
  { APPLICATION_EVIDENCE }: Pick<Settings, 'APPLICATION_EVIDENCE'>,
): boolean {
  if ([scp, scope, amr, auth_time].some((claim) => claim !== undefined)) return false;
  if (APPLICATION_EVIDENCE === 'idtyp') return idtyp === 'app';
  return sub !== undefined && sub === client_id;
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
