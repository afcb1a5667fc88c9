import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bodyDeadline } from '../../local/kestrel.ts';
import { exchange, type WireAnswer } from '../../testing/exchange.ts';

const PROGRAM = join(import.meta.dirname, '../../local/functions-host.ts');
const fixture = (name: string) => join(import.meta.dirname, '../../testing/apps', name);

class Host {
  readonly origin: Promise<string>;
  readonly exited: Promise<number | null>;
  output = '';
  errors = '';
  readonly #process: ChildProcess;
  #onOutput = () => {};

  constructor(app: string, env: Record<string, string> = {}) {
    this.#process = spawn(process.execPath, [PROGRAM, '--app', app, '--port', '0'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process.stdout?.on('data', (data) => {
      this.output += data;
      this.#onOutput();
    });
    this.#process.stderr?.on('data', (data) => {
      this.errors += data;
      this.#onOutput();
    });
    // "close" of a child never comes once its parent has disconnected.
    const { stdout, stderr } = this.#process;
    this.exited = Promise.all([
      once(this.#process, 'exit'),
      stdout && once(stdout, 'close'),
      stderr && once(stderr, 'close'),
    ]).then(([[code]]) => code);
    this.origin = new Promise((resolve, reject) => {
      this.#process.once('message', (message: { origin: string }) => resolve(message.origin));
      this.exited.then((code) => reject(new Error(`exit ${code}: ${this.errors}`)));
    });
    this.origin.catch(() => {});
  }

  /** Resolves once the host has printed the text. */
  printed(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#onOutput = () => (this.output + this.errors).includes(text) && resolve();
      this.#onOutput();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  disconnect(): void {
    this.#process.disconnect();
  }

  stop(): Promise<number | null> {
    this.signal('SIGINT');
    return this.exited;
  }
}

interface Answer {
  status: number;
  headers: Headers;
  body: string;
  bytes: Uint8Array;
}

interface Echo {
  function: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  query: Record<string, string>;
  params: Record<string, string>;
  body: string;
}

/** Sends bytes (a character is one) and reads until the host closes; `continued` is sent once it has said 100. */
async function raw(host: Host, request: string, continued?: string): Promise<Answer> {
  const answers = await exchange(await host.origin, request, continued ? Buffer.from(continued) : undefined);
  const { body: bytes, ...last } = answers.at(-1) as WireAnswer;
  return { ...last, body: bytes.toString(), bytes };
}

/** One request by raw sockets, which closes its connection; lines are joined and ended as HTTP wants. */
function send(host: Host, lines: string[], body = ''): Promise<Answer> {
  const [start, ...rest] = lines;
  return raw(host, `${[start, 'Host: here', 'Connection: close', ...rest].join('\r\n')}\r\n\r\n${body}`);
}

async function get(host: Host, path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(`${await host.origin}${path}`, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body: bytes.toString(), bytes };
}

async function echo(host: Host, path: string, init?: RequestInit): Promise<Echo> {
  const { status, body } = await get(host, path, init);
  expect(status, body).toBe(200);
  return JSON.parse(body);
}

const parsed = (answer: { status: number; body: string }): Echo => {
  expect(answer.status, answer.body).toBe(200);
  return JSON.parse(answer.body);
};

let host: Host;
let plain: Host;
beforeAll(async () => {
  host = new Host(fixture('host-app'), {
    LOCAL_FUNCTION_KEY: 'right',
    AzureWebJobsDisableHomepage: 'true',
    'AzureWebJobs.clock.Disabled': 'true',
  });
  plain = new Host(fixture('plain-app'), { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '10' });
  await Promise.all([host.origin, plain.origin]);
});
afterAll(async () => {
  expect(await Promise.all([host.stop(), plain.stop()])).toEqual([0, 0]);
});

