import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { safe } from './security-headers.ts';

/** Where the build puts the page: beside the folders of the bundled functions and of their chunks. */
const folder = join(import.meta.dirname, '../portal');

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Allows the page nothing but its own files, and talk with this app and with the identity provider. */
export function contentSecurityPolicy(authority: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${new URL(authority).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** The page. */
export function page(authority: string): HttpResponseInit {
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': contentSecurityPolicy(authority),
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), clipboard-write=(self)',
      ...safe,
    },
    body: index(),
  };
}

/** A file that the page is made of; its name holds a digest of what is in it, so it never changes. */
export function asset(request: HttpRequest): HttpResponseInit {
  const found = assets().get(request.params.file ?? '');
  if (found === undefined) return { status: 404, headers: safe };
  const takesGzip = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  return {
    headers: {
      'content-type': found.type,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(takesGzip && { 'content-encoding': 'gzip' }),
      ...safe,
    },
    body: takesGzip ? found.zipped : found.body,
  };
}

const index = once(() => readFileSync(join(folder, 'index.html')));

const assets = once(() => {
  const place = join(folder, 'assets');
  const files = readdirSync(place).map((file) => {
    const body = readFileSync(join(place, file));
    const type = types[extname(file)];
    if (type === undefined) throw new Error(`The page has a file of an unknown type: ${extname(file)}`);
    return [file, { type, body, zipped: gzipSync(body) }] as const;
  });
  return new Map(files);
});

/** Reads files at the first request, so that the other functions start without them. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
