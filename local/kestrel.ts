/**
 * What Kestrel, the web server of the Functions host, answers by itself before any function sees the request. All of
 * it is empty and ends the connection.
 *
 * @see https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options
 */

import { type IncomingMessage, type ServerOptions, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** In bytes, with all line ends. */
const requestLineAtMost = 8 * 1024;
const headersAtMost = 32 * 1024;
const headerLinesAtMost = 100;

/** The least bytes a second of a body, on average, once the first seconds are over. */
const bodyRate = 240;
const bodyGrace = 5_000;

/** How long, in milliseconds, an answered request may go on with a body that nobody reads. */
export const drainAtMost = 5_000;

/** A host name, IPv4 or IPv6 address, with or without a port; an empty one is not Kestrel's to refuse. */
const HOST = /^([\w!$&'().~-]+(:\d+)?|\[[\da-f:.]{3,}\](:\d+)?)?$/i;

/** Node's parser cannot say which part of a head is too long, so it takes far more, and `refusal` counts. */
export const serverOptions: ServerOptions = {
  maxHeaderSize: 1024 * 1024,
  keepAliveTimeout: 130_000,
  requireHostHeader: false,
};

/** The status with which a request is refused for its head. */
export function refusal(request: IncomingMessage): number | undefined {
  const { method = '', url = '', httpVersion, headers, rawHeaders } = request;
  if (`${method} ${url} HTTP/1.1\r\n`.length > requestLineAtMost) return 414;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 505;
  if (!/^\/[\x21-\x7e]*$/.test(url) || /^[^?]*%00/.test(url)) return 400;
  const size = rawHeaders.reduce((sum, text) => sum + text.length + 2, 0);
  if (size > headersAtMost || rawHeaders.length / 2 > headerLinesAtMost) return 431;
  const hosts = request.headersDistinct.host ?? (httpVersion === '1.0' ? [''] : []);
  if (hosts.length !== 1 || !hosts.every((host) => HOST.test(host))) return 400;
  const hasLength = 'content-length' in headers || 'transfer-encoding' in headers;
  return httpVersion === '1.0' && /^(POST|PUT)$/.test(method) && !hasLength ? 400 : undefined;
}

/** Refuses what Node's parser does not take, for `clientError`. */
export function refuseUnreadable(
  error: NodeJS.ErrnoException & { rawPacket?: Buffer },
  socket: Duplex,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const status = statusOf(error.code, error.rawPacket?.toString('latin1') ?? '');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

function statusOf(code: string | undefined, head: string): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  const [line = ''] = head.split(/\r?\n/, 1);
  if (`${line}\r\n`.length > requestLineAtMost) return 414;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return / (?!HTTP\/1\.[01]$)\S{8}$/.test(line) ? 505 : 400;
}

/** How many milliseconds after its first byte was asked for a body, of which this much has come, is too slow. */
export function bodyDeadline(received: number): number {
  return Math.max(bodyGrace, (received / bodyRate) * 1_000);
}
