import type { Challenge } from '../sign-in/challenge.ts';
import { setClock } from './clock.ts';
import type {
  AppPasswordRequest,
  Confirmation,
  InsufficientUserAuthentication,
  InvalidRequest,
  InvalidToken,
  operations,
  Problem,
  Renaming,
} from './openapi.ts';
import { withPatience } from './patience.ts';

/** What an operation of openapi.yaml, by its `operationId`, answers when it is done; undefined for no body. */
export type ValueOf<Id extends keyof operations> = JsonOf<
  operations[Id]['responses'][keyof operations[Id]['responses'] & (200 | 201 | 204)]
>;

type JsonOf<Documented> = Documented extends { content: { 'application/json': infer Body } }
  ? Body
  : undefined;

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
      [response, text] = await withPatience(async (signal) => {
        const answered = await fetch(path, {
          method,
          headers: {
            authorization: `Bearer ${held}`,
            ...(body && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body && { body: JSON.stringify(body) }),
          signal,
          cache: 'no-store',
        });
        return [answered, await answered.text()];
      });
    } catch {
      return { kind: 'fault', isOffline: !navigator.onLine };
    }
    setClock(response.headers.get('date'));
    if (response.ok) {
      wasAccepted = true;
      const value = (text === '' ? undefined : JSON.parse(text)) as T;
      return { kind: 'ok', value, etag: response.headers.get('etag') ?? '' };
    }
    const problem = parse(text);
    const slug = problem.type?.replace(/.*\//, '') ?? '';
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
      const answer = await call<ValueOf<'listAppPasswords'>>('GET', '/api/app-passwords');
      if (answer.kind === 'ok') onUsername(answer.value.username);
      return answer;
    },
    activity: () => call<ValueOf<'getActivity'>>('GET', '/api/activity'),
    policy: () => call<ValueOf<'getOwnPolicy'>>('GET', '/api/policy'),
    create: (request: AppPasswordRequest, key: string) =>
      call<ValueOf<'createAppPassword'>>('POST', '/api/app-passwords', request, { 'idempotency-key': key }),
    /** Hands out the first app password; without one where that was done before. */
    register: (request: AppPasswordRequest, key: string) =>
      call<ValueOf<'register'>>('PUT', '/api/registration', request, { 'idempotency-key': key }),
    revive: (id: string) => call<ValueOf<'reviveAppPassword'>>('POST', `${place(id)}/revive`),
    rename: (id: string, name: string) =>
      call<ValueOf<'renameAppPassword'>>('PATCH', place(id), { name } satisfies Renaming),
    remove: (id: string) => call<ValueOf<'deleteAppPassword'>>('DELETE', place(id)),
    removeAll: () =>
      call<ValueOf<'deleteAllAppPasswords'>>('POST', '/api/app-passwords/delete-all', {
        confirm: true,
      } satisfies Confirmation),
  };
}

export type Api = ReturnType<typeof apiWith>;

/** What of a problem decides, as far as it has it. */
type Decisive = Pick<Problem, 'type'> &
  Pick<InvalidToken | InsufficientUserAuthentication, 'code'> &
  Pick<InvalidRequest, 'errors'>;

function parse(text: string): Partial<Decisive> {
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
