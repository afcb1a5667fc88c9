import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import type { Versioned } from '../domain/person.ts';
import { highestLimit, type Policy } from '../domain/policy.ts';
import { protocols } from '../domain/protocol.ts';
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

/** Reads a policy, and the version that it is to replace (If-Match, RFC 9110 section 13.1.1). */
export async function readPolicy(request: HttpRequest): Promise<Parsed<{ policy: Policy; over: string }>> {
  const body = await readJson(request, policy);
  if (body.kind !== 'parsed') return body;
  const over = /^"(.*)"$/.exec(request.headers.get('if-match')?.trim() ?? '')?.[1];
  if (over === undefined || !/^[\w-]+$/.test(over)) {
    const detail = 'Send the ETag of the policy that this one replaces.';
    return { kind: 'invalid-request', errors: [{ field: 'If-Match', detail }] };
  }
  return { kind: 'parsed', value: { policy: body.value, over: decode(over) } };
}

/** The policy with its version as ETag. */
export function showPolicy({ version, ...policy }: Versioned<Policy>): HttpResponseInit {
  return { headers: { etag: `"${encode(version)}"` }, jsonBody: policy };
}

// The table's own ETags hold quotes and percent signs, which proxies and clients treat in many ways.
const encode = (version: string) => Buffer.from(version).toString('base64url');
const decode = (text: string) => Buffer.from(text, 'base64url').toString();
