import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import type { Policy } from '../shared/domain/policy/policy.ts';
import { systemRandom } from '../shared/runtime/system.ts';
import { expectContract, expectData } from './contract.ts';

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
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** What a new app password is to be, beside its name. */
export interface Wanted {
  readonly expiresAt?: string;
  readonly lifetimeDays?: number;
  readonly protocols?: readonly string[];
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
  const answer = toAnswer(response.status, response.headers, await response.text());
  expectContract({ method, path, json, headers }, answer);
  expectData({ method, path }, answer);
  return answer;
}

/** An answer with its body read as what its content type says. */
export function toAnswer(status: number, headers: Headers, text: string): Answer {
  const isJson = /[/+]json/.test(headers.get('content-type') ?? '');
  return { status, headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}

/** The calls of one person with a token. */
export function person(origin: string, token: string) {
  return {
    create: (name: string, headers: Record<string, string> = {}, more: Wanted = {}) =>
      call(origin, 'POST', '/api/app-passwords', { token, json: { name, ...more }, headers }),
    list: () => call(origin, 'GET', '/api/app-passwords', { token }),
    rename: (id: string, name: string) =>
      call(origin, 'PATCH', `/api/app-passwords/${id}`, { token, json: { name } }),
    remove: (id: string) => call(origin, 'DELETE', `/api/app-passwords/${id}`, { token }),
    removeAll: () =>
      call(origin, 'POST', '/api/app-passwords/delete-all', { token, json: { confirm: true } }),
    revive: (id: string) => call(origin, 'POST', `/api/app-passwords/${id}/revive`, { token }),
    register: (name: string, headers: Record<string, string> = {}, more: Wanted = {}) =>
      call(origin, 'PUT', '/api/registration', { token, json: { name, ...more }, headers }),
    activity: () => call(origin, 'GET', '/api/activity', { token }),
    policy: () => call(origin, 'GET', '/api/policy', { token }),
  };
}

/** The calls of an administrator, or of an application with that role; `oid` says which person it is about. */
export function administrator(origin: string, token: string) {
  const people = '/api/admin/people';
  return {
    find: (username: string) => call(origin, 'POST', `${people}/find`, { token, json: { username } }),
    person: (oid: string) => call(origin, 'GET', `${people}/${oid}`, { token }),
    setAccount: (oid: string, json: { account?: 'enabled' | 'disabled'; username?: string }) =>
      call(origin, 'PATCH', `${people}/${oid}`, { token, json }),
    erase: (oid: string) => call(origin, 'DELETE', `${people}/${oid}`, { token }),
    remove: (oid: string, id: string) =>
      call(origin, 'DELETE', `${people}/${oid}/app-passwords/${id}`, { token }),
    removeAll: (oid: string) =>
      call(origin, 'POST', `${people}/${oid}/delete-all`, { token, json: { confirm: true } }),
    suspend: (oid: string, id: string) =>
      call(origin, 'POST', `${people}/${oid}/app-passwords/${id}/suspend`, { token }),
    resume: (oid: string, id: string) =>
      call(origin, 'POST', `${people}/${oid}/app-passwords/${id}/resume`, { token }),
    policy: () => call(origin, 'GET', '/api/admin/policy', { token }),
    /** @param over the ETag of the policy that it replaces */
    setPolicy: (json: Policy, over: string) =>
      call(origin, 'PUT', '/api/admin/policy', { token, json, headers: { 'if-match': over } }),
    /** One part of the report; the next one by the `continuation` of the answer. */
    report: (continuation: string | null = null) => {
      const query = continuation === null ? '' : `?${new URLSearchParams({ continuation })}`;
      return call(origin, 'GET', `/api/admin/report${query}`, { token });
    },
    directory: () => call(origin, 'GET', '/api/admin/directory', { token }),
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

/** Repeats a request that is answered with 503 or 429, as clients do. */
export async function persist(request: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await request();
    if (answer.status !== 503 && answer.status !== 429) return answer;
  }
}

/** A well-formed app password that nobody has. */
export function strangePassword(): string {
  return formatPassword(generatePassword(systemRandom));
}
