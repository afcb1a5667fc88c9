import type { RefusalReason } from '../shared/domain/app-password/app-password.ts';
import type { Protocol } from '../shared/domain/gateway/protocol.ts';
import type { Activity as KeptChange } from '../shared/domain/person/activity.ts';
import type { Challenge } from './challenge.ts';

export interface AppPassword {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /** Null for no restriction. */
  readonly protocols: readonly Protocol[] | null;
  readonly lastUsed: (Origin & { readonly at: string }) | null;
  readonly state: 'active' | 'suspended' | 'expired';
  /** Only while it is suspended. */
  readonly suspendedFor?: readonly SuspensionReason[];
}

type SuspensionReason = 'idle' | 'account' | 'administrator' | 'restored';

/** Where an app password was presented. */
export interface Origin {
  readonly protocol: string | null;
  readonly gateway: string;
  readonly clientAddress: string | null;
}

export interface Created extends AppPassword {
  readonly password: string;
}

export interface List {
  /** What the person types into a device. */
  readonly username: string;
  readonly appPasswords: readonly AppPassword[];
  readonly limit: number;
  readonly remaining: number;
}

/** What the organization allows a person to do. */
export interface PersonPolicy {
  readonly mayCreate: boolean;
  /** Null for all. */
  readonly protocols: readonly Protocol[] | null;
  readonly maximumLifetimeDays: number | null;
  readonly idleDays: number | null;
}

/** What a person chooses for an app password beside its name. */
export interface Restrictions {
  /** None stands for as long as the organization allows. */
  readonly expiresAt?: string;
  /** None stands for all that the organization allows. */
  readonly protocols?: readonly Protocol[];
}

/** Something that was changed. */
export interface Change {
  readonly at: string;
  readonly kind: KeptChange['kind'];
  readonly by: KeptChange['by'];
  readonly appPassword: { readonly id: string; readonly name: string } | null;
  /** How many app passwords it concerned, where that may be several. */
  readonly count: number | null;
}

export interface Refusal extends Origin {
  readonly at: string;
  readonly reason: RefusalReason;
}

export interface Refusals {
  /** At least so many: retries that follow at once are not all counted. */
  readonly count: number;
  readonly since: string;
  /** The newest first. */
  readonly recent: readonly Refusal[];
}

/** The refusals of an app password that a person has, or had. */
export interface PasswordRefusals extends Refusals {
  readonly appPassword: {
    readonly id: string;
    readonly name: string;
    readonly state: 'active' | 'suspended' | 'expired' | 'deleted';
    readonly deletedAt: string | null;
  };
}

export interface Activity {
  readonly changes: readonly Change[];
  readonly refusals: readonly PasswordRefusals[];
}

/** What a call came to. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T /** RFC 9110 section 8.8.3. */; readonly etag?: string }
  /** The API does not take the access token, or not any more; the code is for the helpdesk. */
  | { readonly kind: 'invalid-token'; readonly code: string; readonly wasAccepted: boolean }
  | { readonly kind: 'step-up'; readonly code: string; readonly challenge: Challenge }
  /** What is not possible, by the slug of its problem type (RFC 9457). */
  | {
      readonly kind: 'problem';
      readonly slug: string;
      /** The field of the request that was refused. */
      readonly field: string | undefined;
    }
  /** Nobody knows whether it was done: there was no answer, or a fault. */
  | { readonly kind: 'fault'; readonly isOffline: boolean };

/** How long, in milliseconds, an answer may take: the service gives up after 3 seconds by itself. */
const patience = 10_000;

/** Makes one call to the API. */
export type Call = <T>(
  method: string,
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer<T>>;

/** Calls with the one token that this page holds, until it is signed out. */
export function callWith(token: () => string | undefined): Call {
  let wasAccepted = false;
  return async <T>(method: string, path: string, body?: object, headers?: object): Promise<Answer<T>> => {
    const held = token();
    if (held === undefined) return { kind: 'invalid-token', code: 'MISSING', wasAccepted: false };
    let response: Response;
    let text: string;
    try {
      response = await fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${held}`,
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patience),
        cache: 'no-store',
      });
      text = await response.text();
    } catch {
      return { kind: 'fault', isOffline: !navigator.onLine };
    }
    if (response.ok) {
      wasAccepted = true;
      const value = (text === '' ? undefined : JSON.parse(text)) as T;
      return { kind: 'ok', value, etag: response.headers.get('etag') ?? '' };
    }
    const problem = parse(text);
    const slug = problem.type?.split('/').at(-1) ?? '';
    const { code = slug } = problem;
    if (slug === 'invalid-token') return { kind: slug, code, wasAccepted };
    if (slug === 'insufficient-user-authentication') {
      const challenge = challengeIn(response.headers.get('www-authenticate') ?? '');
      return { kind: 'step-up', code, challenge };
    }
    if (slug === '' || response.status >= 500) return { kind: 'fault', isOffline: false };
    return { kind: 'problem', slug, field: problem.errors?.[0]?.field };
  };
}

/**
 * A person's calls.
 *
 * @param onUsername is told the person's username, each time that the service says it
 */
export function apiWith(call: Call, onUsername: (username: string) => void) {
  const place = (id: string) => `/api/app-passwords/${encodeURIComponent(id)}`;
  return {
    async list() {
      const answer = await call<List>('GET', '/api/app-passwords');
      if (answer.kind === 'ok') onUsername(answer.value.username);
      return answer;
    },
    activity: () => call<Activity>('GET', '/api/activity'),
    policy: () => call<PersonPolicy>('GET', '/api/policy'),
    create: (name: string, restrictions: Restrictions, key: string) =>
      call<Created>('POST', '/api/app-passwords', { name, ...restrictions }, { 'idempotency-key': key }),
    /** Hands out the first app password; without one where that was done before. */
    register: (name: string, restrictions: Restrictions, key: string) =>
      call<Created | { readonly registeredAt: string }>(
        'PUT',
        '/api/registration',
        { name, ...restrictions },
        { 'idempotency-key': key },
      ),
    revive: (id: string) => call<AppPassword>('POST', `${place(id)}/revive`),
    rename: (id: string, name: string) => call<AppPassword>('PATCH', place(id), { name }),
    remove: (id: string) => call<undefined>('DELETE', place(id)),
    removeAll: () => call<unknown>('POST', '/api/app-passwords/delete-all', { confirm: true }),
  };
}

export type Api = ReturnType<typeof apiWith>;

function parse(text: string): { type?: string; code?: string; errors?: readonly { field: string }[] } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The parameters of a `Bearer` challenge (RFC 6750 section 3). */
function challengeIn(header: string): Challenge {
  const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(header)?.[1];
  return { acrValues: value('acr_values'), claims: value('claims'), maxAge: value('max_age') };
}
