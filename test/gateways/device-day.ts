import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { root } from '../../local/stack-file.ts';
import { http } from './clients.ts';
import type { Lab } from './lab.ts';
import type { Protected } from './protected.ts';

const megabyte = 1_000_000;

/** How long, in seconds, a device of the tests waits for news. What devices ask for, up to 59 minutes, is in the files. */
const wait = 75;

interface Serving {
  readonly over?: string;
  readonly lab: () => Lab;
  /** A protected address of the gateway. */
  readonly address: () => string;
  readonly behind: () => Protected;
}

/**
 * What a device does all day, beside signing in, through a gateway in front of HTTP. Comes last in a file, as a Ping
 * waits beside all other tests.
 */
export function servesDevices({ over, lab, address, behind }: Serving): void {
  const send = async (args: readonly string[], query = '', patience = 25) => {
    const { username, secrets } = lab();
    const { said, body } = await http(username, secrets.first, address() + query, args, patience);
    return { said, arrived: said === '200' ? JSON.parse(body) : undefined };
  };
  const file = (bytes: number) => {
    const name = join(lab().folder('mail'), `${bytes}`);
    writeFileSync(name, Buffer.alloc(bytes, 'a'));
    return name;
  };

  let ping: ReturnType<typeof send>;

  beforeAll(async () => {
    await vi.waitFor(async () => expect((await send([])).said).toBe('200'), 20_000);
    ping = send(['-d', 'ping'], `?Cmd=Ping&wait=${wait}`, wait + 25);
    // The tests beside it look at what arrives.
    await vi.waitFor(
      () =>
        expect(behind().arrived()).toContainEqual(
          expect.objectContaining({ target: expect.stringContaining('Ping') }),
        ),
      20_000,
    );
  });

  describe(`serves a device all day${over ? `, over ${over}` : ''}:`, () => {
    test.each([
      ['a mail of 30 MB', 'POST', 30],
      ['a photo of 5 MB', 'PUT', 5],
    ])('%s', async (_name, method, size) => {
      const body = ['-X', method, '--data-binary', `@${file(size * megabyte)}`, '-H', 'Expect:'];
      expect(await send(body)).toMatchObject({ said: '200', arrived: { method, bytes: size * megabyte } });
    });

    test('a mail that waits for 100 Continue', async () => {
      const body = ['--data-binary', `@${file(3 * megabyte)}`, '-H', 'Expect: 100-continue'];
      expect(await send(body)).toMatchObject({ said: '200', arrived: { bytes: 3 * megabyte } });
    });

    test.each([
      ['an upload in chunks', 3 * megabyte],
      ['an empty upload in chunks', 0],
    ])('%s', async (_name, bytes) => {
      const body = ['-X', 'PUT', '-H', 'Transfer-Encoding: chunked', '--data-binary', `@${file(bytes)}`];
      expect(await send(body)).toMatchObject({ said: '200', arrived: { method: 'PUT', bytes } });
    });

    test.each(['MOVE', 'COPY'])('%s, with the address that the device knows', async (method) => {
      const { host } = new URL(address());
      const destination = `${address()}/there`;
      const { said, arrived } = await send(['-X', method, '-H', `Destination: ${destination}`]);
      expect([said, arrived?.method]).toEqual(['200', method]);
      expect(arrived.lines.map(([name, value]: string[]) => [name?.toLowerCase(), value])).toEqual(
        expect.arrayContaining([
          ['host', host],
          ['destination', destination],
        ]),
      );
    });

    test('an upload over a slow line', async () => {
      expect(await slowUpload(lab(), address(), 12)).toBe(200);
      expect(behind().arrived().at(-1)).toMatchObject({ bytes: 12_000 });
    });

    test('a Ping that is answered after 75 seconds', { timeout: (wait + 30) * 1000 }, async () => {
      expect(await ping).toMatchObject({ said: '200', arrived: { target: expect.stringContaining('Ping') } });
    });
  });
}

/**
 * The limit, in seconds, that a shipped file sets for an answer to a device.
 *
 * @param file a file of `gateways/`
 * @param setting what comes before the number
 */
export function limitIn(file: string, setting: string): number {
  const content = readFileSync(join(root, 'gateways', file), 'utf8');
  const [, number, unit] = new RegExp(`${setting}(\\d+)(h?)`).exec(content) ?? [];
  return Number(number) * (unit === 'h' ? 3600 : 1);
}

/** The longest poll that a device asks for (MS-ASCMD 2.2.3.84), in seconds. */
export const longestPoll = 59 * 60;

/** Sends a kilobyte each second; the status of the answer. */
function slowUpload({ username, secrets }: Lab, address: string, seconds: number): Promise<number> {
  const { hostname, host, port, pathname } = new URL(address);
  const password = Buffer.from(`${username}:${secrets.first}`).toString('base64');
  const head = [`PUT ${pathname} HTTP/1.1`, `Host: ${host}`, `Authorization: Basic ${password}`];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, async () => {
      socket.write(`${[...head, `Content-Length: ${seconds * 1000}`].join('\r\n')}\r\n\r\n`);
      for (let second = 0; second < seconds; second += 1) {
        await pause(1000);
        socket.write('a'.repeat(1000));
      }
    });
    socket.on('error', reject).once('data', (chunk) => {
      resolve(Number(/^HTTP\/1\.\d (\d{3})/.exec(String(chunk))?.[1]));
      socket.destroy();
    });
  });
}
