import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { safe } from './security-headers.ts';

/** Where the build puts the page and logos: beside the folders of the bundled functions and of their chunks. */
const folder = join(import.meta.dirname, '../portal');
const branding = join(import.meta.dirname, '../branding');

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** An SVG is a document: one that somebody opens by itself runs and loads nothing. */
const drawing = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
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

/** A file that the page is made of, or a logo. */
export function asset(request: HttpRequest): HttpResponseInit {
  const found = assets().get(request.params.file ?? '');
  if (found === undefined) return { status: 404, headers: safe };
  const takesGzip = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  return {
    headers: {
      'content-type': found.type,
      'cache-control': found.cacheControl,
      vary: 'accept-encoding',
      ...(found.type === types['.svg'] && drawing),
      ...(takesGzip && { 'content-encoding': 'gzip' }),
      ...safe,
    },
    body: takesGzip ? found.zipped : found.body,
  };
}

const index = once(() => readFileSync(join(folder, 'index.html')));

const assets = once(
  () =>
    new Map([
      ...filesIn(branding, 'public, max-age=3600'),
      // The name of each holds a digest of what is in it, so it never changes.
      ...filesIn(join(folder, 'assets'), 'public, max-age=31536000, immutable'),
    ]),
);

function filesIn(place: string, cacheControl: string) {
  if (!existsSync(place)) return [];
  return readdirSync(place).map((file) => {
    const body = readFileSync(join(place, file));
    const type = types[extname(file).toLowerCase()];
    if (type === undefined) throw new Error(`The page has a file of an unknown type: ${extname(file)}`);
    return [file, { type, body, zipped: gzipSync(body), cacheControl }] as const;
  });
}

/** Reads files at the first request, so that the other functions start without them. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
