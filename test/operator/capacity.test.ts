import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { root } from '../../local/stack-file.ts';
import { pageWithOutputs } from '../../operator/capacity/command.ts';
import { costOf, priceTable, standingCost } from '../../operator/capacity/cost.ts';
import { given } from '../../operator/capacity/figures.ts';
import { type LimitName, limitsOf } from '../../operator/capacity/limits.ts';
import { type Demand, loadOf, writesEach } from '../../operator/capacity/load.ts';
import { sizeNames, sizeOf } from '../../operator/size.ts';
import { gateway, person } from '../../testing/api.ts';
import { type Envelope, startCollector } from '../../testing/collector.ts';
import { operator } from '../../testing/operator.ts';
import { startService } from '../../testing/service.ts';
import { ofType, snapshots } from '../../testing/snapshots.ts';
import { startTableProxy, type TableProxy } from '../../testing/table-proxy.ts';

const ownPrices = priceTable.parse(
  JSON.parse(readFileSync(join(root, 'operator/capacity/prices.json'), 'utf8')),
);
const some: Demand = { people: 1_000, devices: 5, interval: 15, gateways: 3, instances: 100 };

/** Round numbers, so that results can be worked out by hand. */
const round = {
  ...given,
  verifyCpuMilliseconds: 1.25,
  appShare: 0.5,
  coreShare: 0.5,
  peakFactor: 2,
  auditRecordBytes: 500,
  hostItems: 0,
};

describe('the load', () => {
  test('of 900 people who verify once in 15 minutes is one verify a second', () => {
    const load = loadOf({ ...some, people: 900, devices: 1 }, round);
    expect(load.verifies).toEqual({ mean: 1, peak: 2 });
    // 1,000 ms / 1.25 ms, of which half is the host's, and half of the rest kept free
    expect(load.eachInstance).toBe(200);
    expect(load.instances).toEqual({ mean: 1, peak: 1 });
    // One verify in 900 s on one instance, which remembers for 10 s: 1 of 1 + 10/900.
    const name = 90 / 91;
    expect(load.operationsEach).toEqual({ name: expect.closeTo(name, 10), password: 1, lastUsed: 1 });
    expect(load.operations.mean).toBeCloseTo(2 + name + 1 / 30, 10);
    expect(load.operations.peak).toBeCloseTo(2 * (2 + name) + 1 / 30, 10);
    expect(load.lastUsedWrites).toEqual({ mean: 1, peak: 2 });
    // 86,400 records of 500 bytes
    expect(load.telemetry.gbDay).toBeCloseTo(0.0432, 10);
    // (1 list of the pepper's versions + 1 page of secrets + 3 lists of keys) in 300 s
    expect(load.vault.mean).toBeCloseTo(5 / 300, 10);
    // and at the start 4 values and one challenge
    expect(load.vault.startIn10s).toBe(10);
    // 40 passwords once a minute, each read, and noted every 15th time
    expect(load.busiestPartition).toBeCloseTo((40 / 60) * (1 + 1 / 15), 10);
  });

  test('of more takes more instances, which remember less', () => {
    const load = loadOf({ ...some, people: 1_000_000, interval: 1 }, round);
    expect(load.verifies.mean).toBeCloseTo(83_333.33, 1);
    expect(load.instances).toEqual({ mean: 417, peak: 834 });
    expect(load.operationsEach.name).toBeCloseTo(1 / (1 + (5 / 60 / 417) * 10), 10);
  });

  test.each([
    [60, 1],
    [15, 1],
    [14, 1 / 2],
    [10, 1 / 2],
    [5, 1 / 3],
    [1, 1 / 15],
  ])('an interval of %d minutes notes %d of its uses', (interval, share) => {
    expect(writesEach(interval, given)).toBeCloseTo(share, 10);
  });
});

