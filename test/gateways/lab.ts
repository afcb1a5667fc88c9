import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { sampleUsers } from '../../local/identities.ts';
import { root } from '../../local/stack-file.ts';
import type { GoesOnWith } from '../../shared/domain/username/username.ts';
import { call, person } from '../../testing/api.ts';
import { pagePort } from '../../testing/browser.ts';
import { operator } from '../../testing/operator.ts';
import { type Service, startService } from '../../testing/service.ts';
import { startTcpProxy, type TcpProxy, tablePort, through } from '../../testing/tcp-proxy.ts';

/** What stands in the gateways' files for what an operator fills in. */
const samples = {
  service: 'https://app-passwords.example.com',
  key: 'GATEWAY-KEY',
  authorities: '/etc/ssl/certs/ca-certificates.crt',
} as const;

const aliceId = sampleUsers.find(({ username }) => username === 'alice@example.com')?.oid ?? '';

/** The service as a gateway sees it, and alice with her app passwords. */
export interface Lab {
  readonly service: Service;
  /** Where the gateway finds the service. */
  readonly origin: string;
  readonly username: string;
  /** This gateway's own key. */
  readonly key: string;
  /** Two app passwords that work, one that was deleted, and what alice's account is protected by. */
  readonly secrets: { readonly first: string; readonly second: string; readonly gone: string };
  readonly accountPassword: string;
  /** Makes an app password that a test may delete, for some protocols or for all. */
  create(protocols?: readonly string[]): Promise<{ id: string; password: string }>;
  remove(id: string): Promise<void>;
  /** Gives alice another username while something is done with it. */
  named<T>(username: string, use: (username: string) => Promise<T>): Promise<T>;
  /** Adds a gateway, and fills its key and the service into one of the files of `gateways/`. */
  fill(file: string, more?: Readonly<Record<string, string>>): string;
  /** A folder of its own for each program, which every user may read. */
  folder(name: string): string;
  /** The last audit record of accepted credentials. */
  lastAccepted(): unknown;
  /** Cuts storage off, or brings it back. */
  storage(mode: 'pass' | 'away'): void;
  /** How the service answers: as it is, as one that does not know the gateway's key, not at all, or Azure in its place. */
  answers(mode: Answers): void;
  /** Has something done when the lab closes; the last one is the first to be done. */
  atEnd(end: () => unknown): void;
  close(): Promise<void>;
}

type Answers = 'pass' | 'unknown-key' | 'hang' | keyof typeof platform;

/** What Azure says in the place of the app: status and body. */
const platform = {
  /** The app is stopped, or lets nobody in from here. */
  stopped: [403, '<h1>Error 403 - This web app is stopped.</h1>'],
  /** The app did not load, as after a bad setting. */
  'not-loaded': [404, ''],
  /** The worker that should have answered died. */
  died: [500, ''],
} as const;

/**
 * Starts the service behind https, and a gateway's key for it.
 *
 * @param goesOnWith the username with which the gateway goes on
 */
export async function startLab(
  gateway: string,
  protocols: string,
  goesOnWith: GoesOnWith = 'canonical',
): Promise<Lab> {
  let tables: TcpProxy | undefined;
  const service = await startService({
    port: await pagePort(),
    settings: async (stack) => {
      tables = await startTcpProxy(tablePort(stack.tables));
      return { TABLES_CONNECTION_STRING: through(tables, stack.tables) };
    },
  });
  const place = mkdtempSync(join(tmpdir(), 'gateway-'));
  chmodSync(place, 0o755);
  const front = await startFront(service.origin, join(place, 'authorities.pem'));
  const { stdout } = await operator(
    'gateway',
    service.stack.settings,
    'add',
    gateway,
    '--protocols',
    protocols,
    '--username',
    goesOnWith,
  );
  const key = stdout.trim();
  const values: Record<string, string> = {
    [samples.service]: front.origin,
    [samples.key]: key,
    [samples.authorities]: front.authorities,
  };
  const username = 'alice@example.com';
  const token = await service.token(username);
  const alice = person(service.origin, token);
  const create = async (protocols?: readonly string[]) => {
    const json = { name: 'Device', ...(protocols && { protocols }) };
    const { status, body } = await call(service.origin, 'POST', '/api/app-passwords', { token, json });
    if (status !== 201) throw new Error(`create answered ${status}`);
    return body as { id: string; password: string };
  };
  const remove = async (id: string) => {
    const { status } = await alice.remove(id);
    if (status !== 204) throw new Error(`delete answered ${status}`);
  };
  const administrator = await service.token('bob@example.com');
  const rename = async (username: string) => {
    const options = { token: administrator, json: { username } };
    const path = `/api/admin/people/${aliceId}`;
    const { status } = await call(service.origin, 'PATCH', path, options);
    if (status !== 200) throw new Error(`rename answered ${status}`);
  };
  const [first, second, gone] = [await create(), await create(), await create()];
  await remove(gone.id);
  const ends: (() => unknown)[] = [];
  return {
    service,
    origin: front.origin,
    username,
    key,
    secrets: { first: first.password, second: second.password, gone: gone.password },
    accountPassword: 'correct horse battery staple',
    create,
    remove,
    async named(name, use) {
      await rename(name);
      return use(name).finally(() => rename(username));
    },
    fill(file, more = {}) {
      let content = readFileSync(join(root, 'gateways', gateway, file), 'utf8');
      for (const [sample, value] of [...Object.entries(more), ...Object.entries(values)]) {
        if (sample in more && !content.includes(sample)) throw new Error(`${file} has no ${sample}`);
        content = content.replaceAll(sample, value);
      }
      const filled = join(place, file.replace('../', ''));
      mkdirSync(dirname(filled), { recursive: true });
      writeFileSync(filled, content);
      return filled;
    },
    folder(name) {
      const folder = join(place, name);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    lastAccepted() {
      const records = service.host.output().split('\n');
      return JSON.parse(records.findLast((line) => line.includes('"verify.accepted"')) ?? 'null');
    },
    storage: (mode) => tables?.mode(mode),
    answers: front.answers,
    atEnd: (end) => void ends.push(end),
    async close() {
      for (const end of ends.reverse()) await end();
      await service.close();
      front.close();
      tables?.close();
      rmSync(place, { recursive: true });
    },
  };
}

/** The service under https, as in the cloud, with a certificate that only this test believes. */
async function startFront(target: string, authorities: string) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  writeFileSync(authorities, cert);
  let mode: Answers = 'pass';
  const origin = () => `https://localhost:${(server.address() as AddressInfo).port}`;
  const server = createServer({ key, cert }, async (incoming, outgoing) => {
    let body = await text(incoming);
    if (mode === 'hang') return;
    const { method, url, headers } = incoming;
    // The cloud finds the app by this name.
    if (headers.host !== new URL(origin()).host) return void outgoing.writeHead(404).end();
    if (mode in platform) {
      const [status, page] = platform[mode as keyof typeof platform];
      return void outgoing.writeHead(status).end(page);
    }
    if (mode === 'unknown-key') {
      if (headers['x-gateway-key'] !== undefined) headers['x-gateway-key'] = 'unknown';
      body = body.replace('client_secret=', 'client_secret=un');
      if (body !== '') headers['content-length'] = `${Buffer.byteLength(body)}`;
    }
    const onwards = request(`${target}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onwards.on('error', () => incoming.socket.destroy());
    onwards.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    origin: origin(),
    authorities,
    answers(next: Answers) {
      if (mode === 'hang') server.closeAllConnections();
      mode = next;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
