import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../local/functions-host.ts');
const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);

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

interface Raw {
  status: number;
  head: string;
  body: string;
  bytes: Buffer;
}

interface Answer {
  status: number;
  headers: Headers;
  body: string;
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

/** Sends bytes (a string is Latin-1) and reads until the host closes; `then` is sent once `after` has arrived. */
async function raw(host: Host, request: string, after?: string, then = ''): Promise<Raw> {
  const { hostname, port } = new URL(await host.origin);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1').write(request, 'latin1');
  let text = '';
  let awaited = after;
  for await (const chunk of socket) {
    text += chunk;
    if (awaited && text.includes(awaited)) {
      awaited = undefined;
      socket.write(then);
    }
  }
  const end = text.lastIndexOf('HTTP/1.1 ');
  const split = text.indexOf('\r\n\r\n', end);
  const bytes = Buffer.from(text.slice(split + 4), 'latin1');
  return {
    status: Number(text.slice(end + 9, end + 12)),
    head: text.slice(0, split),
    body: bytes.toString(),
    bytes,
  };
}

/** One request by raw sockets, which closes its connection; lines are joined and ended as HTTP wants. */
function send(host: Host, lines: string[], body = ''): Promise<Raw> {
  const [start, ...rest] = lines;
  return raw(host, `${[start, 'Host: here', 'Connection: close', ...rest].join('\r\n')}\r\n\r\n${body}`);
}

async function get(host: Host, path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(`${await host.origin}${path}`, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
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
    ['an encoded slash does not separate segments', 'GET', '/api%2Fadmin/people', 404],
    ['an unknown path is not found', 'GET', '/unknown', 404],
    ["the host's own routes ask for a key", 'GET', '/admin/host/status', 401],
    ["the host's own routes ask for a key in any case", 'POST', '/Admin/Host/ping', 401],
    ['the webhooks of extensions ask for a key', 'POST', '/runtime/webhooks/blobs', 401],
    ['a route that begins with admin is refused', 'GET', '/admin/things', 404],
    ['a route that begins with the letters of admin is refused', 'GET', '/administrators', 404],
    ['a route that begins with runtime is refused', 'GET', '/runtime/things', 404],
    ['a route that the local host cannot read is refused', 'GET', '/unreadable/1', 404],
  ] as const)('%s: %s %s', async ([, method, path, status]) => {
    const answer = await send(host, [`${method} ${path} HTTP/1.1`]);
    expect([answer.status, answer.body]).toEqual([status, '']);
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

  test.for([
    ['A raw Latin-1 byte is 400.', ['X-A: Zo\xeb'], 400],
    ['40 kB are 431.', [`X-A: ${'a'.repeat(40_000)}`], 431],
    [
      '40 kB in many headers are 431.',
      Array.from({ length: 40 }, (_, i) => `X-${i}: ${'a'.repeat(1000)}`),
      431,
    ],
    ['A second Host header is 400.', ['Host: there'], 400],
    ['A value beyond Latin-1 makes the library throw, so it is 500.', ['X-A: \xe2\x82\xac'], 500],
  ] as const)('%s', async ([, lines, status]) => {
    const answer = await send(host, ['GET /echo HTTP/1.1', ...lines]);
    expect([answer.status, answer.body]).toEqual([status, '']);
  });

  test('HTTP/1.0 works.', async () => {
    const answer = await raw(host, 'GET /echo/1 HTTP/1.0\r\nHost: here\r\n\r\n');
    expect(parsed(answer).url).toBe('http://here/echo/1');
    expect(answer.head.toLowerCase()).toContain(`content-length: ${answer.body.length}`);
  });

  test('HTTP/1.0 without a Host header is 500.', async () => {
    const answer = await raw(host, 'GET /echo HTTP/1.0\r\n\r\n');
    expect([answer.status, answer.body]).toEqual([500, '']);
  });

  test('Names of the query are merged without case, duplicates joined by commas.', async () => {
    expect((await echo(host, '/echo?a=1&A=2&b=x+y%2F&c')).query).toEqual({ a: '1,2', b: 'x y/', c: '' });
  });

  test('The handler sees the whole address.', async () => {
    expect((await echo(host, '/echo/1?a=b')).url).toBe(`${await host.origin}/echo/1?a=b`);
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
      'HTTP/1.1 100 Continue\r\n\r\n',
      'hello',
    );
    expect(parsed(answer).body).toBe('hello');
  });

  test('A body of 100 MiB and one byte is 500, before it is sent.', async () => {
    const answer = await raw(
      host,
      'POST /echo HTTP/1.1\r\nHost: here\r\nConnection: close\r\nContent-Length: 104857601\r\n\r\n',
    );
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
    expect(answer.head).toContain('content-type: application/json');
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