describe('the limits', () => {
  const million = { ...some, people: 1_000_000 };

  test.each([
    ['audit volume', million, {}],
    ['account', million, { telemetryGbDay: 1_000 }],
    ['instances', { ...some, people: 100_000, instances: 1 }, {}],
    ['vault', { ...some, people: 30_000, gateways: 1_000 }, {}],
    ['partition', { ...some, people: 1, devices: 40, interval: 0.001 }, { telemetryGbDay: 1_000 }],
    [
      'audit events',
      { ...million, people: 5_000_000, instances: 1_000 },
      { telemetryGbDay: 1e6, accountOperations: 1e9, regionalInstances: 1_000 },
    ],
  ])('%s comes first for some input', (name, demand, other) => {
    expect(limitsOf(demand, { ...round, ...other })[0]?.name).toBe(name);
  });

  test('are passed from the number of people on that is said, and not before', () => {
    for (const { name, people, limit } of limitsOf(some, given)) {
      if (people === null) continue;
      const usedBy = (count: number) =>
        limitsOf({ ...some, people: count }, given).find((it) => it.name === name)?.used ?? 0;
      expect(usedBy(people - 1), name).toBeLessThanOrEqual(limit);
      expect(usedBy(people), name).toBeGreaterThan(limit);
    }
  });

  test('the account is passed where its operations at the peak are', () => {
    // Without names remembered it is 3 operations a verify, twice that at the peak: 6 / 900 a second for each person.
    const plain = { ...round, nameRemembered: 0, policyRefresh: Number.POSITIVE_INFINITY };
    const found = limitsOf({ ...some, devices: 1 }, { ...plain, accountOperations: 19_999.99 });
    expect(found.find(({ name }) => name === 'account')?.people).toBe(2_999_999);
  });

  test('the partition is not passed by people', () => {
    const found = limitsOf(some, given).find(({ name }) => name === 'partition');
    expect(found?.people).toBeNull();
  });
});

const of = (price: number, free = 0) => ({ price, free, unit: '', source: '' });
const standing = {
  logAlertMonth: of(1),
  metricAlertMonth: of(2),
  webTestExecution: of(0.001),
  privateEndpointHour: of(0.01),
  privateDnsZoneMonth: of(3),
  natGatewayHour: of(0.1),
  publicAddressHour: of(0.02),
};

test('a month costs what its amounts do, after what is free', () => {
  const prices = priceTable.parse({
    note: '',
    date: '2026-01-01',
    region: '',
    currency: 'USD',
    prices: {
      functionsGbSecond: of(0.01, 100),
      functionsMillionExecutions: of(1, 1),
      alwaysReadyGbSecond: of(0),
      tableTenThousandOperations: of(0.1),
      tableGbMonth: of(1),
      vaultTenThousandOperations: of(2),
      logsGb: of(2, 5),
      ...standing,
    },
  });
  const demand = { ...some, people: 90_000, devices: 1 };
  const bill = costOf(
    demand,
    { ...round, nameRemembered: 0, policyRefresh: Number.POSITIVE_INFINITY, timerSeconds: 1 },
    prices,
  );
  const cost = Object.fromEntries(bill.map(({ what, cost }) => [what, cost]));
  // 100 verifies a second for 2,592,000 s: never idle; and 43,200 runs of the timer, of one second each.
  expect(cost['functions, GB-seconds']).toBeCloseTo((2 * (2_592_000 + 43_200) - 100) * 0.01, 2);
  expect(cost['functions, million executions']).toBeCloseTo(259.2 + 0.0432 - 1, 6);
  expect(cost['tables, 10,000 operations']).toBeCloseTo((300 * 2_592_000 * 0.1) / 1e4, 2);
  expect(cost['tables, GB kept']).toBeCloseTo((90_000 * 13 * 700) / 1e9, 6);
  expect(cost['vault, 10,000 operations']).toBeCloseTo(((5 / 300) * 2_592_000 * 2) / 1e4, 6);
  // 100 records of 500 bytes a second: 129.6 GB
  expect(cost['audit trail and telemetry, GB']).toBeCloseTo((129.6 - 5) * 2, 6);
});