describe('Routes', () => {
  test.for([
    [
      'the first function by name that matches wins, although another is more specific',
      'GET',
      '/portal/users',
      'portal',
    ],
    ['a function whose method does not match is passed over', 'POST', '/portal/users', 'users'],
    ['names are sorted without case', 'GET', '/same', 'alpha'],
    ['a missing route becomes the name of the function', 'GET', '/defaults', 'defaults'],
    ['an empty route becomes the name of the function', 'GET', '/emptyRoute', 'emptyRoute'],
    ['a parameter of no length matches the root', 'GET', '/', 'root'],
    ['a query does not disturb the root', 'GET', '/?code=1', 'root'],
    ['admin is free after another segment', 'GET', '/api/admin/people', 'apiAdmin'],
    ['paths are matched without case', 'GET', '/GET-Only', 'getOnly'],
    ['a path may end in a slash', 'GET', '/get-only/', 'getOnly'],
    ['a catch-all matches nothing at all', 'GET', '/portal', 'portal'],
    ['methods are GET and POST where none are named', 'POST', '/defaults', 'defaults'],
    ['OPTIONS reaches a function that names it', 'OPTIONS', '/echo', 'echo'],
    ['dots in a path are resolved, also encoded ones', 'GET', '/nowhere/%2e%2e/get-only', 'getOnly'],
    ['dots take an empty segment away', 'GET', '//..', 'root'],
    ['dots take encoded an empty segment away', 'GET', '//%2e%2e/get-only', 'getOnly'],
    ['dots at the end leave a slash', 'GET', '/get-only//..', 'getOnly'],
    ['no dots lead above the root', 'GET', '/../../get-only', 'getOnly'],
  ] as const)('%s: %s %s', async ([, method, path, name]) => {
    expect(parsed(await send(host, [`${method} ${path} HTTP/1.1`])).function).toBe(name);
  });

  test.for([
    ['a parameter of no length matches nothing but the root', 'GET', '/x', 404],
    ['the host answers other methods on the root', 'POST', '/', 204],
    ['a parameter takes one segment', 'GET', '/assets/a/b', 404],
    ['a parameter takes at least one segment', 'GET', '/assets', 404],
    ['a wrong method is not found, never "not allowed"', 'POST', '/get-only', 404],
    ['HEAD is not found where it is not named', 'HEAD', '/get-only', 404],
    ['OPTIONS is not found where it is not named', 'OPTIONS', '/get-only', 404],
    ['PUT is not among the default methods', 'PUT', '/defaults', 404],
    ['an empty segment inside a path is not found', 'GET', '/api//admin/people', 404],
    ['an empty segment at the start is not found', 'GET', '//get-only', 404],
    ['an empty segment at the end is not found', 'GET', '/get-only//', 404],
    ['one dot takes no empty segment away', 'GET', '//.', 404],
    ['dots take one of two empty segments away', 'GET', '///../get-only', 404],
    ['an empty segment stays behind dots', 'GET', '/..//get-only', 404],
    ['an encoded slash does not separate segments', 'GET', '/api%2Fadmin/people', 404],
    ['an unknown path is not found', 'GET', '/unknown', 404],
    ["the host's own routes ask for a key", 'GET', '/admin/host/status', 401],
    ["the host's own routes ask for a key in any case", 'POST', '/Admin/Host/drain', 401],
    ['the ping asks for a key with other methods', 'PUT', '/admin/host/ping', 401],
    ['the webhooks of extensions ask for a key', 'POST', '/runtime/webhooks/blobs', 401],
    ['a route that begins with admin is refused', 'GET', '/admin/things', 404],
    ['a route that begins with the letters of admin is refused', 'GET', '/administrators', 404],
    ['a route that begins with runtime is refused', 'GET', '/runtime/things', 404],
    ['a route that the local host cannot read is refused', 'GET', '/unreadable/1', 404],
  ] as const)('%s: %s %s', async ([, method, path, status]) => {
    const answer = await send(host, [`${method} ${path} HTTP/1.1`]);
    expect([answer.status, answer.body]).toEqual([status, '']);
  });

  test.for([
    ['GET', '/admin/host/ping'],
    ['POST', '/Admin/Host/Ping'],
    ['GET', '/admin/warmup'],
    ['POST', '/admin/warmup'],
  ] as const)('The host answers everybody with nothing: %s %s', async ([method, path]) => {
    const answer = await send(plain, [`${method} ${path} HTTP/1.1`, 'Content-Length: 0']);
    expect([answer.status, answer.body, answer.headers.get('content-length')]).toEqual([200, '', '0']);
  });

  test('A refused function is printed, and so is one that neither HTTP nor time triggers.', () => {
    expect(host.errors).toContain('adminRoute: not loaded: the route "admin/things"');
    expect(host.errors).toContain('runtimeRoute: not loaded');
    expect(host.errors).toContain('unreadable: not loaded');
    expect(host.output).toContain('queue: queueTrigger, not run by the local host');
    expect(host.errors).toContain('fiveFields: not loaded');
  });

  test('The table of functions is printed with methods and addresses.', async () => {
    const origin = await host.origin;
    expect(host.output).toContain(`Functions host listening on ${origin}\n`);
    expect(host.output).toContain(`  defaults: [GET, POST] ${origin}/defaults\n`);
    expect(host.output).not.toContain('adminRoute');
  });

  test('Timers are listed with their schedules.', () => {
    expect(host.output).toContain('  everySecond: timer * * * * * *\n');
    expect(host.output).toContain('  clock: timer * * * * * * (disabled)\n');
  });

  test.for([
    ['%20 is decoded', '/echo/a%20b', { id: 'a b' }],
    ['%2F stays', '/echo/a%2Fb%2fc', { id: 'a%2Fb%2fc' }],
    ['a percent sign is decoded once', '/echo/a%252F', { id: 'a%2F' }],
    ['UTF-8 is decoded', '/echo/%C3%A9%E2%82%AC', { id: 'é€' }],
    ['what is not UTF-8 stays', '/echo/%FF%C3', { id: '%FF%C3' }],
    ['an optional parameter may be absent', '/echo', {}],
    ['a parameter keeps its case', '/ECHO/AbC', { id: 'AbC' }],
    ['a catch-all takes all segments', '/portal/a/b', { rest: 'a/b' }],
  ] as const)('A parameter of a route: %s.', async ([, path, params]) => {
    expect((await echo(host, path)).params).toEqual(params);
  });

  test('The prefix of routes is "api" unless host.json says otherwise.', async () => {
    expect((await get(plain, '/api/hello')).body).toBe('hello 0');
    expect((await get(plain, '/hello')).status).toBe(404);
  });
});

