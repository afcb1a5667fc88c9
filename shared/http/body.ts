import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import type { Failure, FieldError } from './problem.ts';

const bodyAtMost = 16 * 1024;

export type Parsed<T> = { readonly kind: 'parsed'; readonly value: T } | Failure;

/**
 * The bytes of a request's body as text.
 *
 * @returns `length-required` for a chunked body, which Azure drops; `content-too-large` for more than 16 KiB.
 */
export async function readText(request: HttpRequest): Promise<Parsed<string>> {
  if (request.headers.has('transfer-encoding')) return { kind: 'length-required' };
  if (Number(request.headers.get('content-length') ?? 0) > bodyAtMost) return { kind: 'content-too-large' };
  if (request.body === null) return { kind: 'parsed', value: '' };
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > bodyAtMost) return { kind: 'content-too-large' };
  return { kind: 'parsed', value: new TextDecoder().decode(bytes) };
}

/**
 * Reads a JSON body by a schema.
 *
 * @returns `unsupported-media-type` for another content type, `invalid-request` with each field that is wrong.
 */
export async function readJson<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<Parsed<T>> {
  const text = await readText(request);
  if (text.kind !== 'parsed') return text;
  if (mediaType(request) !== 'application/json') return { kind: 'unsupported-media-type' };
  return parseJson(text.value, schema);
}

/** The content type without its parameters, in lower case; empty where there is none. */
export function mediaType(request: HttpRequest): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

const confirmation = z.strictObject({ confirm: z.literal(true) });

/** Reads the body that says that what cannot be undone is meant. */
export function readConfirmation(request: HttpRequest): Promise<Parsed<{ confirm: true }>> {
  return readJson(request, confirmation);
}

/** Parses JSON text by a schema. */
export function parseJson<T>(text: string, schema: z.ZodType<T>): Parsed<T> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'invalid-request', errors: [{ field: '', detail: 'The body is not JSON.' }] };
  }
  const result = schema.safeParse(json);
  if (!result.success) return { kind: 'invalid-request', errors: result.error.issues.map(fieldError) };
  if (hasRepeatedName(text))
    return { kind: 'invalid-request', errors: [{ field: '', detail: 'There is a field twice.' }] };
  return { kind: 'parsed', value: result.data };
}

/**
 * Whether an object in valid JSON has a name twice: parsers differ in which of the two they take (RFC 8259 section 4),
 * so that whoever stands before us may have seen another value. No two objects of ours in one body share a name.
 */
function hasRepeatedName(text: string): boolean {
  const names = [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)]
    .filter(([, , colon]) => colon !== undefined)
    .map(([, name = '']) => JSON.parse(name));
  return new Set(names).size < names.length;
}

/** Never with words of the input: not even the name of an unknown field, as people paste passwords anywhere. */
function fieldError(issue: z.core.$ZodIssue): FieldError {
  const field = issue.path.join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return { field, detail: 'There is a field that is not known here.' };
    case 'custom':
      return { field, detail: issue.message };
    case 'invalid_type':
      if (!issue.message.startsWith('Invalid input')) return { field, detail: issue.message };
      return {
        field,
        detail: `This must be ${issue.expected === 'object' ? 'a JSON object' : `a ${issue.expected}`}.`,
      };
    default:
      // What a schema says of a value tells what it expects, and repeats nothing of what was given.
      return { field, detail: issue.message };
  }
}
