import { globSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { sampleUsers, type User } from '../../local/identities.ts';
import { selfSigned } from '../../local/key-vault.ts';
import { root } from '../../local/stack-file.ts';
import { auditOf } from '../../shared/audit/audit.ts';
import type { TrailRecord } from '../../shared/audit/audit-trail.ts';
import { watchFaults } from '../../shared/audit/fault-watch.ts';
import type { Ports } from '../../shared/domain/ports.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { inTime } from '../../shared/runtime/deadline.ts';
import { gatewayNetworksIn } from '../../shared/tables/gateway-networks.ts';
import { administrator, call, gateway, person, strangePassword } from '../../testing/api.ts';
import { FakeClock } from '../../testing/clock.ts';
import { type Collector, type Envelope, startCollector } from '../../testing/collector.ts';
import { read } from '../../testing/files.ts';
import { type Graph, startGraph } from '../../testing/graph.ts';
import { type Query, readQuery } from '../../testing/kusto.ts';
import { type Service, startService } from '../../testing/service.ts';
import { startTableProxy, type TableProxy } from '../../testing/table-proxy.ts';
import { onlyOnDemand, runTimer } from '../../testing/timer.ts';
import { workspaceTables } from '../../testing/workspace-tables.ts';

const [alice] = sampleUsers as [User];
const nowhere = 'https://127.0.0.1:1';

let collector: Collector;
let graph: Graph;
let service: Service;
let proxy: TableProxy;
const cleanUps: (() => unknown)[] = [];

afterAll(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
});

type Dimensions = Readonly<Record<string, string>>;

/** The dimensions of all events of a name so far. */
const told = (name: string): Dimensions[] =>
  collector.envelopes
    .filter(({ data }) => data.baseData.name === name)
    .map(({ data }) => data.baseData.properties);
/** Waits for events, which leave each host in batches. */
const eventually = (check: () => void) => vi.waitFor(check, 20_000);
const tells = (name: string, dimensions: Dimensions) =>
  eventually(() => expect(told(name)).toContainEqual(expect.objectContaining(dimensions)));