describe('Timers', () => {
  const json = { 'content-type': 'application/json' };
  const run = (name: string, init: RequestInit = {}) =>
    get(host, `/admin/functions/${name}`, {
      method: 'POST',
      headers: { ...json, 'x-functions-key': 'right' },
      body: '{"input": ""}',
      ...init,
    });

  test('run by their schedule, with what the real host hands in.', async () => {
    await host.printed('everySecond ran');
    expect(host.output).toMatch(
      /everySecond ran {"schedule":{"adjustForDST":true},"scheduleStatus":{"last":"[^"]+","lastUpdated":"[^"]+","next":"[^"]+"},"isPastDue":false}\n/,
    );
  });

  test('whose run still goes on are not started again.', async () => {
    await host.printed('slow began');
    const ran = host.output.split('everySecond ran').length;
    await expect
      .poll(() => host.output.split('everySecond ran').length, { timeout: 10_000 })
      .toBeGreaterThan(ran + 1);
    expect(host.output.split('slow began')).toHaveLength(2);
  });

  test('run on demand with the key in the query.', async () => {
    const answer = await get(host, '/admin/functions/clock?code=right', {
      method: 'POST',
      headers: json,
      body: '{}',
    });
    expect(answer.status).toBe(202);
  });

  test('run on demand, also while their schedule does not: 202 before the end, which is printed.', async () => {
    expect(await run('Clock')).toMatchObject({ status: 202, body: '' });
    await host.printed("Executed 'Functions.clock' (Succeeded");
    expect(host.output).toContain('clock ran');
    expect((await run('failing')).status).toBe(202);
    await host.printed("Executed 'Functions.failing' (Failed");
    await host.printed('failing failed: the reason');
  });

  test.for([
    ['without the key', 'clock', { headers: json }, 401],
    ['with another key', 'clock', { headers: { ...json, 'x-functions-key': 'wrong' } }, 401],
    [
      'with an empty key before the right one',
      'clock?code=right',
      { headers: { ...json, 'x-functions-key': '' } },
      401,
    ],
    ['of a name that nothing has, without the key', 'nothing', { headers: json }, 401],
    ['of a name that nothing has', 'nothing', {}, 404],
    ['of a function that HTTP triggers', 'echo', {}, 404],
    ['with another method', 'clock', { method: 'PUT' }, 404],
    ['of a form', 'clock', { headers: { 'x-functions-key': 'right' } }, 415],
    ['without a body', 'clock', { body: null }, 400],
    ['with something else than an object', 'clock', { body: '[]' }, 400],
  ] as const)('are not run on demand %s.', async ([, name, init, status]) => {
    expect(await run(name, init)).toMatchObject({ status, body: '' });
  });

  test('are not run on demand where there is no key.', async () => {
    const answer = await get(plain, '/admin/functions/clock', {
      method: 'POST',
      headers: { 'x-functions-key': '' },
    });
    expect(answer.status).toBe(401);
  });
});

describe('The home page', () => {
  test.for(['GET', 'HEAD', 'POST', 'OPTIONS'])('%s / without a function is a page.', async (method) => {
    const answer = await get(plain, '/', { method });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html']);
    expect(answer.body === '').toBe(method === 'HEAD');
  });

  test('AzureWebJobsDisableHomepage makes it an empty 204, for GET too.', async () => {
    const without = new Host(fixture('plain-app'), { AzureWebJobsDisableHomepage: 'True' });
    for (const method of ['GET', 'HEAD', 'PUT']) {
      expect((await get(without, '/', { method })).status).toBe(204);
    }
    expect(await without.stop()).toBe(0);
  });
});

describe('Headers of requests', () => {
  test.for([
    ['duplicates are joined by commas', ['X-A: 1', 'x-a: 2', 'X-A: 3'], 'x-a', '1,2,3'],
    [
      'a duplicate Authorization is joined too',
      ['Authorization: a', 'Authorization: b'],
      'authorization',
      'a,b',
    ],
    ['an empty one is an empty string', ['X-A:'], 'x-a', ''],
    ['a UTF-8 value is decoded', ['X-A: Zo\xc3\xab'], 'x-a', 'Zoë'],
    ['Basic arrives unchanged', ['Authorization: Basic dTpw'], 'authorization', 'Basic dTpw'],
    ['Bearer arrives unchanged', ['Authorization: Bearer a.b.c'], 'authorization', 'Bearer a.b.c'],
    ["a client's X-Forwarded-For is passed on", ['X-Forwarded-For: 1.2.3.4'], 'x-forwarded-for', '1.2.3.4'],
    ["a client's X-Forwarded-Host is passed on", ['X-Forwarded-Host: evil'], 'x-forwarded-host', 'evil'],
    [
      "a client's X-MS-CLIENT-PRINCIPAL is passed on",
      ['X-MS-CLIENT-PRINCIPAL: e30='],
      'x-ms-client-principal',
      'e30=',
    ],
    ['20 kB pass', [`X-A: ${'a'.repeat(20_000)}`], 'x-a', 'a'.repeat(20_000)],
  ] as const)('%s', async ([, lines, name, value]) => {
    const answer = await send(host, ['GET /echo HTTP/1.1', ...lines]);
    expect(parsed(answer).headers[name]).toBe(value);
  });

  test('A value beyond Latin-1 makes the library throw, so it is 500.', async () => {
    const answer = await send(host, ['GET /echo HTTP/1.1', 'X-A: \xe2\x82\xac']);
    expect([answer.status, answer.body]).toEqual([500, '']);
  });

  test('Names of the query are merged without case, duplicates joined by commas.', async () => {
    expect((await echo(host, '/echo?a=1&A=2&b=x+y%2F&c')).query).toEqual({ a: '1,2', b: 'x y/', c: '' });
  });

  test('The handler sees the whole address.', async () => {
    expect((await echo(host, '/echo/1?a=b')).url).toBe(`${await host.origin}/echo/1?a=b`);
  });
});

describe('What the web server reads before any function', () => {
  const asking = (start: string, ...lines: string[]) => `${[start, ...lines].join('\r\n')}\r\n\r\n`;
  const own = 'Host: here';
  const close = 'Connection: close';
  const withLines = (...lines: string[]) => asking('GET /echo HTTP/1.1', close, ...lines);
  const ofVersion = (version: string) => asking(`GET /echo ${version}`, own, close);
  const old = (method: string, ...lines: string[]) => asking(`${method} /echo HTTP/1.0`, own, ...lines);
  /** A request line of so many bytes, with its line end. */
  const ofLine = (bytes: number, version = 'HTTP/1.1', ...lines: string[]) => {
    const others = `GET /echo? ${version}\r\n`.length;
    return asking(`GET /echo?${'a'.repeat(bytes - others)} ${version}`, own, close, ...lines);
  };
  /** Header lines of so many bytes, with their line ends. */
  const ofHeaders = (bytes: number) => {
    const others = `${close}\r\n${own}\r\nX: \r\n`.length;
    return withLines(own, `X: ${'a'.repeat(bytes - others)}`);
  };
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1`);

  async function expectRefused(request: string, status: number): Promise<void> {
    const answer = await raw(host, request);
    const { headers } = answer;
    expect([answer.status, answer.body]).toEqual([status, '']);
    expect([headers.get('content-length'), headers.get('connection')]).toEqual(['0', 'close']);
  }

  test.for<[string, string]>([
    ['a request line of 8 KiB', ofLine(8192)],
    ['100 header lines', withLines(own, ...numbered(98))],
    ['32 KiB of header lines', ofHeaders(32_768)],
    ['both at once', ofLine(8192, 'HTTP/1.1', `X: ${'a'.repeat(32_000)}`)],
    ['HTTP/1.0', ofVersion('HTTP/1.0')],
    ['%00 in the query', asking('GET /echo?%00 HTTP/1.1', own, close)],
    ['a GET of HTTP/1.0 without a length', old('GET')],
    ['a DELETE of HTTP/1.0 without a length', old('DELETE')],
    ['a PATCH of HTTP/1.0 without a length', old('PATCH')],
    ['a POST of HTTP/1.0 with a length', old('POST', 'Content-Length: 0')],
  ])('is passed on: %s.', async ([, request]) => {
    expect((await raw(host, request)).status).toBe(200);
  });

  test.for<[string, string, number]>([
    ['a request line of 8 KiB and one byte', ofLine(8193), 414],
    ['a request line of 50 kB', ofLine(50_000), 414],
    ['a long request line, whatever its version', ofLine(8193, 'HTTP/3.0'), 414],
    ['a method of 9 kB', asking(`${'A'.repeat(9000)} / HTTP/1.1`, own), 414],
    ['101 header lines', withLines(own, ...numbered(99)), 431],
    ['101 header lines of one name', withLines(own, ...Array(99).fill('X: 1')), 431],
    ['32 KiB of header lines and one byte', ofHeaders(32_769), 431],
    ['50 kB of header lines', ofHeaders(50_000), 431],
    ['Host: a/b of another version', asking('GET /echo HTTP/2.0', 'Host: a/b'), 505],
    ['Host: a/b of HTTP/1.0', asking('GET /echo HTTP/1.0', 'Host: a/b'), 400],
    ['two Host headers', withLines(own, own), 400],
    ['no Host header', withLines(), 400],
    ['a POST of HTTP/1.0 without a length', old('POST'), 400],
    ['a PUT of HTTP/1.0 without a length', old('PUT'), 400],
    ['a raw Latin-1 byte in a header', withLines(own, 'X: Zo\xeb'), 400],
    ['a space before a colon', withLines(own, 'X : 1'), 400],
    ['two lengths', withLines(own, 'Content-Length: 0', 'Content-Length: 1'), 400],
    ['a length that is none', withLines(own, 'Content-Length: x'), 400],
    ['a coding that does not end in chunks', withLines(own, 'Transfer-Encoding: gzip'), 400],
    ['%00 in the path', asking('GET /echo/%00 HTTP/1.1', own), 400],
    ['a byte beyond ASCII in the path', asking('GET /\xe9 HTTP/1.1', own), 400],
    ['no request at all', 'hello\r\n\r\n', 400],
  ])('is refused: %s.', ([, request, status]) => expectRefused(request, status));

  test.for<[string, string, number]>([
    ['request line', ofLine(50_000), 414],
    ['header lines', ofHeaders(50_000), 431],
  ])('is refused for its %s, however it comes in pieces.', async ([, request, status]) => {
    const { hostname, port } = new URL(await host.origin);
    const socket = connect(Number(port), hostname).setEncoding('latin1').setNoDelay();
    await once(socket, 'connect');
    socket.write(request.slice(0, 20_000));
    await get(host, '/echo');
    socket.write(request.slice(20_000));
    expect((await once(socket, 'data'))[0]).toContain(`HTTP/1.1 ${status} `);
    socket.destroy();
  });

  test.for(['HTTP/2.0', 'HTTP/1.2', 'HTTP/0.9', 'HTTP/3.0', 'http/1.1'])(
    'is refused with 505: %s.',
    (version) => expectRefused(ofVersion(version), 505),
  );

  test.for(['HTTP/1', 'HTTP/2', 'HTTP/1.10', 'HTTP', '1.1'])('is refused with 400: %s.', (version) =>
    expectRefused(ofVersion(version), 400),
  );

  test.for(['here', 'here.', 'here:8080', 'a_b', "a!$&'()-.~b", '192.0.2.1:80', '[2001:db8::1]', '[::1]:80'])(
    'is passed on: Host: %s',
    async (name) => {
      expect((await raw(host, withLines(`Host: ${name}`))).status).toBe(200);
    },
  );

  test.for([
    ...['a/b', 'a\\b', 'a?b', 'a#b', 'a@b', 'a,b', 'a;b', 'a"b', 'a*b', 'a+b', 'a=b', 'a|b', 'a^b', 'a`b'],
    ...['<a>', '{a}', 'a%41', 'a b', 'a\tb', 'h\xc3\xa9', 'h\xe9', 'http://a'],
    ...[
      ':80',
      'a:',
      'a:x',
      'a:80:80',
      '::1',
      '[::1',
      '[::]',
      '[zz::]',
      '[::1]x',
      '[::1]:',
      '[fe80::1%25eth0]',
    ],
  ])('is refused with 400: Host: %s', (name) => expectRefused(withLines(`Host: ${name}`), 400));

  test('is refused after another request of its connection, which is answered.', async () => {
    const both = asking('GET /json HTTP/1.1', own) + ofVersion('HTTP/2.0');
    const answers = await exchange(await host.origin, both);
    expect(answers.map(({ status }) => status)).toEqual([200, 505]);
  });

  test.for([
    ['of HTTP/1.0 without a Host header', asking('GET /echo HTTP/1.0')],
    ['with an empty Host header', withLines('Host:')],
    ['with a port that is none', withLines('Host: here:99999')],
  ] as const)('is passed on and then 500: a request %s.', async ([, request]) => {
    const answer = await raw(host, request);
    expect([answer.status, answer.body]).toEqual([500, '']);
  });
});

