import { beforeAll, describe, expect, test } from 'vitest';
import type { Lab } from './lab.ts';
import { type Arrived, type Line, type Protected, sendRaw } from './protected.ts';

const bob = 'bob@example.com';

/** Header lines that a client adds to be taken for bob, or for nobody. */
const additions: Readonly<Record<string, readonly string[]>> = {
  'our own header': [`X-Remote-User: ${bob}`],
  'our own header in small letters': [`x-remote-user: ${bob}`],
  'our own header in capitals': [`X-REMOTE-USER: ${bob}`],
  'our own header in letters of both kinds': [`x-ReMoTe-uSeR: ${bob}`],
  'our own header twice': [`X-Remote-User: ${bob}`, `X-Remote-User: ${bob}`],
  'our own header, empty': ['X-Remote-User:'],
  'our own header, empty, and another': ['X-Remote-User:', `X-Remote-User: ${bob}`],
  'two names in our own header': [`X-Remote-User: ${bob}, alice@example.com`],
  'our own header, as long as a header may be': [`X-Remote-User: ${bob}${' '.repeat(4000)}x`],
  underscores: [`X_Remote_User: ${bob}`],
  'underscores in small letters': [`x_remote_user: ${bob}`],
  'underscores in capitals': [`X_REMOTE_USER: ${bob}`],
  'underscores twice': [`X_Remote_User: ${bob}`, `X_Remote_User: ${bob}`],
  'underscores, empty': ['X_Remote_User:'],
  'an underscore and a hyphen': [`X_Remote-User: ${bob}`],
  'a hyphen and an underscore': [`X-Remote_User: ${bob}`],
  'a hyphen and an underscore in letters of both kinds': [`x-REMOTE_user: ${bob}`],
  'an underscore at the end': [`X-Remote-User_: ${bob}`],
  'underscores and one at the end': [`X_Remote_User_: ${bob}`],
  'a hyphen at the end': [`X-Remote-User-: ${bob}`],
  'two underscores between': [`X__Remote__User: ${bob}`],
  'dots in the place of hyphens': [`X.Remote.User: ${bob}`],
  'other characters in the place of hyphens': [`X~Remote~User: ${bob}`, `X+Remote!User: ${bob}`],
  'all spellings together': ['X-Remote-User', 'X_Remote_User', 'X-Remote_User', 'X_Remote-User'].map(
    (name) => `${name}: ${bob}`,
  ),
  'our header named in Connection': ['Connection: X-Remote-User'],
  'our header named in Connection, in small letters': ['Connection: keep-alive, x-remote-user'],
  'our header named in one of two Connection lines': ['Connection: keep-alive', 'Connection: X-Remote-User'],
  'our header named in Connection, and underscores': ['Connection: X-Remote-User', `X_Remote_User: ${bob}`],
  'our header named in Connection, and mixed spellings': [
    'Connection: X-Remote-User',
    `X-Remote_User: ${bob}`,
    `X_Remote-User: ${bob}`,
  ],
  'both spellings named in Connection': ['Connection: X-Remote-User, X_Remote_User', `X_Remote_User: ${bob}`],
  'the password named in Connection': ['Connection: Authorization'],
  'our header named in Proxy-Connection': ['Proxy-Connection: X-Remote-User', `X_Remote_User: ${bob}`],
  'our header named in Keep-Alive': ['Keep-Alive: X-Remote-User', 'Connection: Keep-Alive, X-Remote-User'],
  'our header named in TE': ['TE: X-Remote-User', 'Connection: TE'],
  'our header named in Trailer': ['Trailer: X-Remote-User'],
  'an upgrade to HTTP/2': [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ],
  'an upgrade to a web socket': [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ],
  'a space before the colon': [`X-Remote-User : ${bob}`],
  'a tab before the colon': [`X-Remote-User\t: ${bob}`],
  'a folded line': ['X-Other: a', ` X-Remote-User: ${bob}`],
  'a line end by LF alone': [`X-Other: a\nX-Remote-User: ${bob}`],
  'a line end by CR alone': [`X-Other: a\rX-Remote-User: ${bob}`],
  'a NUL in the name': [`X-Remote-User\0: ${bob}`],
  'the method overridden': [`X-HTTP-Method-Override: GET`, `X_Remote_User: ${bob}`],
};

