import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as z from 'zod';
import type { AppPassword, LastUsed } from '../domain/app-password/app-password.ts';
import type { Created, CreateRefusal } from '../domain/app-password/create.ts';
import { parseName } from '../domain/app-password/name.ts';
import type { NewAppPassword } from '../domain/app-password/new-app-password.ts';
import { protocols } from '../domain/gateway/protocol.ts';
import { type Parsed, readJson } from './body.ts';
import { problem } from './problem.ts';

const named = z.strictObject({
  name: z.string().transform((given, context) => {
    const parsed = parseName(given);
    if (parsed.kind === 'name') return parsed.name;
    context.addIssue(parsed.detail);
    return z.NEVER;
  }),
});

const noTime = { error: 'This must be a time by RFC 3339, as in 2027-01-31T12:00:00Z.' };

/** The last moment that a table holds. */
const latest = Date.parse('9999-12-31T23:59:59.999Z');

const lifetime = { error: 'This must be a number of days from 1 to 3650.' };

const wanted = named
  .extend({
    expiresAt: z
      .string(noTime)
      // RFC 3339 section 5.6: "t" and "z" may be in lower case.
      .toUpperCase()
      .pipe(z.iso.datetime({ offset: true, ...noTime }))
      .transform((text) => Date.parse(text))
      .refine((at) => at <= latest, { error: 'This is too far away.' })
      .optional(),
    lifetimeDays: z.int(lifetime).min(1, lifetime).max(3650, lifetime).optional(),
    protocols: z
      .array(z.enum(protocols, { error: `Protocols are ${protocols.join(', ')}.` }))
      .min(1, { error: 'Name at least one protocol, or leave the field out for all.' })
      .transform((given) => protocols.filter((protocol) => given.includes(protocol)))
      .optional(),
  })
  .refine(({ expiresAt, lifetimeDays }) => expiresAt === undefined || lifetimeDays === undefined, {
    path: ['lifetimeDays'],
    error: 'Send this or expiresAt, not both.',
  });

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the body of a request that names an app password. */
export function readName(request: HttpRequest): Promise<Parsed<{ name: string }>> {
  return readJson(request, named);
}

/** Reads a request for a new app password, with the Idempotency-Key that it may carry. */
export async function readNewAppPassword(request: HttpRequest): Promise<Parsed<NewAppPassword>> {
  const body = await readJson(request, wanted);
  if (body.kind !== 'parsed') return body;
  const idempotencyKey = request.headers.get('idempotency-key') ?? undefined;
  if (idempotencyKey !== undefined && !uuid.test(idempotencyKey)) {
    return {
      kind: 'invalid-request',
      errors: [{ field: 'Idempotency-Key', detail: 'This must be a UUID.' }],
    };
  }
  const { name, expiresAt = null, lifetimeDays = null, protocols = null } = body.value;
  return { kind: 'parsed', value: { name, expiresAt, lifetimeDays, protocols, idempotencyKey } };
}

/** A time as the API shows it: RFC 3339, UTC. */
export const moment = (at: number) => new Date(at).toISOString();
export const momentOrNull = (at: number | null) => (at === null ? null : moment(at));

/**
 * An app password as list, rename, revive, create and the administrators' person show it (schemas `AppPassword`,
 * `NewAppPassword` and `PersonsAppPassword`); why it is suspended only where it is.
 */
export function show({
  id,
  name,
  createdAt,
  expiresAt,
  protocols,
  state,
  suspendedFor,
  lastUsed,
}: AppPassword) {
  return {
    id,
    name,
    createdAt: moment(createdAt),
    expiresAt: momentOrNull(expiresAt),
    protocols,
    lastUsed: showLastUsed(lastUsed),
    state,
    ...(state === 'suspended' && { suspendedFor }),
  };
}

export function showLastUsed(lastUsed: LastUsed | null) {
  return lastUsed && { ...lastUsed, at: moment(lastUsed.at) };
}

/** The answer to a request for a new app password that was refused. */
export function refusedToCreate(refusal: CreateRefusal): HttpResponseInit {
  const field = (name: string, detail: string) =>
    problem({ kind: 'invalid-request', errors: [{ field: name, detail }] });
  if (refusal.kind === 'already-past') return field('expiresAt', 'This must be in the future.');
  if (refusal.kind === 'lifetime-not-allowed')
    return field('lifetimeDays', 'The policy does not allow so many days: see /api/policy.');
  if (refusal.kind === 'protocols-not-allowed')
    return field('protocols', 'The policy does not allow all of these: see /api/policy.');
  return problem(refusal);
}

/** The one answer that ever holds the password. */
export function showCreated({ appPassword, password }: Created): HttpResponseInit {
  return {
    status: 201,
    headers: { location: `/api/app-passwords/${appPassword.id}` },
    jsonBody: { ...show(appPassword), password },
  };
}
