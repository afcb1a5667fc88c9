import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import type { Created } from '../domain/add.ts';
import type { Request } from '../domain/draw.ts';
import { parseName } from '../domain/name.ts';
import type { AppPassword } from '../domain/person.ts';
import { type Parsed, readJson } from './body.ts';

const named = z.strictObject({
  name: z.string().transform((given, context) => {
    const parsed = parseName(given);
    if (parsed.kind === 'name') return parsed.name;
    context.addIssue(parsed.detail);
    return z.NEVER;
  }),
});

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the body of a request that names an app password. */
export function readName(request: HttpRequest): Promise<Parsed<{ name: string }>> {
  return readJson(request, named);
}

/** Reads a request for a new app password, with the Idempotency-Key that it may carry. */
export async function readNewAppPassword(request: HttpRequest): Promise<Parsed<Request>> {
  const body = await readName(request);
  if (body.kind !== 'parsed') return body;
  const idempotencyKey = request.headers.get('idempotency-key') ?? undefined;
  if (idempotencyKey !== undefined && !uuid.test(idempotencyKey)) {
    return {
      kind: 'invalid-request',
      errors: [{ field: 'Idempotency-Key', detail: 'This must be a UUID.' }],
    };
  }
  return { kind: 'parsed', value: { ...body.value, idempotencyKey } };
}

/** An app password as the API shows it; times in RFC 3339, UTC. */
export function show({ id, name, createdAt, state, lastUsed }: AppPassword) {
  return {
    id,
    name,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: null,
    protocols: null,
    lastUsed: lastUsed && { ...lastUsed, at: new Date(lastUsed.at).toISOString() },
    state,
  };
}

/** The one answer that ever holds the secret. */
export function showCreated({ appPassword, secret }: Created): HttpResponseInit {
  return {
    status: 201,
    headers: { location: `/api/app-passwords/${appPassword.id}` },
    jsonBody: { ...show(appPassword), password: secret },
  };
}
