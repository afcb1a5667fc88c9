import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import { protocols } from '../domain/gateway/protocol.ts';
import { highestLimit, type Policy } from '../domain/policy/policy.ts';
import type { NewPolicy } from '../domain/policy/set-policy.ts';
import type { Versioned } from '../domain/versioned.ts';
import { type Parsed, readJson } from './body.ts';

const days = z
  .int({ error: 'This must be a number of days from 1 to 3650, or null for none.' })
  .min(1)
  .max(3650)
  .nullable();

const policy = z.strictObject({
  creation: z.enum(['everybody', 'app-role', 'nobody']),
  verification: z.enum(['allowed', 'denied']),
  maximumLifetimeDays: days,
  idleDays: days,
  protocols: z
    .array(z.enum(protocols))
    .min(1)
    .transform((given) => protocols.filter((protocol) => given.includes(protocol)))
    .nullable(),
  limit: z.int().min(1).max(highestLimit),
});

/** Reads a policy, and says which versions it may replace. */
export async function readPolicy(request: HttpRequest): Promise<Parsed<NewPolicy>> {
  const body = await readJson(request, policy);
  if (body.kind !== 'parsed') return body;
  const mayReplace = readIfMatch(request.headers.get('if-match') ?? '');
  if (mayReplace !== undefined) return { kind: 'parsed', value: { policy: body.value, mayReplace } };
  const detail = 'Send the ETag of the policy that this one replaces.';
  return { kind: 'invalid-request', errors: [{ field: 'If-Match', detail }] };
}

/** RFC 9110 section 8.8.3. */
const entityTag = /(?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*"/.source;
/** Some of the elements may be empty (RFC 9110 section 5.6.1.2). */
const entityTags = new RegExp(`^[ \\t,]*${entityTag}([ \\t]*,[ \\t,]*${entityTag})*[ \\t,]*$`);

/**
 * Which versions an If-Match names (RFC 9110 section 13.1.1); undefined where it is malformed.
 *
 * The comparison is not the strong one: a proxy that compresses makes an ETag weak, and whoever is behind it could
 * never save. Nothing is lost by that, as the ETag is the version of what is stored, not of the bytes that came.
 */
function readIfMatch(field: string): ((version: string) => boolean) | undefined {
  if (field.trim() === '*') return () => true;
  if (!entityTags.test(field)) return undefined;
  const versions = [...field.matchAll(/"(.*?)"/g)].map(([, version]) => version);
  return (version) => versions.includes(encode(version));
}

/** The policy with its version as ETag. */
export function showPolicy({ version, ...policy }: Versioned<Policy>): HttpResponseInit {
  return { headers: { etag: `"${encode(version)}"` }, jsonBody: policy };
}

// The table's own ETags hold quotes and percent signs, which proxies and clients treat in many ways.
const encode = (version: string) => Buffer.from(version).toString('base64url');
