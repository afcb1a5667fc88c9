import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../local/key-vault.ts';

/** A user as Graph keeps it; `mail` may be there without a value. */
export interface GraphUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly mail: string | null;
  readonly accountEnabled: boolean;
}

/**
 * What the stand-in does with requests: `away` cuts the connection, `hang` never answers, a number answers 429 with
 * Retry-After, in seconds.
 */
export type GraphMode = 'pass' | 'away' | 'hang' | { readonly retryAfter: number };

interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
}

type Property = Exclude<keyof GraphUser, 'id'>;
const properties: readonly Property[] = ['userPrincipalName', 'mail', 'accountEnabled'];

interface Change {
  readonly id: string;
  readonly changed: readonly Property[];
}

class GraphError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** The only bearer token that the stand-in accepts. */
export const graphToken = 'local-graph';

/**
 * A stand-in for the users of Microsoft Graph v1.0, over HTTPS on 127.0.0.1. A test edits the directory and decides
 * how Graph behaves; what is asked for with `$select` comes, and of changes only what changed.
 *
 * @see https://learn.microsoft.com/graph/api/user-delta
 */
export async function startGraph({ token = graphToken }: { token?: string } = {}) {
  const { private: key, cert } = await selfSigned();
  const server = createServer({ key, cert }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const users = new Map<string, GraphUser>();
  /** The soft-deleted ones. */
  const recycled = new Map<string, GraphUser>();
  const changes: Change[] = [];
  const requests: SeenRequest[] = [];
  const unlisted = new Set<string>();
  let generation = 0;
  let pageSize = 100;
  let linkOrigin = url;
  let modes: { mode: GraphMode; times: number }[] = [];
  let redirectTo: string | undefined;

  const link = (name: string, value: string, select: string) =>
    `${linkOrigin}/v1.0/users/delta?${name}=${encodeURIComponent(value)}&$select=${select}`;

  const shown = (user: GraphUser, select: string, only: readonly Property[] = properties) => ({
    id: user.id,
    ...Object.fromEntries(
      only.filter((name) => select.split(',').includes(name)).map((name) => [name, user[name]]),
    ),
  });

  const toItem = (id: string, changed: readonly Property[], select: string) => {
    const user = users.get(id);
    if (user !== undefined) return shown(user, select, changed);
    return { id, '@removed': { reason: recycled.has(id) ? 'changed' : 'deleted' } };
  };

  /** Tokens are `generation:from`, those of a further page `generation:from:to:offset`. */
  const delta = (query: URLSearchParams) => {
    const select = query.get('$select') ?? 'id';
    const deltaToken = query.get('$deltatoken');
    const latest = `${generation}:${changes.length}`;
    if (deltaToken === 'latest')
      return { value: [], '@odata.deltaLink': link('$deltatoken', latest, select) };
    const given = query.get('$skiptoken') ?? deltaToken;
    if (given === null || !/^\d+:\d+(:\d+:\d+)?$/.test(given))
      throw new GraphError(400, 'Request_BadRequest');
    const [ofGeneration, from = 0, to = changes.length, offset = 0] = given.split(':').map(Number);
    if (ofGeneration !== generation) throw new GraphError(410, 'resyncRequired');
    const touched = new Map<string, Set<Property>>();
    for (const { id, changed } of changes.slice(from, to)) {
      touched.set(id, new Set([...(touched.get(id) ?? []), ...changed]));
    }
    const items = [...touched].map(([id, changed]) => toItem(id, [...changed], select));
    const value = items.slice(offset, offset + pageSize);
    return offset + pageSize < items.length
      ? {
          value,
          '@odata.nextLink': link('$skiptoken', `${generation}:${from}:${to}:${offset + pageSize}`, select),
        }
      : { value, '@odata.deltaLink': link('$deltatoken', `${generation}:${to}`, select) };
  };

  const list = (query: URLSearchParams) => {
    const ids = /^id in \((.*)\)$/.exec(query.get('$filter') ?? '')?.[1]?.split(',');
    if (ids === undefined || ids.length > 15) throw new GraphError(400, 'Request_UnsupportedQuery');
    const wanted = ids.map((id) => id.replace(/^'(.*)'$/, '$1').replaceAll("''", "'"));
    const found = wanted.flatMap((id) => (unlisted.has(id) ? [] : (users.get(id) ?? [])));
    return { value: found.map((user) => shown(user, query.get('$select') ?? 'id')) };
  };

  const answer = (request: IncomingMessage): unknown => {
    if (request.headers.authorization !== `Bearer ${token}`)
      throw new GraphError(401, 'InvalidAuthenticationToken');
    const { pathname, searchParams } = new URL(request.url ?? '', url);
    if (request.method !== 'GET') throw new GraphError(405, 'Request_BadRequest');
    if (pathname === '/v1.0/users/delta') return delta(searchParams);
    if (pathname === '/v1.0/users') return list(searchParams);
    const id = /^\/v1\.0\/users\/([^/]+)$/.exec(pathname)?.[1];
    const user = id === undefined ? undefined : users.get(decodeURIComponent(id));
    if (user === undefined) throw new GraphError(404, 'Request_ResourceNotFound');
    return shown(user, searchParams.get('$select') ?? 'id');
  };

  const send = (response: ServerResponse, status: number, body: unknown, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

  server.on('request', (request, response) => {
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization });
    const [first] = modes;
    if (first !== undefined && --first.times === 0) modes.shift();
    const mode = first?.mode ?? 'pass';
    if (mode === 'away') return void request.destroy();
    if (mode === 'hang') return;
    if (mode !== 'pass') {
      const headers = { 'retry-after': `${mode.retryAfter}` };
      return send(response, 429, { error: { code: 'TooManyRequests', message: 'Wait.' } }, headers);
    }
    if (redirectTo !== undefined) return void response.writeHead(307, { location: redirectTo }).end();
    try {
      send(response, 200, answer(request));
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
      send(response, error.status, { error: { code: error.code, message: 'It says why.' } });
    }
  });

  const edit = (id: string, set: Partial<Omit<GraphUser, 'id'>>) => {
    const user = users.get(id);
    if (user === undefined) throw new Error('there is no such user');
    users.set(id, { ...user, ...set });
    changes.push({ id, changed: properties.filter((name) => name in set) });
  };

  return {
    url,
    certificate: cert,
    /** The settings of an app that follows this directory. */
    settings: { GRAPH_URL: url, GRAPH_CERTIFICATE: cert, GRAPH_TOKEN: token },
    /** Every request so far. */
    requests: requests as readonly SeenRequest[],
    create(id: string, userPrincipalName: string, mail: string | null = null) {
      users.set(id, { id, userPrincipalName, mail, accountEnabled: true });
      changes.push({ id, changed: properties });
    },
    disable: (id: string) => edit(id, { accountEnabled: false }),
    enable: (id: string) => edit(id, { accountEnabled: true }),
    rename: (id: string, userPrincipalName: string) => edit(id, { userPrincipalName }),
    setMail: (id: string, mail: string | null) => edit(id, { mail }),
    /** `soft`: it could be restored, as everybody within 30 days. */
    remove(id: string, how: 'soft' | 'hard' = 'soft') {
      const user = users.get(id);
      users.delete(id);
      if (user !== undefined && how === 'soft') recycled.set(id, user);
      changes.push({ id, changed: [] });
    },
    restore(id: string) {
      const user = recycled.get(id);
      if (user === undefined) throw new Error('there is no such user');
      recycled.delete(id);
      users.set(id, user);
      changes.push({ id, changed: properties });
    },
    /** How many items a page of changes has. */
    pageSize(size: number) {
      pageSize = size;
    },
    /** No link that was given out is accepted any more. */
    expireLinks() {
      generation++;
    },
    /** Lists leave this user out, as a replica that lags behind. */
    unlist(id: string) {
      unlisted.add(id);
    },
    /** Links that are given out lead to another origin. */
    linksLeadTo(origin: string) {
      linkOrigin = origin;
    },
    redirect(to: string | undefined) {
      redirectTo = to;
    },
    /** How the next requests are taken; all of them from now on, unless it is said how many. */
    mode(mode: GraphMode, times = Number.POSITIVE_INFINITY) {
      modes = [{ mode, times }];
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

export type Graph = Awaited<ReturnType<typeof startGraph>>;
