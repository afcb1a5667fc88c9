import { MIMEType } from 'node:util';
import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import type { Failure, FieldError } from './problem.ts';

const bodyAtMost = 16 * 1024;

export type Parsed<T> = { readonly kind: 'parsed'; readonly value: T } | Failure;

/**
 * The bytes of a request's body.
 *
 * @returns `length-required` for a chunked body, which Azure drops; `content-too-large` for more than 16 KiB.
 */
export async function readBytes(request: HttpRequest): Promise<Parsed<ArrayBuffer>> {
  if (request.headers.has('transfer-encoding')) return { kind: 'length-required' };
  if (Number(request.headers.get('content-length') ?? 0) > bodyAtMost) return { kind: 'content-too-large' };
  if (request.body === null) return { kind: 'parsed', value: new ArrayBuffer() };
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > bodyAtMost) return { kind: 'content-too-large' };
  return { kind: 'parsed', value: bytes };
}

/** UTF-8 as text; undefined for bytes that are none (RFC 3629). */
export function decodeUtf8(bytes: ArrayBuffer | Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes that may hold what somebody typed: U+FFFD stands for what is not UTF-8, and makes credentials wrong. */
export function decodeTyped(bytes: ArrayBuffer): string {
  return new TextDecoder().decode(bytes);
}

/**
 * Reads a JSON body by a schema.
 *
 * @returns `unsupported-media-type` for another content type, `invalid-request` with each field that is wrong.
 */
export async function readJson<T>(request: HttpRequest, schema: z.ZodType<T>): Promise<Parsed<T>> {
  const bytes = await readBytes(request);
  return bytes.kind === 'parsed' ? parseJson(request, bytes.value, schema) : bytes;
}

/** The content type; undefined where there is none, or what is there is none. */
export function mediaType(request: HttpRequest): MIMEType | undefined {
  try {
    return new MIMEType(request.headers.get('content-type') ?? '');
  } catch {
    return undefined;
  }
}

/** JSON is UTF-8 (RFC 8259 section 8.1), so one that says that it is something else would be misread. */
function isJson(request: HttpRequest): boolean {
  const type = mediaType(request);
  if (type?.essence !== 'application/json') return false;
  const charset = type.params.get('charset');
  return charset === null || /^utf-?8$/i.test(charset);
}

const confirmation = z.strictObject({ confirm: z.literal(true) });

/** Reads the body that says that what cannot be undone is meant. */
export function readConfirmation(request: HttpRequest): Promise<Parsed<{ confirm: true }>> {
  return readJson(request, confirmation);
}

/** Parses the bytes of a JSON body by a schema; as {@link readJson}. */
export function parseJson<T>(request: HttpRequest, bytes: ArrayBuffer, schema: z.ZodType<T>): Parsed<T> {
  if (!isJson(request)) return { kind: 'unsupported-media-type' };
  // A byte order mark may be ignored (RFC 8259 section 8.1).
  const text = decodeUtf8(bytes)?.replace(/^\ufeff/, '');
  if (text === undefined) return invalid('The body is not UTF-8. Send JSON in UTF-8.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return invalid('The body is not JSON.');
  }
  const result = schema.safeParse(json);
  if (!result.success) return { kind: 'invalid-request', errors: result.error.issues.map(fieldError) };
  return hasRepeatedName(text) ? invalid('There is a field twice.') : { kind: 'parsed', value: result.data };
}

function invalid(detail: string): Failure {
  return { kind: 'invalid-request', errors: [{ field: '', detail }] };
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
