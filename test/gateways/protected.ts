import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../local/free-port.ts';
import type { Lab } from './lab.ts';
import { start } from './program.ts';

/** A header line as it arrived: its name as it was spelt, and its value. */
export type Line = readonly [name: string, value: string];

/** A request as it reached what stands behind a gateway. */
export interface Arrived {
  readonly method: string;
  readonly target: string;
  readonly lines: readonly Line[];
  readonly trailers: readonly Line[];
  /** How many bytes its body had. */
  readonly bytes: number;
}

/** What stands behind a gateway for HTTP. */
export interface Protected {
  /** Its host and port. */
  readonly host: string;
  /** What arrived since the last time that this was asked. */
  arrived(): Arrived[];
}

/**
 * Starts what stands behind a gateway for HTTP. It answers with what reaches it, after as many seconds as the query's
 * `wait` says.
 *
 * @param radicale the host and port of a real WSGI server, which gets the requests for a calendar, line by line
 */
export async function startProtected(lab: Lab, radicale?: string): Promise<Protected> {
  let all: Arrived[] = [];
  const server = createServer({ requestTimeout: 0 }, async (request, response) => {
    const { method = '', url = '' } = request;
    if (radicale !== undefined && /^\/(alice|bob)@/.test(url)) return passOn(request, response, radicale);
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    const lines = pairs(request.rawHeaders);
    const arrived = { method, target: url, lines, trailers: pairs(request.rawTrailers), bytes };
    all.push(arrived);
    await pause(1000 * Number(new URL(url, 'http://behind').searchParams.get('wait') ?? 0));
    response.end(JSON.stringify(arrived));
  });
  // Whoever may change the protocol here is past the gateway for good.
  for (const event of ['connect', 'upgrade'] as const)
    server.on(event, (request, socket) => {
      const { method = '', url = '', rawHeaders } = request as IncomingMessage;
      all.push({
        method: `${event} by ${method}`,
        target: url,
        lines: pairs(rawHeaders),
        trailers: [],
        bytes: 0,
      });
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  lab.atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived() {
      const taken = all;
      all = [];
      return taken;
    },
  };
}

function passOn(request: IncomingMessage, response: ServerResponse, to: string): void {
  const [hostname = '', port] = to.split(':');
  const { method, url: path } = request;
  // Node sends no announcement of trailers that do not come.
  const headers = pairs(request.rawHeaders)
    .filter(([name]) => name.toLowerCase() !== 'trailer')
    .flat();
  const onwards = ask({ hostname, port, method, path, headers, setHost: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  onwards.on('error', () => response.destroy());
  request.pipe(onwards);
}

function pairs(raw: readonly string[]): Line[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));
}

/** Starts Radicale, which believes `X-Remote-User`, with the shipped file; its host and port. */
export async function startRadicale(lab: Lab): Promise<string> {
  const port = await freePort(0);
  const config = lab.fill('../radicale/config', {
    '127.0.0.1:5232': `127.0.0.1:${port}`,
    '/var/lib/radicale/collections': lab.folder('collections'),
  });
  await start(lab, 'radicale', ['--config', config], port);
  return `127.0.0.1:${port}`;
}

/**
 * Sends bytes to a server as they are, as no well-behaved client would.
 *
 * @returns the status and the body of its first answer; 0 where it closed the connection without one
 */
export function sendRaw(origin: string, request: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    const end = () => {
      socket.destroy();
      const body = text.slice(text.indexOf('\r\n\r\n') + 4);
      resolve({ status: Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1] ?? 0), body });
    };
    socket.setEncoding('latin1').write(request, 'latin1');
    socket.on('data', (chunk) => {
      text += chunk;
      if (isWhole(text)) end();
    });
    for (const event of ['end', 'error'] as const) socket.on(event, end);
    socket.setTimeout(10_000, end);
  });
}

/** Whether an HTTP/1.1 answer has arrived to its end, where that is told before the connection closes. */
function isWhole(text: string): boolean {
  const split = text.indexOf('\r\n\r\n');
  if (split < 0) return false;
  const head = text.slice(0, split);
  if (/^HTTP\/1\.\d 101/.test(head)) return true;
  const body = text.slice(split + 4);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length);
  return /^transfer-encoding: chunked/im.test(head) && body.endsWith('0\r\n\r\n');
}
