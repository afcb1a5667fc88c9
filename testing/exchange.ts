import { connect } from 'node:net';

/** One answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/**
 * Sends bytes as no client would, on a connection of its own, and reads until the service closes it.
 *
 * @param request with its body; as a string, a character is a byte
 * @param continued sent once the service has said 100
 * @returns the final answers in their order, at least one
 * @throws Error where an answer is missing, cut off, or not framed as in RFC 9112
 */
export async function exchange(
  origin: string,
  request: string | Buffer,
  continued?: Buffer,
): Promise<WireAnswer[]> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port || 80), hostname);
  socket.setEncoding('latin1').write(request, 'latin1');
  let text = '';
  let waiting = continued;
  for await (const chunk of socket) {
    text += chunk;
    if (waiting === undefined || !/^HTTP\/1\.1 100 .*\r\n\r\n/.test(text)) continue;
    socket.write(waiting);
    waiting = undefined;
  }
  if (waiting !== undefined) throw new Error('the service never asked for the body');
  return readAnswers(text, request.toString().startsWith('HEAD '));
}

function readAnswers(text: string, toHead: boolean): WireAnswer[] {
  const answers: WireAnswer[] = [];
  let rest = text;
  do {
    const end = rest.indexOf('\r\n\r\n');
    const [start = '', ...lines] = rest.slice(0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(start)?.[1]);
    if (end < 0 || Number.isNaN(status)) throw new Error(`no answer: ${rest}`);
    const headers = new Headers(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
    );
    const isBodiless = toHead || status < 200 || status === 204 || status === 304;
    const [body, more] = isBodiless ? ['', rest.slice(end + 4)] : readBody(headers, rest.slice(end + 4));
    if (status >= 200) answers.push({ status, headers, body: Buffer.from(body, 'latin1') });
    rest = more;
  } while (rest !== '');
  return answers;
}

/** The body at the beginning of a text, and what comes after it (RFC 9112, section 6.3). */
function readBody(headers: Headers, text: string): [body: string, rest: string] {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== null && (coding !== 'chunked' || length !== null)) throw new Error('two framings');
  if (coding !== null) return readChunks(text);
  if (length === null) return [text, ''];
  return take(text, Number(length));
}

function readChunks(text: string): [body: string, rest: string] {
  const [line = '', size] = /^([\da-f]+)\r\n/i.exec(text) ?? [];
  const [chunk, rest] = take(text.slice(line.length), Number.parseInt(size ?? 'none', 16));
  if (!rest.startsWith('\r\n')) throw new Error('a chunk without its end');
  if (chunk === '') return ['', rest.slice(2)];
  const [more, after] = readChunks(rest.slice(2));
  return [chunk + more, after];
}

function take(text: string, length: number): [taken: string, rest: string] {
  if (!(length <= text.length)) throw new Error(`a body that is cut off: ${text}`);
  return [text.slice(0, length), text.slice(length)];
}