/** A Key Vault that turns everybody away, as it has too much to do. */
async function startBusyVault(): Promise<Record<string, string>> {
  const { private: key, cert } = await selfSigned();
  const server = createServer({ key, cert }, (_, response) => response.writeHead(429).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { KEY_VAULT_URL: `https://127.0.0.1:${port}`, KEY_VAULT_CERTIFICATE: cert };
}

const health = ({ origin }: HostProcess) => call(origin, 'GET', '/api/health');
const through = (address: string) => ({ 'x-forwarded-for': `203.0.113.77, ${address}:49152` });

/** Brings about everything that the workbook shows and the alerts are about. */
beforeAll(async () => {
  collector = await startCollector();
  cleanUps.push(() => collector.close());
  graph = await startGraph();
  cleanUps.push(() => graph.close());
  graph.create(alice.oid, alice.username);
  service = await startService({
    settings: () => ({
      ...graph.settings,
      ...onlyOnDemand('upkeep'),
      APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
      NODE_EXTRA_CA_CERTS: collector.certificateFile,
    }),
  });
  cleanUps.push(() => service.close());
  proxy = await startTableProxy(service.stack.tables);
  cleanUps.push(() => proxy.close());
  const token = await service.token(alice.username);
  const asAlice = person(service.origin, token);
  const mail = gateway(service.origin, service.gatewayKey);

  const { body: unused } = await asAlice.register('Phone');
  const { body: made } = await asAlice.create('Tablet');
  for (let count = 2; count < 40; count++) expect((await asAlice.create(`Device ${count}`)).status).toBe(201);
  expect((await asAlice.create('One too many')).status).toBe(409);
  const stolen = person(service.origin, await service.token(alice.username, { secondFactor: false }));
  expect((await stolen.create('Of a thief')).status).toBe(401);

  expect((await mail.verify(alice.username, made.password, through('192.0.2.10'))).status).toBe(200);
  await tells('gateway.new-network', { network: '192.0.2.0/24' });
  const mapped = through('[::ffff:192.0.2.11]');
  expect((await mail.verify(alice.username, 'not one at all', mapped)).status).toBe(401);
  const away = through('198.51.100.7');
  const device = { 'x-protocol': 'imap', 'x-client-address': '192.0.2.200' };
  expect((await mail.verify(alice.username, strangePassword(), device)).status).toBe(401);
  expect((await mail.verify('nobody@example.com', strangePassword(), away)).status).toBe(401);
  const grant = { grant_type: 'password', username: alice.username, password: strangePassword() };
  const elsewhere = through('[2001:db8:1::2]');
  expect((await mail.grant({ ...grant, client_secret: service.gatewayKey }, elsewhere)).status).toBe(400);
  for (const address of ['2001:0DB8:1:0:0:0:0:9', '2001:db8::1:2:3:4:5', '64:ff9b::192.0.2.33', 'unknown'])
    await mail.verify(alice.username, 'not one at all', through(`[${address}]`));
  const stranger = gateway(service.origin, 'a-key-that-nobody-has');
  for (let i = 0; i < 3; i++) expect((await stranger.verify(alice.username, made.password)).status).toBe(503);

  await runTimer(service.host, 'upkeep');
  graph.rename(alice.oid, 'alice.new@example.com');
  await runTimer(service.host, 'upkeep');
  graph.mode({ retryAfter: 0 });
  await runTimer(service.host, 'upkeep');

  const byHand = await service.anotherHost({ GRAPH_URL: '' });
  const admin = administrator(byHand.origin, await service.token('bob@example.com'));
  expect((await admin.setAccount(alice.oid, { username: 'given@example.com' })).status).toBe(200);
  expect((await admin.setAccount(alice.oid, { username: 'alice.new@example.com' })).status).toBe(200);

  const behindProxy = await service.anotherHost({ TABLES_CONNECTION_STRING: proxy.connectionString });
  proxy.fate((_, request) => (/^PATCH|'gateways'/.test(request) ? 'cut' : 'pass'));
  const atProxy = gateway(behindProxy.origin, service.gatewayKey);
  const moved = through('198.18.0.1');
  expect((await atProxy.verify('alice.new@example.com', unused.password, moved)).status).toBe(200);
  await tells('background.failed', { work: 'after-answer' });
  proxy.fate(() => 'busy');
  expect((await atProxy.verify(alice.username, strangePassword())).status).toBe(503);
  proxy.fate(() => 'cut');
  const cold = await service.anotherHost({ TABLES_CONNECTION_STRING: proxy.connectionString });
  expect((await health(cold)).status).toBe(503);
  expect(
    (await gateway(cold.origin, service.gatewayKey).verify(alice.username, strangePassword())).status,
  ).toBe(503);

  for (const vault of [await startBusyVault(), { KEY_VAULT_URL: nowhere }])
    expect((await health(await service.anotherHost(vault))).status).toBe(503);
  const unsigned = await service.anotherHost({
    KEY_VAULT_URL: nowhere,
    PORTAL_PROFILE_CERTIFICATE: 'profile',
  });
  expect((await fetch(`${unsigned.origin}/mail.mobileconfig`)).status).toBe(503);
  const alone = await service.anotherHost({ OIDC_DISCOVERY_URL: `${nowhere}/` });
  expect((await person(alone.origin, token).list()).status).toBe(503);

  await Promise.all([
    tells('function.failed', { function: 'upkeep' }),
    tells('function.failed', { function: 'list' }),
    tells('service.failed', { service: 'directory', statusCode: '429' }),
    tells('service.failed', { service: 'storage', statusCode: '503' }),
    tells('service.failed', { service: 'vault', statusCode: '429' }),
    tells('background.failed', { work: 'policy' }),
    tells('background.failed', { work: 'signing-keys' }),
    tells('gateway-key.refused', {}),
    tells('username.changed', { actor_kind: 'administrator', to: 'given@example.com' }),
    tells('username.claimed', { source: 'administrator', username: 'given@example.com' }),
    tells('management.refused', { reason: 'no-second-factor', caller: alice.oid }),
  ]);
}, 120_000);

describe('The running service tells', () => {
  test('how long it took to accept or refuse a password', async () => {
    const durations = () =>
      [...told('verify.accepted'), ...told('verify.refused')]
        .filter(({ reason }) => reason !== 'not-an-app-password')
        .map(({ durationMs }) => Number(durationMs));
    await eventually(() => expect(durations()).toHaveLength(5));
    for (const duration of durations()) {
      expect(duration).toBeGreaterThanOrEqual(0);
      expect(duration).toBeLessThan(3_000);
    }
  });

  test('who would have had one app password too many', () => {
    expect(told('app-password.not-created')).toEqual([
      expect.objectContaining({
        person: expect.stringContaining(alice.oid),
        reason: 'limit-reached',
        operation: 'create',
      }),
    ]);
  });

  test('when it has followed the directory to its end, and for how many people', () =>
    eventually(() => expect(told('directory.followed')).toEqual([{ people: '0' }, { people: '1' }])));

  test('which function answered a fault', () => {
    const failed = () => told('function.failed').map((it) => `${it.function} ${it.kind}`);
    return eventually(() =>
      expect(failed().sort()).toEqual([
        ...Array(3).fill('health unavailable'),
        'list unavailable',
        'portal-profile unavailable',
        'upkeep unavailable',
        ...Array(2).fill('verify unavailable'),
      ]),
    );
  });

  test('which work failed that no request waited for', () => {
    const failed = () => new Set(told('background.failed').map(({ work }) => work));
    const all = ['after-answer', 'gateway-keys', 'pepper', 'policy', 'profile-certificate', 'signing-keys'];
    return eventually(() => expect([...failed()].sort()).toEqual(all));
  });

  test('each service that failed, with the status where there was one', () => {
    const failed = () => new Set(told('service.failed').map((it) => `${it.service} ${it.statusCode ?? '-'}`));
    const all = ['directory 429', 'storage -', 'storage 503', 'vault -', 'vault 429'];
    return eventually(() => expect([...failed()].sort()).toEqual(all));
  });

  test('from which networks a gateway key is used, each once, and never what a client says of itself', () => {
    const networks = () =>
      told('gateway.new-network').map((it) => `${it.gateway} ${it.network} ${it.isFirst}`);
    return eventually(() =>
      expect(networks().sort()).toEqual([
        'local 192.0.2.0/24 true',
        'local 198.51.100.0/24 false',
        'local 2001:db8:0::/48 false',
        'local 2001:db8:1::/48 false',
        'local 64:ff9b:0::/48 false',
      ]),
    );
  });

  test('nothing of a stranger but how often one came', () => {
    for (const dimensions of told('gateway-key.refused')) expect(Object.keys(dimensions)).toEqual(['count']);
    expect(collector.bodies()).not.toContain('a-key-that-nobody-has');
  });
});

test('A new network is told until that is taken, every half a minute, and only then has the row that docs/operations.md names', async () => {
  await import('../../shared/audit/telemetry.ts');
  const insights = await startCollector();
  const trusted = tls.getCACertificates();
  tls.setDefaultCACertificates([insights.certificate]);
  onTestFinished(() => {
    tls.setDefaultCACertificates(trusted);
    insights.close();
  });
  const settings = {
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.connectionString,
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: undefined,
  };
  const noCredential = () => {
    throw new Error('nobody may sign in');
  };
  const audit = auditOf(settings, noCredential, () => {});
  const clock = new FakeClock(Date.now());
  const runs: Promise<void>[] = [];
  const later: Ports['later'] = (task) => void runs.push(inTime(10_000, task));
  const { passwords } = service.tables;
  const note = gatewayNetworksIn(passwords, { audit, later, clock });
  const use = () => note({ name: 'mail', protocols: [], goesOnWith: 'typed' }, '203.0.113.9');
  const [, partition = '', key = ''] =
    /--partition-key (\S+) --row-key (\S+)/.exec(read('docs/operations.md')) ?? [];
  const row = () =>
    passwords.getEntity(partition, key.replace('NAME', 'mail').replace('NETWORK', '203.0.113.0-24'));

  insights.mode(403);
  use();
  await expect(runs[0]).rejects.toThrow(Unavailable);
  await expect(row()).rejects.toThrow('ResourceNotFound');
  insights.mode('take');
  clock.advance({ seconds: 30 });
  use();
  expect(runs).toHaveLength(1);
  clock.advance({ seconds: 1 });
  use();
  await runs[1];
  expect(insights.envelopes.map(({ data }) => data.baseData)).toMatchObject([
    { name: 'gateway.new-network', properties: { gateway: 'mail', network: '203.0.113.0/24' } },
  ]);
  await row();
  clock.advance({ minutes: 60 });
  use();
  expect(runs).toHaveLength(2);
});

test('What happens again and again is told at once, and every 10 seconds how many times more', () => {
  vi.useFakeTimers();
  try {
    const records: TrailRecord[] = [];
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { keyRefused, failed } = watchFaults({ record: (it) => void records.push(it) });
    const counts = () => records.splice(0).map((it) => 'count' in it && it.count);
    for (let i = 0; i < 1_000; i++) keyRefused();
    expect(counts()).toEqual([1]);
    vi.advanceTimersByTime(9_999);
    expect(counts()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(counts()).toEqual([999]);
    keyRefused();
    expect(counts()).toEqual([1]);
    vi.advanceTimersByTime(20_000);
    expect(counts()).toEqual([]);
    const fails = failed('after-answer');
    for (let i = 0; i < 1_000; i++) fails(new Unavailable('storage is away'));
    expect(counts()).toEqual([1]);
    vi.advanceTimersByTime(10_000);
    expect(counts()).toEqual([999]);
  } finally {
    vi.useRealTimers();
    vi.restoreAllMocks();
  }
});

/** Where the columns of AppEvents come from. */
const columns: Readonly<Record<string, (envelope: Envelope) => unknown>> = {
  TimeGenerated: ({ time }) => time,
  Name: ({ data }) => data.baseData.name,
  Properties: ({ data }) => data.baseData.properties,
  AppRoleInstance: ({ tags }) => tags['ai.cloud.roleInstance'],
};

const files = globSync('infra/queries/**/*.kql', { cwd: root }).sort();
const inReadme = /^AppEvents.*?(?=^```)/ms.exec(read('README.md'))?.[0] ?? '';

describe.each([['README.md', inReadme], ...files.map((file) => [file, read(file)])] as [string, string][])(
  'The query of %s',
  (_, text) => {
    const query = readQuery(text, workspaceTables);
    const named = namesIn(query);

    test('is a query of the workspace: its tables, columns and functions exist', () => {
      expect(query.objections).toEqual([]);
    });

    test('asks for columns that the service fills', () => {
      expect(query.columns.length).toBeGreaterThan(0);
      for (const column of query.columns) {
        for (const envelope of collector.envelopes) expect(columns[column]?.(envelope), column).toBeTruthy();
      }
    });

    test('asks for events that the service sends, with every dimension that it asks for', () => {
      const all = new Set(collector.envelopes.map(({ data }) => data.baseData.name));
      for (const name of named) expect([...all]).toContain(name);
      // Of several events, one may lack what another has.
      const dimensions = new Set(named.flatMap(told).flatMap(Object.keys));
      for (const dimension of query.dimensions) expect([...dimensions]).toContain(dimension);
    });

    test('compares with values that the service sends', () => {
      for (const { operand, values } of query.comparisons) {
        if (operand?.column === 'Name') continue;
        expect(operand?.dimension).toBeDefined();
        const sent = named.flatMap((name) => told(name).map((it) => it[operand?.dimension ?? '']));
        for (const value of values) expect(sent, operand?.dimension).toContain(value);
      }
    });
  },
);

/** The events that a query is about. */
function namesIn({ comparisons }: Query): string[] {
  return comparisons.flatMap(({ operand, values }) => (operand?.column === 'Name' ? values : []));
}

test('A query that is wrong would be noticed', () => {
  const objections = (text: string) => readQuery(text, workspaceTables).objections;
  expect(objections('AppEvents | count')).toEqual([]);
  expect(objections('AppEvent | count')).not.toEqual([]);
  expect(objections('AppEvents | where Nam == "verify.accepted"')).not.toEqual([]);
  expect(objections('AppEvents | where Name == ')).not.toEqual([]);
  expect(objections('AppEvents | summarize dcounter(Name)')).not.toEqual([]);
});
