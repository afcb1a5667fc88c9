/**
 * Route templates and paths as the Functions host reads them: no notion of the more specific route, paths without
 * case, an optional slash at the end, `%2F` never a separator.
 */

type Segment =
  | { readonly literal: string }
  | {
      readonly name: string;
      readonly optional: boolean;
      readonly catchAll: boolean;
      readonly maxLength: number;
    };

export type Route = readonly Segment[];

export interface Path {
  readonly segments: readonly string[];
  readonly lowerCase: readonly string[];
}

const LITERAL = /^[^{}?]+$/;
const PARAMETER = /^\{(?<star>\*?)(?<name>\w+)(?::maxlength\((?<maxLength>\d+)\))?(?<optional>\??)\}$/;
const ENCODED = /%[0-7][\da-f]|%[c-f][\da-f](?:%[89ab][\da-f]){1,3}/gi;

/** Reads a template such as `api/things/{id:maxlength(36)?}`; throws on what the host, or this reader, refuses. */
export function parseRoute(template: string): Route {
  const names = new Set<string>();
  const texts = template.split('/');
  return texts.map((text, index) => {
    if (LITERAL.test(text)) return { literal: text.toLowerCase() };
    const groups = PARAMETER.exec(text)?.groups;
    if (!groups) throw new Error(`cannot read "${text}" in the route "${template}"`);
    const name = groups.name as string;
    const catchAll = groups.star !== '';
    if (catchAll && index < texts.length - 1) {
      throw new Error(`a catch-all must come last in the route "${template}"`);
    }
    if (names.has(name.toLowerCase())) throw new Error(`"${name}" is twice in the route "${template}"`);
    names.add(name.toLowerCase());
    return {
      name,
      catchAll,
      optional: catchAll || groups.optional !== '',
      maxLength: groups.maxLength === undefined ? Number.POSITIVE_INFINITY : Number(groups.maxLength),
    };
  });
}

/**
 * Splits the path of a request target into decoded segments, without those of dots (RFC 3986, section 5.2.4);
 * undefined for a path with an empty segment.
 */
export function parsePath(path: string): Path | undefined {
  const segments: string[] = [];
  const texts = decode(path).slice(1).split('/');
  for (const text of texts) {
    if (text === '..') segments.pop();
    else if (text !== '.') segments.push(text);
  }
  if (segments.at(-1) === '' && !/^\.\.?$/.test(texts.at(-1) ?? '')) segments.pop();
  if (segments.includes('')) return undefined;
  return {
    segments,
    lowerCase: segments.map((segment) => segment.toLowerCase()),
  };
}

/** The parameters of a path that the route matches, else undefined. */
export function matchRoute(route: Route, path: Path): Record<string, { value: string }> | undefined {
  const parameters: Record<string, { value: string }> = Object.create(null);
  if (path.segments.length > route.length && !endsInCatchAll(route)) return undefined;
  for (const [index, part] of route.entries()) {
    const segment = path.segments[index];
    if (segment === undefined) {
      if ('literal' in part || !part.optional) return undefined;
    } else if ('literal' in part) {
      if (part.literal !== path.lowerCase[index]) return undefined;
    } else {
      const value = part.catchAll ? path.segments.slice(index).join('/') : segment;
      if (value.length > part.maxLength) return undefined;
      parameters[part.name] = { value };
    }
  }
  return parameters;
}

function endsInCatchAll(route: Route): boolean {
  const last = route.at(-1);
  return last !== undefined && !('literal' in last) && last.catchAll;
}

function decode(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(ENCODED, (encoded) => {
    if (/^%2f$/i.test(encoded)) return encoded;
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