describe('The framing of answers', () => {
  const framing = ({ headers }: Answer) => [headers.get('transfer-encoding'), headers.get('content-length')];

  test('On HTTP/1.1, what a function answers comes in chunks.', async () => {
    const answer = await send(host, ['GET /json HTTP/1.1']);
    expect([answer.body, ...framing(answer)]).toEqual(['{"a":"ä"}', 'chunked', null]);
  });

  test.for([[], ['Connection: keep-alive'], ['TE: chunked']])(
    'On HTTP/1.0, it ends with the connection (%s).',
    async (lines) => {
      const answer = await raw(
        host,
        `${['GET /json HTTP/1.0', 'Host: here', ...lines].join('\r\n')}\r\n\r\n`,
      );
      expect([answer.body, ...framing(answer)]).toEqual(['{"a":"ä"}', null, null]);
      expect(answer.headers.get('connection')).toBe('close');
    },
  );

  test.for([
    ['an answer of a function without a body has a length', 'GET /challenge HTTP/1.1', '0'],
    ['an answer of the host has a length', 'GET /unknown HTTP/1.1', '0'],
    ['204 has none', 'GET /noContent HTTP/1.1', null],
    ['304 has none', 'GET /notModified HTTP/1.1', null],
    ['an answer to HEAD has none', 'HEAD /json HTTP/1.1', null],
    ['an empty answer to HEAD has none', 'HEAD /unknown HTTP/1.1', null],
  ] as const)('%s: %s', async ([, start, length]) => {
    const answer = await send(host, [start]);
    expect([answer.body, ...framing(answer)]).toEqual(['', null, length]);
  });
});

