/**
 * A stand-in for the Azure Functions host: loads the files that Azure loads, serves their HTTP functions with the
 * answers of the real host, never kinder ones, and runs their timers.
 *
 *   node local/functions-host.ts --app DIR --port N [--main GLOB] [--quiet]
 *
 * --main stands in the place of that of package.json; --quiet does not list the functions.
 * The app's settings are this process's environment; LOCAL_FUNCTION_KEY is the only function key that is right,
 * and the master key.
 * A parent with an IPC channel is sent `{ origin }` once the host listens.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { endApp, findFunction, type HttpFunction, invoke, type LoadedApp, loadApp } from './functions-app.ts';
import { log } from './functions-core.ts';
import { startTimers, type Timers } from './functions-timers.ts';
import { drainAtMost, refusal, refuseUnreadable, serverOptions } from './kestrel.ts';
import { parsePath } from './routes.ts';
import { readBody, readHeaders, readQuery, toAnswer } from './rpc-http.ts';

const HOMEPAGE = Buffer.from(
  '<!doctype html><title>Azure Functions</title><p>The function app is running.</p>',
);

const homepageDisabled = process.env.AzureWebJobsDisableHomepage?.toLowerCase() === 'true';
const functionKey = process.env.LOCAL_FUNCTION_KEY;
const bodyLimit = Number(process.env.FUNCTIONS_REQUEST_BODY_SIZE_LIMIT) || 100 * 1024 * 1024;

let functions: readonly HttpFunction[] = [];
let timers: Timers = { run: () => false, stop: async () => {} };
let stopping = false;
/** How many requests each open connection waits for. */
const connections = new Map<Socket, number>();

const server = createServer(serverOptions);

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', method = '' } = request;
  const refused = refusal(request);
  if (refused !== undefined) return refuse(response, refused);
  const headers = readHeaders(request.rawHeaders);
  if (!headers) return refuse(response, 400);
  if (!headers.host?.value) return answer(response, 500);

  const mark = url.indexOf('?');
  const path = parsePath(mark < 0 ? url : url.slice(0, mark));
  if (!path) return answer(response, 404);
  const query = readQuery(mark < 0 ? '' : url.slice(mark + 1));
  const key = headers['x-functions-key']?.value ?? query.code?.value;
  const hasKey = functionKey !== undefined && functionKey !== '' && key === functionKey;
  const route = path.lowerCase.join('/');
  if (route === 'admin/warmup' || (route === 'admin/host/ping' && /^(GET|POST)$/.test(method))) {
    return answer(response, 200);
  }
  if (/^(admin\/host|runtime\/webhooks)\//.test(route)) return answer(response, 401);
  if (/^admin\/functions(\/|$)/.test(route)) {
    const status = hasKey ? await administer(request, response, path.segments) : 401;
    return status === 500 ? refuse(response, 500) : answer(response, status);
  }
  const match = findFunction(functions, method, path);
  if (!match) {
    if (path.segments.length > 0) return answer(response, 404);
    if (homepageDisabled) return answer(response, 204);
    const described = { 'content-type': 'text/html', 'content-length': String(HOMEPAGE.length) };
    return answer(response, 200, { headers: described, body: HOMEPAGE });
  }

  const { found, parameters } = match;
  if (found.needsKey && !hasKey) return answer(response, 401);
  const body = await readBody(request, response, bodyLimit);
  if (body === 'refused') return refuse(response, 500);
  try {
    const http = {
      url: `http://${headers.host.value}${url}`,
      method,
      nullableHeaders: headers,
      nullableQuery: query,
      nullableParams: parameters,
      body,
    };
    const result = await invoke(found, { http });
    if (!result) return answer(response, 204);
    const { status, ...sent } = toAnswer(result);
    answer(response, status, sent);
  } catch (error) {
    log('error', 'host', `${found.metadata.name} failed: ${message(error)}`);
    answer(response, 500);
  }
}

/**
 * The status of a call of the host's own: `POST /admin/functions/{name}` runs a timer, and is answered before it ends.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
 */
