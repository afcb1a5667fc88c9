import { formatPassword, generatePassword } from '../../shared/domain/password.ts';
import { systemRandom } from '../../shared/system.ts';
import { expectContract } from './contract.ts';

/** One answer of the API, checked against openapi.yaml. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

export interface Call {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string;
}

/** Sends one request, and holds it and its answer to openapi.yaml. */
export async function call(
  origin: string,
  method: string,
  path: string,
  options: Call = {},
): Promise<Answer> {
  const { token, json } = options;
  const body = json === undefined ? options.body : JSON.stringify(json);
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(json !== undefined && { 'content-type': 'application/json' }),
    ...options.headers,
  };
  const response = await fetch(origin + path, { method, headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
  const answer = {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
  expectContract({ method, path, json }, answer);
  return answer;
}

/** The calls of one person with a token. */
export function person(origin: string, token: string) {
  return {
    create: (name: string, headers: Record<string, string> = {}) =>
      call(origin, 'POST', '/api/app-passwords', { token, json: { name }, headers }),
    list: () => call(origin, 'GET', '/api/app-passwords', { token }),
    rename: (id: string, name: string) =>
      call(origin, 'PATCH', `/api/app-passwords/${id}`, { token, json: { name } }),
    remove: (id: string) => call(origin, 'DELETE', `/api/app-passwords/${id}`, { token }),
    removeAll: () =>
      call(origin, 'POST', '/api/app-passwords/delete-all', { token, json: { confirm: true } }),
    register: (name: string, headers: Record<string, string> = {}) =>
      call(origin, 'PUT', '/api/registration', { token, json: { name }, headers }),
  };
}

/** The calls of a gateway with its key. */
export function gateway(origin: string, key: string) {
  const own = { 'x-gateway-key': key };
  return {
    /** HTTP Basic. */
    verify: (username: string, password: string, headers: Record<string, string> = {}) =>
      call(origin, 'GET', '/api/verify', { headers: { ...own, ...basic(username, password), ...headers } }),
    verifyJson: (json: unknown, headers: Record<string, string> = {}) =>
      call(origin, 'POST', '/api/verify', { headers: { ...own, ...headers }, json }),
    grant: (form: Record<string, string>, headers: Record<string, string> = {}) =>
      call(origin, 'POST', '/api/verify/grant', {
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(form).toString(),
      }),
  };
}

/** An Authorization header by RFC 7617. */
export function basic(username: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** Repeats a request that is answered with 503, as clients do. */
export async function persist(request: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await request();
    if (answer.status !== 503) return answer;
  }
}

/** A well-formed app password that nobody has. */
export function strangePassword(): string {
  return formatPassword(generatePassword(systemRandom));
}