/** Bodies that hide something. */
const bodies: Readonly<Record<string, { readonly lines: readonly string[]; readonly body: string }>> = {
  'a trailer': {
    lines: ['Transfer-Encoding: chunked', 'Trailer: X-Remote-User'],
    body: `1\r\na\r\n0\r\nX-Remote-User: ${bob}\r\n\r\n`,
  },
  'a trailer that is not announced': {
    lines: ['Transfer-Encoding: chunked'],
    body: `1\r\na\r\n0\r\nX-Remote-User: ${bob}\r\nX_Remote_User: ${bob}\r\n\r\n`,
  },
  'a second request behind two lengths': {
    lines: ['Transfer-Encoding: chunked', 'Content-Length: 4'],
    body: `0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: behind\r\nX-Remote-User: ${bob}\r\n\r\n`,
  },
  'a second request behind an unknown encoding': {
    lines: ['Transfer-Encoding: xchunked', 'Content-Length: 0'],
    body: `GET /smuggled HTTP/1.1\r\nHost: behind\r\nX-Remote-User: ${bob}\r\n\r\n`,
  },
  'a second request without a password': {
    lines: ['Content-Length: 0'],
    body: `GET /smuggled HTTP/1.1\r\nHost: behind\r\nX-Remote-User: ${bob}\r\n\r\n`,
  },
};

/** A gateway in front of HTTP, and what stands behind it. */
export interface Guarded {
  readonly lab: () => Lab;
  /** A protected address of the gateway. */
  readonly address: () => string;
  readonly behind: () => Protected;
  /** The headers that say who it is, in small letters. */
  readonly identity?: readonly string[];
  /** For a server that signs in elsewhere with the app password itself. */
  readonly handsPassword?: boolean;
  /** For a gateway that hands a client's trailers on as such, which no server may take for headers (RFC 9110 section 6.5.1). */
  readonly handsTrailers?: boolean;
}

/** What stands behind a gateway is told who it is by the gateway alone. */
export function guardsIdentity({
  lab,
  address,
  behind,
  identity = ['x-remote-user'],
  handsPassword = false,
  handsTrailers = false,
}: Guarded): void {
  /** Sends one request of alice's with a right app password; what arrived. */
  const arrivesFrom = async (lines: readonly string[], body = '', method = 'POST'): Promise<Arrived[]> => {
    const { username, secrets } = lab();
    const { host, pathname, origin } = new URL(address());
    behind().arrived();
    const password = Buffer.from(`${username}:${secrets.first}`).toString('base64');
    const head = [`${method} ${pathname} HTTP/1.1`, `Host: ${host}`, `Authorization: Basic ${password}`];
    await sendRaw(origin, `${[...head, ...lines].join('\r\n')}\r\n\r\n${body}`);
    return behind().arrived();
  };

  /** Whatever arrived has exactly our identity, in whatever spelling a CGI or WSGI server folds it from. */
  const expectGuarded = (requests: readonly Arrived[]): void => {
    for (const { method, target, lines, trailers } of requests) {
      expect(`${method} ${target}`).not.toMatch(/smuggled|upgrade|connect/);
      expect(lines.map(([name]) => name.toLowerCase())).not.toContain('upgrade');
      const names = identity.map(folded);
      const told = lines.filter(([name]) => names.includes(folded(name)));
      expect(told.map(([name, value]) => [name.toLowerCase(), value]).sort()).toEqual(
        identity.map((name) => [name, lab().username]).sort(),
      );
      if (!handsTrailers) expect(trailers).toEqual([]);
      if (!handsPassword) expectNoPassword(lines);
    }
  };

  const expectNoPassword = (lines: readonly Line[]): void => {
    const { username, secrets } = lab();
    expect(lines.map(([name]) => name.toLowerCase())).not.toContain('authorization');
    for (const text of [secrets.first, Buffer.from(`${username}:${secrets.first}`).toString('base64')])
      expect(JSON.stringify(lines)).not.toContain(text);
  };

  describe('tells what stands behind exactly one name, ours', () => {
    test('where the client adds nothing', async () => {
      const arrived = await arrivesFrom(['Content-Length: 0']);
      expect(arrived).toHaveLength(1);
      expectGuarded(arrived);
    });

    test.each(Object.entries(additions))('where the client adds %s', async (_name, lines) => {
      expectGuarded(await arrivesFrom([...lines, 'Content-Length: 0']));
    });

    test.each(Object.entries(bodies))('where the client sends %s', async (_name, { lines, body }) => {
      expectGuarded(await arrivesFrom(lines, body));
    });

    test('and is never a tunnel', async () => {
      expectGuarded(await arrivesFrom(['Content-Length: 0'], '', 'CONNECT'));
    });

    test('and none where there are two passwords', async () => {
      const { secrets } = lab();
      const other = Buffer.from(`${bob}:${secrets.first}`).toString('base64');
      expectGuarded(await arrivesFrom([`Authorization: Basic ${other}`, 'Content-Length: 0']));
    });
  });
}

