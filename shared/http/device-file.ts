import { hash } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { problem } from './problem.ts';
import { safeData } from './security-headers.ts';

/**
 * A file that sets up a device. Everybody gets the same one; who has it asks whether it changed.
 *
 * @param file undefined where this deployment describes nothing that would be in it
 */
export function deviceFile(
  request: HttpRequest,
  file:
    | { readonly body: string | Uint8Array; readonly headers: Readonly<Record<string, string>> }
    | undefined,
): HttpResponseInit {
  if (file === undefined) {
    const answer = problem({ kind: 'no-device-settings' });
    return { ...answer, headers: { ...safeData, 'cache-control': 'no-store', ...answer.headers } };
  }
  const etag = `"${hash('sha256', file.body, 'base64url')}"`;
  const headers = { ...safeData, 'cache-control': 'no-cache', etag };
  // The comparison is the weak one (RFC 9110 section 13.1.2).
  const isKnown = request.headers.get('if-none-match')?.includes(etag);
  return isKnown ? { status: 304, headers } : { headers: { ...headers, ...file.headers }, body: file.body };
}
