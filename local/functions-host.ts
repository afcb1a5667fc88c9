/**
 * A stand-in for the Azure Functions host: loads the files that Azure loads, serves their HTTP functions with the
 * answers of the real host, never kinder ones, and runs their timers.
 *
 *   node local/functions-host.ts --app DIR --port N
 *
 * The app's settings are this process's environment; LOCAL_FUNCTION_KEY is the only function key that is right,
 * and the master key.
 * A parent with an IPC channel is sent `{ origin }` once the host listens.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { findFunction, type HttpFunction, invoke, loadApp } from './functions-app.ts';
import { log } from './functions-core.ts';
import { startTimers, type Timers } from './functions-timers.ts';
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

// Kestrel's limits; Node's own are 16 kB of headers and 5 s, which would cut off clients that pool connections.
const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: 130_000 });

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '', method = '' } = request;
  const headers = readHeaders(request.rawHeaders);
  if (!headers || !/^\/[\x21-\x7e]*$/.test(url) || url.includes('%00')) return answer(response, 400);
  if (!headers.host?.value) return answer(response, 500);

  const mark = url.indexOf('?');
  const path = parsePath(mark < 0 ? url : url.slice(0, mark));
  if (!path) return answer(response, 404);
  if (/^(admin\/host|runtime\/webhooks)\//.test(path.lowerCase.join('/'))) return answer(response, 401);
  if (/^admin\/functions(\/|$)/.test(path.lowerCase.join('/'))) {
    return answer(response, await administer(request, headers['x-functions-key']?.value, path.segments));
  }
  const match = findFunction(functions, method, path);
  if (!match) {
    if (path.segments.length > 0) return answer(response, 404);
    if (homepageDisabled) return answer(response, 204);
    return answer(response, 200, { 'content-type': 'text/html' }, HOMEPAGE);
  }

  const { found, parameters } = match;
  const query = readQuery(mark < 0 ? '' : url.slice(mark + 1));
  if (found.needsKey) {
    const key = headers['x-functions-key']?.value || query.code?.value;
    if (!key || key !== functionKey) return answer(response, 401);
  }
  const body = await readBody(request, bodyLimit);
  if (body === 'too large') return answer(response, 500);
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
    const { status, headers: sent, body: content } = toAnswer(result);
    answer(response, status, sent, content);
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
  key: string | undefined,
  [, , name, ...more]: readonly string[],
): Promise<number> {
  if (!key || key !== functionKey) return 401;
  if (request.method !== 'POST' || name === undefined || more.length > 0) return 404;
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return 415;
  const body = await readBody(request, bodyLimit);
  if (body === 'too large') return 500;
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

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | string[]> = {},
  body?: Uint8Array,
): void {
  const length = body?.byteLength ?? 0;
  if (stopping) headers.connection = 'close';
  if (status !== 204 && status !== 304) headers['content-length'] = String(length);
  response.writeHead(status, headers).end(length > 0 ? body : undefined);
}

function onRequest(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  connections.set(socket, (connections.get(socket) ?? 0) + 1);
  response.once('close', () => {
    const waiting = (connections.get(socket) ?? 1) - 1;
    if (!socket.destroyed) connections.set(socket, waiting);
    if (stopping && waiting === 0) socket.destroySoon();
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
  server.close(() => stopped.then(() => process.exit(0)));
  for (const [socket, waiting] of connections) if (waiting === 0) socket.destroy();
}

function onListening(): void {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const table = functions.map(
    ({ metadata, methods, template }) =>
      `  ${metadata.name}: [${[...methods].join(', ')}] ${origin}/${template}`,
  );
  console.log([`Functions host listening on ${origin}`, ...table].join('\n'));
  process.send?.({ origin });
}

function fail(error: unknown): void {
  console.error(message(error));
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
server.on('request', onRequest);
server.on('listening', onListening);
server.on('error', fail);

try {
  const { values } = parseArgs({
    options: { app: { type: 'string' }, port: { type: 'string' } },
  });
  if (!values.app || !values.port) throw new Error('usage: functions-host.ts --app DIR --port N');
  const loaded = await loadApp(values.app);
  functions = loaded.http;
  timers = startTimers(loaded.timers);
  server.listen(Number(values.port), '127.0.0.1');
} catch (error) {
  fail(error);
}