describe('a month in which nobody asks for anything', () => {
  const prices = priceTable.parse({
    ...ownPrices,
    prices: { ...ownPrices.prices, ...standing, alwaysReadyGbSecond: of(1 / 2_592_000) },
  });
  const base = {
    name: 'any',
    zoneRedundant: false,
    alwaysReadyInstances: 0,
    instanceMemory: 1_024,
    privateNetworking: false,
  };
  const cost = (size: Partial<typeof base>) =>
    standingCost({ ...base, ...size }, given, prices).map((item) => Math.round(item.cost * 100) / 100);
  // 7 alerts on the log, one on a metric, and 25,920 looks from outside.
  const alerts = 7 + 2 + 25.92;

  test('costs each instance that is always ready, by its memory', () => {
    expect(cost({})).toEqual([0, alerts, 0]);
    expect(cost({ alwaysReadyInstances: 3, instanceMemory: 2_048 })).toEqual([6, alerts, 0]);
  });

  test('over zones at least two for HTTP, and two for the timer', () => {
    expect(cost({ zoneRedundant: true })).toEqual([4, alerts, 0]);
    expect(cost({ zoneRedundant: true, alwaysReadyInstances: 3 })).toEqual([5, alerts, 0]);
  });

  test('and a private network: three endpoints with their zones, the gateway and its address', () => {
    expect(cost({ privateNetworking: true })).toEqual([0, alerts, 3 * (7.2 + 3) + 72 + 14.4]);
  });

  test('counts what there is', () => {
    const functions = globSync('functions/*.ts', { cwd: root }).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    );
    expect(functions.filter((text) => text.includes('app.timer('))).toHaveLength(given.timers);
    for (const snapshot of snapshots) {
      const properties = ofType(snapshot, 'Microsoft.Web/sites')[0]?.properties;
      const { scaleAndConcurrency } = properties.functionAppConfig;
      const size = sizeOf(snapshot.name);
      expect(size).toEqual({
        name: snapshot.name,
        zoneRedundant: ofType(snapshot, 'Microsoft.Web/serverfarms')[0]?.properties.zoneRedundant,
        alwaysReadyInstances: scaleAndConcurrency.alwaysReady[0]?.instanceCount ?? 0,
        instanceMemory: scaleAndConcurrency.instanceMemoryMB,
        privateNetworking: Boolean(properties.virtualNetworkSubnetId),
      });
      const isClosed = properties.publicNetworkAccess === 'Disabled' ? 1 : 0;
      const endpoints = size.privateNetworking ? given.privateEndpoints + isClosed : 0;
      expect(ofType(snapshot, 'Microsoft.Network/privateEndpoints')).toHaveLength(endpoints);
      expect(ofType(snapshot, 'Microsoft.Network/privateDnsZones')).toHaveLength(endpoints);
      expect(ofType(snapshot, 'Microsoft.Network/natGateways')).toHaveLength(size.privateNetworking ? 1 : 0);
    }
    const [production] = snapshots.filter(({ name }) => name === 'production');
    const rules =
      production === undefined ? [] : ofType(production, 'Microsoft.Insights/scheduledQueryRules');
    expect(rules).toHaveLength(given.logAlerts);
    expect([...sizeNames].sort()).toEqual(snapshots.map(({ name }) => name));
  });
});

