import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

interface Request {
  readonly method: string;
  readonly path: string;
  /** What was sent as JSON; undefined where the body was something else, or none. */
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** One operation of openapi.yaml. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  /** The names of its security schemes. */
  readonly security: readonly string[];
  /** The segments of the path; undefined stands for a parameter. */
  readonly segments: readonly (string | undefined)[];
  /** Where it is in the document (RFC 6901). */
  readonly pointer: string;
}

interface DocumentedOperation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
}

/** A place in the document, with every `$ref` on the way to it followed. */
interface Place {
  readonly pointer: string;
  // biome-ignore lint/suspicious/noExplicitAny: redocly lints the document; this only walks it.
  readonly value: any;
}

const document = parse(readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8'));
const validators = { body: ajv(false), header: ajv(true) };
const compiled = new Map<string, ValidateFunction>();

/** Every operation of the document; paths without a parameter first, as they win (OpenAPI 3.1, Paths Object). */
export const operations: readonly Operation[] = Object.keys(document.paths)
  .flatMap((path) =>
    Object.entries<DocumentedOperation>(document.paths[path]).flatMap(([key, value]) => {
      const { operationId, tags: [tag = ''] = [] } = value;
      if (operationId === undefined) return [];
      const security = (value.security ?? []).flatMap(Object.keys);
      const segments = segmentsOf(path).map((text) => (text.startsWith('{') ? undefined : text));
      const pointer = `/paths/${escapeName(path)}/${key}`;
      return [{ id: operationId, method: key.toUpperCase(), path, tag, security, segments, pointer }];
    }),
  )
  .sort((a, b) => Number(a.segments.includes(undefined)) - Number(b.segments.includes(undefined)));

/** The names of all headers that any answer of the document has. */
const knownHeaders = new Set(
  operations.flatMap(({ pointer }) => {
    const { responses } = at(pointer).value;
    return Object.keys(responses).flatMap((status) => headersOf(at(pointer, 'responses', status)));
  }),
);

/**
 * Holds one request and its answer to openapi.yaml.
 *
 * @throws Error that says what is not as documented; of what was sent it holds names of fields at most.
 */
export function expectContract(request: Request, answer: Answer): void {
  const operation = operationOf(request);
  const broken = operation === undefined ? brokenByHost(answer) : brokenBy(operation, request, answer);
  if (broken === undefined) return;
  const what = operation
    ? `${operation.method} ${operation.path}`
    : `${request.method}, not in openapi.yaml,`;
  throw new Error(`${what} answered ${answer.status}: ${broken}`);
}

/** What every answer of the API has, as the document says once for all. */
const always = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Holds the answer to a request to the headers that keep a browser from taking it for anything but data. */
export function expectData(request: Pick<Request, 'method' | 'path'>, { headers }: Answer): void {
  if (operationOf(request) === undefined) return;
  const lacking = Object.entries(always).find(([name, value]) => headers.get(name) !== value);
  if (lacking !== undefined) throw new Error(`the header ${lacking[0]} is missing or wrong`);
}

/** The operation that takes a request. As on the host, the case of a path and a slash at its end do not matter. */
export function operationOf({ method, path }: Pick<Request, 'method' | 'path'>): Operation | undefined {
  const segments = segmentsOf((path.split('?', 1)[0] as string).replace(/(?<=.)\/$/, '').toLowerCase());
  return operations.find(
    (operation) =>
      operation.method === method.toUpperCase() &&
      operation.segments.length === segments.length &&
      operation.segments.every((text, index) =>
        text === undefined ? segments[index] !== '' : text === segments[index],
      ),
  );
}

/**
 * Every documented answer as a line, once whatever its content types are: operation, status, and for an error what
 * `type` or `error` may say.
 */
export function documentedAnswers(): string[] {
  const answers = operations.flatMap(({ id, pointer }) =>
    Object.keys(at(pointer, 'responses').value).flatMap((status) => {
      const response = at(pointer, 'responses', status);
      const kinds = Object.keys(response.value.content ?? {}).flatMap((type) =>
        kindsIn(at(response.pointer, 'content', type, 'schema')),
      );
      return kinds.length === 0 ? [`${id} ${status}`] : kinds.map((kind) => `${id} ${status} ${kind}`);
    }),
  );
  return [...new Set(answers)];
}

/** How the host answers what no function takes. */
function brokenByHost({ status, body }: Answer): string | undefined {
  return status === 404 && body === '' ? undefined : 'only a 404 with an empty body is right';
}

function brokenBy(operation: Operation, request: Request, answer: Answer): string | undefined {
  const { pointer } = operation;
  const { status } = answer;
  if (at(pointer, 'responses').value[status] === undefined) return 'the status is not documented';
  const response = at(pointer, 'responses', `${status}`);
  return (
    brokenHeaders(response, answer.headers) ??
    (operation.method === 'HEAD' ? brokenHead(answer) : brokenBody(response, answer)) ??
    (status < 300 ? (brokenParameters(operation, request) ?? brokenRequest(pointer, request)) : undefined)
  );
}

function brokenHeaders(response: Place, headers: Headers): string | undefined {
  const documented = headersOf(response);
  const stray = [...knownHeaders].find((name) => headers.has(name) && !documented.includes(name));
  if (stray !== undefined) return `the header ${stray} is not documented`;
  for (const name of Object.keys(response.value.headers ?? {})) {
    const header = at(response.pointer, 'headers', name);
    const value = headers.get(name);
    if (value === null && header.value.required) return `the header ${name} is missing`;
    const broken = value === null ? undefined : brokenSchema(header.pointer, value, 'header');
    if (broken !== undefined) return `the header ${name} is wrong: ${broken}`;
  }
  return undefined;
}

/** An answer to HEAD has the content type of what it leaves out. */
function brokenHead({ body }: Answer): string | undefined {
  return body === '' ? undefined : 'an answer to HEAD has a body';
}

function brokenBody({ pointer, value }: Place, { headers, body }: Answer): string | undefined {
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (value.content === undefined) {
    return body === '' && type === undefined ? undefined : 'a body is not documented';
  }
  if (type === undefined) return 'the content type is missing';
  if (value.content[type] === undefined) return `the content type ${type} is not documented`;
  const broken = brokenSchema(at(pointer, 'content', type).pointer, body, 'body');
  return broken && `the body is wrong: ${broken}`;
}

/** What the document refuses, the service must refuse as well. */
function brokenParameters(operation: Operation, request: Request): string | undefined {
  const headers = new Headers(request.headers);
  const { pathname, searchParams } = new URL(request.path, 'http://localhost');
  const sent = (name: string, where: string) => {
    if (where === 'header') return headers.get(name);
    if (where === 'query') return searchParams.get(name);
    const index = segmentsOf(operation.path).indexOf(`{${name}}`);
    return decodeURIComponent(segmentsOf(pathname)[index] ?? '');
  };
  const owners = [operation.pointer.replace(/[/][^/]*$/, ''), operation.pointer];
  for (const owner of owners) {
    for (const index of Object.keys(at(owner).value.parameters ?? [])) {
      const { pointer, value } = at(owner, 'parameters', index);
      const given = sent(value.name, value.in);
      if (given === null && value.required) return `it took a request without ${value.name}`;
      const broken = given === null ? undefined : brokenSchema(pointer, given, 'header');
      if (broken !== undefined)
        return `it took a request whose ${value.name} the document refuses: ${broken}`;
    }
  }
  return undefined;
}

function brokenRequest(pointer: string, { json }: Request): string | undefined {
  if (json === undefined || at(pointer).value.requestBody === undefined) return undefined;
  const { content } = at(pointer, 'requestBody').value;
  if (content['application/json'] === undefined) return 'a JSON request is not documented';
  const media = at(pointer, 'requestBody', 'content', 'application/json');
  const broken = brokenSchema(media.pointer, json, 'body');
  return broken && `it took a request that the document refuses: ${broken}`;
}

/** Validates against the `schema` in a header or a media type. */
function brokenSchema(parent: string, value: unknown, kind: keyof typeof validators): string | undefined {
  let validate = compiled.get(parent);
  if (validate === undefined) {
    validate = validators[kind].compile({ $ref: `openapi.yaml#${encodeURI(parent)}/schema` });
    compiled.set(parent, validate);
  }
  if (validate(value)) return undefined;
  return validate.errors
    ?.map(({ instancePath, message, params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
    )
    .join('; ');
}

function headersOf({ value }: Place): string[] {
  return Object.keys(value.headers ?? {}).map((name) => name.toLowerCase());
}

/** The values that `type` of a problem, or `error` of a grant, may have. */
function kindsIn({ pointer, value }: Place): string[] {
  if (value.oneOf) {
    return value.oneOf.flatMap((_: unknown, index: number) => kindsIn(at(pointer, 'oneOf', `${index}`)));
  }
  const { type, error } = value.properties ?? {};
  const kind = type ?? error;
  return kind?.enum ?? (kind?.const === undefined ? [] : [kind.const]);
}

/** Follows a pointer, and more names from there; a reference with other keywords beside it stays what it is. */
function at(pointer: string, ...names: string[]): Place {
  let place: Place = { pointer: '', value: document };
  for (const name of [...pointer.split('/').slice(1).map(unescapeName), ...names]) {
    place = { pointer: `${place.pointer}/${escapeName(name)}`, value: place.value[name] };
    while (Object.keys(place.value).join() === '$ref') place = at(place.value.$ref.slice(1));
  }
  return place;
}

function escapeName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapeName(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

/** Header fields are text, so numbers in them are read from it. */
function ajv(coerceTypes: boolean): Ajv2020 {
  const made = new Ajv2020({ coerceTypes, strictTypes: false });
  addFormats.default(made);
  made.addVocabulary(Object.keys(document));
  return made.addSchema(document, 'openapi.yaml');
}