describe.concurrent('A body that is announced', () => {
  /** Milliseconds until the host closes the connection, and what it said until then. */
  async function timed(request: string): Promise<[number, Answer]> {
    const since = performance.now();
    const answer = await raw(host, request);
    return [performance.now() - since, answer];
  }

  test.for([
    ['and never sent', '1.1', ''],
    ['and sent in part', '1.1', 'hell'],
    ['by HTTP/1.0 and never sent', '1.0', ''],
  ] as const)('%s is 500 after five seconds.', async ([, version, sent]) => {
    const head = `POST /echo HTTP/${version}\r\nHost: here\r\nContent-Length: 5\r\n\r\n`;
    const [after, answer] = await timed(head + sent);
    expect([answer.status, answer.body, answer.headers.get('connection')]).toEqual([500, '', 'close']);
    expect(after).toBeGreaterThan(4_900);
    expect(after).toBeLessThan(10_000);
  });

  test('and that nobody reads is waited for five seconds after the answer.', async () => {
    const [after, answer] = await timed('POST /get-only HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n');
    expect(answer.status).toBe(404);
    expect(after).toBeGreaterThan(4_900);
    expect(after).toBeLessThan(10_000);
  });

  test.for([
    [0, 5_000],
    [1_200, 5_000],
    [2_400, 10_000],
  ] as const)('and of which %i bytes have come may take %i milliseconds.', ([received, milliseconds]) => {
    expect(bodyDeadline(received)).toBe(milliseconds);
  });
});

