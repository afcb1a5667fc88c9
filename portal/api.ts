import type { Challenge } from './sign-in.ts';

export interface AppPassword {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly lastUsed: { readonly at: string; readonly protocol: string | null } | null;
  readonly state: 'active' | 'suspended' | 'expired';
}

export interface Created extends AppPassword {
  readonly password: string;
}

export interface List {
  readonly appPasswords: readonly AppPassword[];
  readonly limit: number;
  readonly remaining: number;
}

/** What a call came to. */
export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The access token is missing, or has run out. */
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'step-up'; readonly challenge: Challenge }
  /** What is not possible, by the slug of its problem type (RFC 9457). */
  | { readonly kind: 'problem'; readonly slug: string }
  /** Nobody knows whether it was done: there was no answer, or a fault. */
  | { readonly kind: 'fault'; readonly isOffline: boolean };

/** How long, in milliseconds, an answer may take: the service gives up after 3 seconds by itself. */
const patience = 10_000;

/** The calls to the API, with the token of the moment. */
export function apiWith(token: () => string | undefined) {
  async function call<T>(
    method: string,
    path: string,
    body?: object,
    idempotencyKey?: string,
  ): Promise<Answer<T>> {
    const held = token();
    if (held === undefined) return { kind: 'signed-out' };
    let response: Response;
    let text: string;
    try {
      response = await fetch(path, {
        method,
        headers: {
          authorization: `Bearer ${held}`,
          ...(body && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patience),
        cache: 'no-store',
      });
      text = await response.text();
    } catch {
      return { kind: 'fault', isOffline: !navigator.onLine };
    }
    if (response.ok) return { kind: 'ok', value: (text === '' ? undefined : JSON.parse(text)) as T };
    const slug = parse(text).type?.split('/').at(-1) ?? '';
    if (slug === 'invalid-token') return { kind: 'signed-out' };
    if (slug === 'insufficient-user-authentication')
      return { kind: 'step-up', challenge: challengeIn(response.headers.get('www-authenticate') ?? '') };
    if (slug === '' || response.status >= 500) return { kind: 'fault', isOffline: false };
    return { kind: 'problem', slug };
  }

  const place = (id: string) => `/api/app-passwords/${encodeURIComponent(id)}`;
  return {
    list: () => call<List>('GET', '/api/app-passwords'),
    create: (name: string, key: string) => call<Created>('POST', '/api/app-passwords', { name }, key),
    /** Hands out the first app password; without one where that was done before. */
    register: (name: string, key: string) =>
      call<Created | { readonly registeredAt: string }>('PUT', '/api/registration', { name }, key),
    rename: (id: string, name: string) => call<AppPassword>('PATCH', place(id), { name }),
    remove: (id: string) => call<undefined>('DELETE', place(id)),
    removeAll: () => call<unknown>('POST', '/api/app-passwords/delete-all', { confirm: true }),
  };
}

export type Api = ReturnType<typeof apiWith>;

function parse(text: string): { type?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The parameters of a `Bearer` challenge (RFC 6750 section 3). */
function challengeIn(header: string): Challenge {
  const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(header)?.[1];
  return { acrValues: value('acr_values'), claims: value('claims') };
}