async function administer(
  request: IncomingMessage,
  response: ServerResponse,
  [, , name, ...more]: readonly string[],
): Promise<number> {
  if (request.method !== 'POST' || name === undefined || more.length > 0) return 404;
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return 415;
  const body = await readBody(request, response, bodyLimit);
  if (body === 'refused') return 500;
  if (!isJsonObject(Buffer.from(body?.bytes ?? []).toString())) return 400;
  return timers.run(name) ? 202 : 404;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * Without a length where there is a body: in chunks, or on HTTP/1.0 until the connection closes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
function answer(
  response: ServerResponse,
  status: number,
  { headers = {}, body }: { headers?: Record<string, string | string[]>; body?: Uint8Array | undefined } = {},
): void {
  const { method, httpVersion } = response.req;
  const isEmpty = body === undefined || body.byteLength === 0;
  if (stopping) headers.connection = 'close';
  if (isEmpty && method !== 'HEAD' && status !== 204 && status !== 304) headers['content-length'] = '0';
  // Node would send chunks to a client of HTTP/1.0 that has "TE: chunked".
  if (httpVersion === '1.0') response.useChunkedEncodingByDefault = false;
  response.writeHead(status, headers).end(isEmpty ? undefined : body);
}

/** Answers with nothing but the status, and ends the connection, as the rest of the request cannot be read. */
function refuse(response: ServerResponse, status: number): void {
  answer(response, status, { headers: { connection: 'close' } });
}

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  connections.set(socket, (connections.get(socket) ?? 0) + 1);
  response.once('close', () => {
    const waiting = (connections.get(socket) ?? 1) - 1;
    if (!socket.destroyed) connections.set(socket, waiting);
    if (stopping && waiting === 0) socket.destroySoon();
    if (!request.complete) setTimeout(() => request.complete || request.destroy(), drainAtMost).unref();
  });
  handle(request, response).catch((error) => {
    if (!request.destroyed) log('error', 'host', message(error));
    response.destroy();
  });
}

/** Lets the requests and timers in flight finish, closes idle connections at once, then exits. */
function stop(): void {
  if (stopping) return;
  stopping = true;
  if (!server.listening) process.exit(0);
  const stopped = timers.stop();
  server.close(() => stopped.then(endApp).then(() => process.exit(0), fail));
  for (const [socket, waiting] of connections) if (waiting === 0) socket.destroy();
}

function onListening(app: LoadedApp, isQuiet: boolean): void {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (!isQuiet) console.log([`Functions host listening on ${origin}`, ...list(app, origin)].join('\n'));
  process.send?.({ origin });
}

function list(app: LoadedApp, origin: string): string[] {
  const http = app.http.map(
    ({ metadata, methods, template }) =>
      `  ${metadata.name}: [${[...methods].join(', ')}] ${origin}/${template}`,
  );
  const timed = app.timers.map(
    ({ metadata, schedule, isDisabled }) =>
      `  ${metadata.name}: timer ${schedule}${isDisabled ? ' (disabled)' : ''}`,
  );
  return [...http, ...timed];
}

function fail(error: unknown): void {
  // Node says only in the stack where a mistake in the code is.
  const isMistake =
    error instanceof SyntaxError || error instanceof TypeError || error instanceof ReferenceError;
  console.error(isMistake ? error.stack : message(error));
  process.exit(1);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

for (const event of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.on(event, stop);
server.on('connection', (socket) => {
  connections.set(socket, 0);
  socket.once('close', () => connections.delete(socket));
});
// The last two are for Expect: Node would answer for itself, while the host asks for a body when it reads it.
for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) server.on(event, onRequest);
server.on('clientError', refuseUnreadable);
server.on('error', fail);

try {
  const { values } = parseArgs({
    options: {
      app: { type: 'string' },
      port: { type: 'string' },
      main: { type: 'string' },
      quiet: { type: 'boolean', default: false },
    },
  });
  if (!values.app || !values.port)
    throw new Error('usage: functions-host.ts --app DIR --port N [--main GLOB] [--quiet]');
  const loaded = await loadApp(values.app, values.main);
  functions = loaded.http;
  timers = startTimers(loaded.timers);
  server.listen(Number(values.port), '127.0.0.1', () => onListening(loaded, values.quiet));
} catch (error) {
  // The real host goes on without functions: it answers 404, and its log has the message. Whoever starts this one
  // looks on, and must not have to search for it.
  fail(error);
}