describe('Bodies of requests', () => {
  const chunked = '5\r\nhello\r\n0\r\n\r\n';

  test.for(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s: the body arrives.', async (method) => {
    expect(await echo(host, '/echo', { method, body: 'héllo' })).toMatchObject({ method, body: 'héllo' });
  });

  test('A body in many pieces arrives whole.', async () => {
    const body = 'x'.repeat(1_000_000);
    expect((await echo(host, '/echo', { method: 'POST', body })).body).toBe(body);
  });

  test('A chunked body arrives empty, with its transfer-encoding header.', async () => {
    const answer = await send(host, ['POST /echo HTTP/1.1', 'Transfer-Encoding: chunked'], chunked);
    const { body, headers } = parsed(answer);
    expect([body, headers['transfer-encoding'], headers['content-length']]).toEqual([
      '',
      'chunked',
      undefined,
    ]);
  });

  test('A chunked body does not become the next request of its connection.', async () => {
    const answer = await raw(
      host,
      `POST /echo/1 HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}` +
        'GET /echo/2 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n',
    );
    expect(parsed(answer).params).toEqual({ id: '2' });
  });

  test.for(['GET', 'HEAD'])('The body of a %s is dropped.', async (method) => {
    const answer = await send(host, [`${method} /echo HTTP/1.1`, 'Content-Length: 5'], 'hello');
    expect(answer.status).toBe(200);
    if (method === 'GET') expect(parsed(answer).body).toBe('');
  });

  test('Expect: 100-continue is answered before the body is sent.', async () => {
    const answer = await raw(
      host,
      'POST /echo HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
      'hello',
    );
    expect(parsed(answer).body).toBe('hello');
  });

  test.for(['POST /unknown HTTP/1.1', 'GET /echo HTTP/1.1'])(
    'Expect: 100-continue is passed over where no body is read: %s',
    async (start) => {
      const answers = await exchange(
        await host.origin,
        `${start}\r\nHost: here\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n`,
        Buffer.from(''),
      ).catch((error: Error) => error.message);
      expect(answers).toBe('the service never asked for the body');
    },
  );

  test('Any other expectation is passed over.', async () => {
    expect((await send(host, ['GET /echo HTTP/1.1', 'Expect: the unexpected'])).status).toBe(200);
  });

  test('A body of 100 MiB and one byte is 500, before it is sent, and ends the connection.', async () => {
    const answer = await raw(host, 'POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 104857601\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([500, '']);
  });

  test('A body over FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is 500, one of exactly that size passes.', async () => {
    expect((await get(plain, '/api/hello', { method: 'POST', body: 'x'.repeat(10) })).body).toBe('hello 10');
    const answer = await get(plain, '/api/hello', { method: 'POST', body: 'x'.repeat(11) });
    expect([answer.status, answer.body]).toEqual([500, '']);
  });
});

