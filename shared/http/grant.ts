import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { decodeTyped, mediaType, readBytes } from './body.ts';

/** Errors of RFC 6749 section 5.2, and what each one answers. */
const errors = {
  invalid_client: [
    503,
    'The gateway key is missing or wrong. This says nothing about the username and password.',
  ],
  temporarily_unavailable: [503, 'Nothing is wrong with the request. Try again in a few seconds.'],
  invalid_grant: [400, 'Username or app password is wrong.'],
  unsupported_grant_type: [400, 'Only grant_type=password is supported.'],
  invalid_request: [
    400,
    'Send each of grant_type, username and password once, as a form, and nothing else that holds credentials.',
  ],
  length_required: [411, 'Send the form with a Content-Length instead of in chunks.'],
  content_too_large: [413, 'Send at most 16 KiB.'],
} as const;

/** A password grant (RFC 6749 section 4.3.2), or what is wrong with it. */
export type Grant =
  | { readonly kind: 'grant'; readonly username: string; readonly password: string }
  | { readonly kind: keyof typeof errors };

type Unread = { readonly kind: 'length_required' | 'content_too_large' };

/** Whether the form, and a key in it, could not be read at all. */
export function isUnread(grant: Grant): grant is Unread {
  return grant.kind === 'length_required' || grant.kind === 'content_too_large';
}

/**
 * Reads a password grant and the gateway key that comes with it: in `x-gateway-key`, or as the form's `client_secret`.
 */
export async function readGrant(request: HttpRequest): Promise<{ key: string | null; grant: Grant }> {
  const header = request.headers.get('x-gateway-key');
  const bytes = await readBytes(request);
  if (bytes.kind === 'length-required') return { key: header, grant: { kind: 'length_required' } };
  if (bytes.kind !== 'parsed') return { key: header, grant: { kind: 'content_too_large' } };
  if (mediaType(request)?.essence !== 'application/x-www-form-urlencoded') {
    return { key: header, grant: { kind: 'invalid_request' } };
  }
  const form = new URLSearchParams(decodeTyped(bytes.value));
  return { key: header ?? form.get('client_secret'), grant: parse(request, form) };
}

function parse(request: HttpRequest, form: URLSearchParams): Grant {
  const { headers, query } = request;
  const elsewhere = ['authorization', 'auth-user', 'auth-pass'].some((name) => headers.has(name));
  const repeated = ['grant_type', 'username', 'password', 'client_secret'].some(
    (name) => form.getAll(name).length > 1,
  );
  if (elsewhere || repeated || query.has('password') || query.has('client_secret'))
    return { kind: 'invalid_request' };
  const [type, username, password] = ['grant_type', 'username', 'password'].map((name) => form.get(name));
  if (type == null) return { kind: 'invalid_request' };
  if (type !== 'password') return { kind: 'unsupported_grant_type' };
  return username == null || password == null
    ? { kind: 'invalid_request' }
    : { kind: 'grant', username, password };
}

/** The answer to a password grant that fails. */
export function grantError(error: keyof typeof errors): HttpResponseInit {
  const [status, description] = errors[error];
  const registered = isUnread({ kind: error }) ? 'invalid_request' : error;
  return {
    status,
    ...(status === 503 && { headers: { 'retry-after': '5' } }),
    jsonBody: { error: registered, error_description: description },
  };
}