describe('npm run capacity', () => {
  const ask = (...args: string[]) => operator('capacity', {}, ...args);
  const enough = ['--people', '1000', '--devices', '5', '--interval', '15'];

  test.each([
    ['docs/scale.md', 4],
    ['docs/deployment.md', 1],
  ])('made %s, as it is', async (file, count) => {
    const page = readFileSync(join(root, file), 'utf8');
    expect(pageWithOutputs(page)).toBe(page);
    const blocks = [...page.matchAll(/^`npm run capacity -- (.+)`\n\n([\s\S]*?)<!-- end of output -->/gm)];
    expect(blocks.length).toBeGreaterThanOrEqual(count);
    for (const [, line = '', output] of blocks) expect((await ask(...line.split(' '))).stdout).toBe(output);
  });

  test('bears out what the page says in short', () => {
    const page = readFileSync(join(root, 'docs/scale.md'), 'utf8').replaceAll('\n', ' ');
    const passed = new Map(limitsOf(some, given).map(({ name, people }) => [name, people ?? 0]));
    const about = (name: LimitName) =>
      (passed.get(name) ?? 0).toLocaleString('en-US', { maximumSignificantDigits: 2 });
    expect(page).toContain(`carries about **${about('account')} people**`);
    expect(page).toContain(`long before, at about **${about('audit volume')}**`);
    // Three operations for each device, and storage takes so many a second.
    const comeback = (people: number) => (people * some.devices * 3) / given.accountOperations;
    expect(comeback(100_000)).toBe(75);
    expect(comeback(1_000_000) / 60).toBe(12.5);
    expect(page).toContain('at least **75 seconds** for 100,000 people, and **12.5 minutes** for a million');
    const bill = costOf({ ...some, people: 1_000_000 }, given, ownPrices);
    const all = bill.reduce((sum, { cost }) => sum + cost, 0);
    const shareOf = (kind: string) =>
      bill.filter(({ what }) => what.startsWith(kind)).reduce((sum, { cost }) => sum + cost / all, 0);
    expect(shareOf('audit')).toBeCloseTo(2 / 3, 1);
    expect(shareOf('tables')).toBeCloseTo(1 / 20, 2);
  });

  test('takes prices from another file', async () => {
    const { code, stdout } = await ask(...enough, '--prices', join(root, 'operator/capacity/prices.json'));
    expect(code).toBe(0);
    expect(stdout).toBe((await ask(...enough)).stdout);
    const bad = await ask(...enough, '--prices', join(root, 'package.json'));
    expect(bad).toMatchObject({ code: 1, stdout: '' });
    expect(bad.stderr).toContain('The file of prices cannot be read');
  });

  test.each([
    ['nothing', [], "required option '--people <N>'"],
    ['no interval', ['--people', '1', '--devices', '1'], "required option '--interval <MINUTES>'"],
    [
      'a word',
      [...enough, '--people', 'many'],
      "'--people <N>' argument 'many' is invalid. It takes a whole number",
    ],
    [
      'an empty value',
      [...enough, '--devices='],
      "'--devices <N>' argument '' is invalid. It takes a number",
    ],
    [
      'half a person',
      [...enough, '--people', '1.5'],
      "argument '1.5' is invalid. It takes a whole number from 1 to",
    ],
    [
      'no interval at all',
      [...enough, '--interval', '0'],
      "'--interval <MINUTES>' argument '0' is invalid. It takes a number",
    ],
    [
      'more devices than the limit',
      [...enough, '--devices', '41'],
      "argument '41' is invalid. It takes a number from 0.01 to 40",
    ],
    ['an unknown option', [...enough, '--speed', '1'], 'Usage:'],
    ['an unknown command', ['night', ...enough], 'Usage:'],
    ['two commands', ['sizes', 'figures', ...enough], 'Usage:'],
  ])('says what is wrong with %s', async (_, args, message) => {
    const { code, stdout, stderr } = await ask(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });
});

test('a running verify does what the model says: operations, and one audit record of that size', async () => {
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  let proxy: TableProxy | undefined;
  const service = await startService({
    settings: async (stack) => {
      proxy = await startTableProxy(stack.tables);
      return {
        TABLES_CONNECTION_STRING: proxy.connectionString,
        APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
        NODE_EXTRA_CA_CERTS: collector.certificateFile,
      };
    },
  });
  onTestFinished(async () => {
    await service.close();
    await proxy?.close();
  });
  const requests = proxy?.requests ?? [];
  const alice = 'alice@example.com';
  const { create } = person(service.origin, await service.token(alice));
  const { password } = (await create('Phone')).body;
  const asks = gateway(service.origin, service.gatewayKey);
  const accepted = ({ data }: Envelope) => data.baseData.name === 'verify.accepted';
  const policy = (request: string) => request.includes("PartitionKey='policy'");
  const kinds = (from: number) =>
    requests
      .slice(from)
      .filter((request) => !policy(request))
      .map((request) => `${request.split(' ')[0]} ${/AppPasswords|Usernames/.exec(request)?.[0]}`);

  let from = requests.length;
  expect((await asks.verify(alice, password)).status).toBe(200);
  await collector.took(1, accepted);
  expect(collector.envelopes.filter(accepted)).toHaveLength(given.auditRecords);
  const first = ['GET AppPasswords', 'GET Usernames', 'PATCH AppPasswords'];
  await vi.waitFor(() => expect(kinds(from).sort()).toEqual(first));

  from = requests.length;
  expect((await asks.verify(alice, password)).status).toBe(200);
  await collector.took(2, accepted);
  expect(kinds(from)).toEqual(['GET AppPasswords']);

  const records = collector.envelopes.filter(accepted);
  expect(records).toHaveLength(2 * given.auditRecords);
  for (const record of records) {
    const ratio = Buffer.byteLength(JSON.stringify(record)) / given.auditRecordBytes;
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThan(1.1);
  }
});