/** A name as CGI (RFC 3875 section 4.1.18), WSGI (PEP 3333), or a server less careful than those, folds it. */
function folded(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** What a real WSGI server, Radicale, makes of such headers: nobody reads or deletes what is somebody else's. */
export function guardsCalendars(lab: () => Lab, origin: () => string, radicale: () => string): void {
  const event = [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:test', 'BEGIN:VEVENT', 'UID:1', 'SUMMARY:Meeting'],
    ...['DTSTAMP:20260101T000000Z', 'DTSTART:20260102T090000Z', 'END:VEVENT', 'END:VCALENDAR', ''],
  ].join('\r\n');
  const own = (name: string) => `/${name}/calendar/1.ics`;

  /** As the gateway asks Radicale. */
  const asOwner = (name: string, method: string, path: string, body?: string) =>
    fetch(`http://${radicale()}${path}`, {
      method,
      headers: { 'x-remote-user': name, 'content-type': 'text/calendar' },
      ...(body !== undefined && { body }),
    });

  describe('lets nobody read or delete at a WSGI server what is somebody else’s', () => {
    beforeAll(async () => {
      for (const name of [lab().username, bob]) {
        expect((await asOwner(name, 'MKCALENDAR', `/${name}/calendar/`)).status).toBe(201);
        expect((await asOwner(name, 'PUT', own(name), event)).status).toBe(201);
      }
    });

    const asAlice = async (method: string, name: string, lines: readonly string[]) => {
      const { username, secrets } = lab();
      const password = Buffer.from(`${username}:${secrets.first}`).toString('base64');
      const { host } = new URL(origin());
      const head = [`${method} ${own(name)} HTTP/1.1`, `Host: ${host}`, `Authorization: Basic ${password}`];
      return sendRaw(origin(), `${[...head, ...lines].join('\r\n')}\r\n\r\n`);
    };

    test('where the client adds nothing, who reads their own', async () => {
      const { status, body } = await asAlice('GET', lab().username, []);
      expect([status, body]).toEqual([200, expect.stringContaining('SUMMARY:Meeting')]);
    });

    test.each(Object.entries(additions))('where the client adds %s', async (_name, lines) => {
      for (const method of ['GET', 'DELETE'])
        expect((await asAlice(method, bob, lines)).status).not.toSatisfy(
          (status) => status < 400 && status > 0,
        );
      expect((await asOwner(bob, 'GET', own(bob))).status).toBe(200);
    });
  });
}