describe('Answers', () => {
  test.for([
    ['jsonBody sets application/json', '/json', 200, 'application/json', '{"a":"ä"}'],
    ['jsonBody keeps a content type that is set', '/jsonOfOwnType', 200, 'application/problem+json', '{}'],
    ['a stream is sent whole', '/stream', 200, null, 'in parts'],
    ['204 drops jsonBody', '/noContent', 204, null, ''],
    ['a handler that returns nothing is 204', '/nothing', 204, null, ''],
    ['a handler that throws is 500 with an empty body', '/throws', 500, null, ''],
    ['a handler that returns no object is 500', '/notAnObject', 500, null, ''],
    ['a header that is not ASCII is 500', '/nonAsciiHeader', 500, null, ''],
  ] as const)('%s', async ([, path, status, type, body]) => {
    const answer = await get(host, path);
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([status, type, body]);
  });

  test('Bytes are sent as they are.', async () => {
    const answer = await send(host, ['GET /bytes HTTP/1.1']);
    expect([answer.status, [...answer.bytes]]).toEqual([201, [0, 255]]);
  });

  test('HEAD has the headers of GET and no body.', async () => {
    const answer = await send(host, ['HEAD /json HTTP/1.1']);
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test('WWW-Authenticate and Retry-After reach the client.', async () => {
    const { status, headers } = await get(host, '/challenge');
    expect([status, headers.get('www-authenticate'), headers.get('retry-after')]).toEqual([
      401,
      'Basic realm="mail"',
      '5',
    ]);
  });

  test('Cookies reach the client.', async () => {
    expect((await get(host, '/cookies')).headers.getSetCookie()).toEqual([
      'a=1; path=/; secure; samesite=lax; httponly',
      'b=2; max-age=60',
    ]);
  });

  test('Work that is started before the answer goes on after it.', async () => {
    expect((await get(host, '/startLate')).body).toBe('started');
    expect((await get(host, '/awaitLate')).body).toBe('finished');
  });

  test('Why a handler threw is one line on stderr, without a stack.', async () => {
    await get(host, '/throws');
    await host.printed('throws failed: the reason\\nof it\n');
    expect(host.errors).not.toContain('answers.js');
  });

  test('What a handler logs is one line each, from the level Information up.', async () => {
    await get(host, '/logs');
    await host.printed('went wrong\n');
    expect(host.output).toContain('two\\nlines\n');
    expect(host.errors).toContain('went wrong\n');
    expect(host.output + host.errors).not.toContain('not at this level');
  });
});

describe('Function keys', () => {
  test.for([
    ['no level is anonymous', '/defaults', {}, 200],
    ['no key', '/keyed', {}, 401],
    ['a wrong key', '/keyed', { 'x-functions-key': 'wrong' }, 401],
    ['the right key', '/keyed', { 'x-functions-key': 'right' }, 200],
    ['a wrong code', '/keyed?code=wrong', {}, 401],
    ['the right code', '/keyed?code=right', {}, 200],
    ['admin without a key', '/keyedAdmin', {}, 401],
    ['admin with the key', '/keyedAdmin', { 'x-functions-key': 'right' }, 200],
  ] as const)('%s: %s', async ([, path, headers, status]) => {
    const answer = await get(host, path, { headers });
    expect([answer.status, answer.body === '']).toEqual([status, status === 401]);
  });

  test('Where LOCAL_FUNCTION_KEY is not set, no key is right.', async () => {
    const keyless = new Host(fixture('host-app'));
    for (const key of ['', 'undefined']) {
      expect((await get(keyless, '/keyed', { headers: { 'x-functions-key': key } })).status).toBe(401);
    }
    expect(await keyless.stop()).toBe(0);
  });
});

describe('Start', () => {
  test.for([
    ['a file throws', 'broken-app', 'SETTING is missing\n'],
    ['enableHttpStream is switched on', 'stream-app', 'enableHttpStream is not known to the local host\n'],
    ['the app is missing', 'no-app', 'ENOENT'],
  ] as const)('Where %s, the message is on stderr and the exit code is 1.', async ([, app, reason]) => {
    const failing = new Host(fixture(app));
    expect(await failing.exited).toBe(1);
    expect(failing.errors).toContain(reason);
    expect(failing.errors).not.toContain('    at ');
    expect(failing.output).toBe('');
  });

  test('Hooks for the start of the app run.', () => {
    expect(plain.output).toContain('the app has started\n');
  });

  test('A bundle with no node_modules beside it is served.', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'host-bundle-'));
    try {
      await build({
        entryPoints: [join(fixture('host-app'), 'functions/*.js')],
        outdir: join(folder, 'functions'),
        bundle: true,
        splitting: true,
        minify: true,
        platform: 'node',
        format: 'esm',
        external: ['@azure/functions-core'],
        banner: {
          js: "import{createRequire as $c}from'node:module';const require=$c(import.meta.url);",
        },
      });
      cpSync(join(fixture('host-app'), 'host.json'), join(folder, 'host.json'));
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ type: 'module', main: 'functions/{requests,answers}.js' }),
      );
      const bundled = new Host(folder);
      expect((await echo(bundled, '/echo/1', { method: 'POST', body: 'hello' })).body).toBe('hello');
      expect((await get(bundled, '/json')).body).toBe('{"a":"ä"}');
      expect(await bundled.stop()).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('Stop', () => {
  const ways: [string, (host: Host) => void][] = [
    ['SIGINT', (stopped) => stopped.signal('SIGINT')],
    ['SIGTERM', (stopped) => stopped.signal('SIGTERM')],
    ['disconnect', (stopped) => stopped.disconnect()],
  ];

  test.for(ways)('%s: a request in flight is answered, then the exit code is 0.', async ([event, stop]) => {
    const stopped = new Host(fixture('host-app'));
    const held = get(stopped, '/hold');
    await stopped.printed('holding\n');
    stop(stopped);
    expect(await held).toMatchObject({ status: 200, body: `held until ${event}` });
    expect(await stopped.exited).toBe(0);
  });

  test('Connections that are idle, or never carried a request, do not delay it.', async () => {
    const stopped = new Host(fixture('host-app'));
    const { hostname, port } = new URL(await stopped.origin);
    const unused = connect(Number(port), hostname);
    await get(stopped, '/json');
    const closed = new Promise((resolve) => unused.once('close', resolve));
    expect(await stopped.stop()).toBe(0);
    await closed;
  });

  test('Only the first signal counts.', async () => {
    const stopped = new Host(fixture('host-app'));
    const held = get(stopped, '/hold');
    await stopped.printed('holding\n');
    stopped.signal('SIGINT');
    stopped.signal('SIGTERM');
    expect((await held).status).toBe(200);
    expect(await stopped.exited).toBe(0);
  });
});
