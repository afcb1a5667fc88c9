/** Between Node's HTTP messages and the messages that the Functions host exchanges with its Node worker. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RpcHttpResponse } from './functions-core.ts';
import { bodyDeadline } from './kestrel.ts';

type Nullables = Record<string, { value: string }>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Headers as the host passes them on: lower case, duplicates joined by commas, UTF-8 decoded; undefined where it
 * answers 400, as a byte is not UTF-8.
 */
export function readHeaders(raw: readonly string[]): Nullables | undefined {
  const headers: Nullables = Object.create(null);
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = decodeHeader(raw[index + 1] as string);
    if (value === undefined) return undefined;
    append(headers, name, value);
  }
  return headers;
}

/** The query as the host passes it on: one value for a name, in any case; duplicates joined by commas. */
export function readQuery(query: string): Nullables {
  const values: Nullables = Object.create(null);
  if (query === '') return values;
  const spelling = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const key = name.toLowerCase();
    if (!spelling.has(key)) spelling.set(key, name);
    append(values, spelling.get(key) ?? name, value);
  }
  return values;
}

/**
 * The body of a request, which the host reads only by its Content-Length, so that a chunked one is lost. It is refused
 * where it is too large, or does not come. Rejects if the client goes away.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<{ bytes: Uint8Array } | undefined | 'refused'> {
  const length = Number(request.headers['content-length'] ?? 0);
  if (length === 0) return undefined;
  if (length > limit) return 'refused';
  const { httpVersion, headers } = request;
  if (httpVersion === '1.1' && headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const since = performance.now();
    let received = 0;
    const giveUp = () => resolve('refused');
    let timer = setTimeout(giveUp, bodyDeadline(received));
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      received += chunk.length;
      clearTimeout(timer);
      timer = setTimeout(giveUp, since + bodyDeadline(received) - performance.now());
    });
    request.once('end', () => resolve({ bytes: Buffer.concat(chunks) }));
    request.once('error', reject);
    request.once('close', () => clearTimeout(timer));
  });
}

/** Status, headers and body for Node's `response.writeHead` and `end`; throws on what Kestrel cannot send. */
export function toAnswer(http: RpcHttpResponse): {
  status: number;
  headers: Record<string, string | string[]>;
  body?: Uint8Array | undefined;
} {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(http.headers)) {
    if (/[^\t\x20-\x7e]/.test(value)) throw new Error(`the response header ${name} is not ASCII`);
    headers[name] = value;
  }
  if (http.cookies.length > 0) headers['set-cookie'] = http.cookies.map(toSetCookie);
  return { status: Number(http.statusCode), headers, body: http.body?.bytes };
}

function toSetCookie(cookie: RpcHttpResponse['cookies'][number]): string {
  const parts = [`${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`];
  if (cookie.expires?.value) {
    parts.push(`expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`);
  }
  if (cookie.maxAge?.value !== undefined) parts.push(`max-age=${cookie.maxAge.value}`);
  if (cookie.domain?.value) parts.push(`domain=${cookie.domain.value}`);
  if (cookie.path?.value) parts.push(`path=${cookie.path.value}`);
  if (cookie.secure?.value) parts.push('secure');
  if (cookie.sameSite && cookie.sameSite !== 'none') {
    parts.push(`samesite=${cookie.sameSite === 'explicitNone' ? 'none' : cookie.sameSite}`);
  }
  if (cookie.httpOnly?.value) parts.push('httponly');
  return parts.join('; ');
}

function append(values: Nullables, name: string, value: string): void {
  const known = values[name];
  if (known) known.value += `,${value}`;
  else values[name] = { value };
}

function decodeHeader(latin1: string): string | undefined {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  try {
    return utf8.decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}
