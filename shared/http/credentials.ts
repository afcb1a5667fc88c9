import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { decodeTyped, decodeUtf8, parseJson, readBytes } from './body.ts';
import type { Failure } from './problem.ts';

/** What somebody typed into a device, as a gateway hands it on. */
export interface Credentials {
  readonly kind: 'credentials';
  readonly username: string;
  readonly password: string;
  /** What a JSON body says about where they come from. */
  readonly protocol?: string | undefined;
  readonly clientAddress?: string | undefined;
}

const json = z.strictObject({
  username: z.string(),
  password: z.string(),
  protocol: z.string().optional(),
  clientAddress: z.string().optional(),
});

/**
 * Finds the credentials of a verify: HTTP Basic (RFC 7617), or a JSON body.
 *
 * A client of a gateway can add headers, a query or a body of its own, and a verify that believes them can be talked
 * into a login: so more than one set is `ambiguous-credentials`, of every shape that any gateway is known to send.
 * The shapes that are never taken count as none when they are alone.
 */
export async function readCredentials(
  request: HttpRequest,
): Promise<Credentials | { kind: 'none' } | Failure> {
  const authorization = request.headers.get('authorization') ?? '';
  // Duplicate headers arrive joined by commas, which neither Basic nor base64 has.
  const sent = authorization.split(',');
  const basics = sent.some((one) => /^\s*basic(\s|$)/i.test(one)) ? sent.length : 0;
  const elsewhere =
    Number(request.headers.has('auth-user') || request.headers.has('auth-pass')) +
    Number(request.query.has('password') || request.query.has('client_secret'));
  if (basics + elsewhere > 1) return { kind: 'ambiguous-credentials' };

  const bytes = await readBytes(request);
  if (bytes.kind !== 'parsed') return bytes;
  const body = decodeTyped(bytes.value);
  if (basics + elsewhere + Number(holdsCredentials(body)) > 1) return { kind: 'ambiguous-credentials' };
  if (basics === 1) return parseBasic(authorization);
  if (body.trim() === '') return { kind: 'none' };
  const parsed = parseJson(request, bytes.value, json);
  return parsed.kind === 'parsed' ? { kind: 'credentials', ...parsed.value } : parsed;
}

/** Credentials in a body count whatever the content type says: whoever wrote the one wrote the other. */
function holdsCredentials(body: string): boolean {
  if (body === '') return false;
  const names = ['username', 'password', 'client_secret'];
  const form = new URLSearchParams(body);
  if (names.some((name) => form.has(name))) return true;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && names.some((name) => Object.hasOwn(value, name));
  } catch {
    return false;
  }
}

/** RFC 7617 section 2: base64 of `username:password`, in UTF-8; older clients send Latin-1. What is malformed is wrong credentials. */
function parseBasic(authorization: string): Credentials {
  const encoded = /^\s*basic\s+([A-Za-z0-9+/]+=*)\s*$/i.exec(authorization)?.[1] ?? '';
  const bytes = Buffer.from(encoded, 'base64');
  const text = decodeUtf8(bytes) ?? bytes.toString('latin1');
  const colon = text.indexOf(':');
  if (colon === -1) return { kind: 'credentials', username: '', password: '' };
  return { kind: 'credentials', username: text.slice(0, colon), password: text.slice(colon + 1) };
}
