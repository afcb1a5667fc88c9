import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { type HostProcess, startHost } from '../local/host-process.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { root } from '../local/stack-file.ts';
import { formatPassword, generatePassword } from '../shared/domain/password.ts';
import { tableNames } from '../shared/storage/tables.ts';
import { systemRandom } from '../shared/system.ts';
import { startTableProxy } from '../test/support/table-proxy.ts';
import { domainMicroseconds } from './domain.ts';
import { compare, type Kind, load, median } from './load.ts';
import { loadingTimes } from './loading.ts';
import { type Somebody, settle } from './people.ts';
import { type Line, picture } from './picture.ts';

/** One line of the table: what was measured, what it must reach, and whether it does. */
interface Row {
  readonly what: string;
  readonly measured: string;
  readonly must: string;
  readonly met: boolean;
}

const rows: Row[] = [];
const origin = 'http://127.0.0.1:7071';

function atMost(what: string, value: number, limit: number, unit = ''): void {
  rows.push({
    what,
    measured: `${value.toFixed(2)}${unit}`,
    must: `at most ${limit}${unit}`,
    met: value <= limit,
  });
}

function atLeast(what: string, value: number, limit: number): void {
  rows.push({ what, measured: value.toFixed(2), must: `at least ${limit}`, met: value >= limit });
}

function equal(what: string, values: readonly number[]): void {
  rows.push({ what, measured: values.join(', '), must: 'equal', met: new Set(values).size === 1 });
}

/** A host that runs nothing but the bare function. */
async function startBare(stack: Stack, somebody: Somebody): Promise<{ host: HostProcess; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'bare.js' }));
  writeFileSync(join(folder, 'host.json'), JSON.stringify({ extensions: { http: { routePrefix: '' } } }));
  await build({
    entryPoints: [fileURLToPath(new URL('bare.ts', import.meta.url))],
    outfile: join(folder, 'bare.js'),
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    external: ['@azure/functions-core'],
    banner: {
      js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);",
    },
  });
  const host = await startHost(folder, {
    ...stack.settings,
    BARE_TABLE: tableNames.passwords,
    BARE_PARTITION: somebody.person,
    BARE_ROW: somebody.passwords[0]?.rowKey ?? '',
  });
  return { host, folder };
}

function verifyAs(
  host: HostProcess,
  stack: Stack,
  status: number,
  pairs: readonly (readonly [string, string])[],
): Kind {
  return {
    url: `${host.origin}/api/verify`,
    status,
    headers: pairs.map(([username, password]) => ({
      'x-gateway-key': stack.gatewayKey,
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    })),
  };
}

/** How many operations storage sees for one verify of each kind, once its name is remembered. */
async function countOperations(
  stack: Stack,
  kinds: readonly (readonly [string, string])[],
): Promise<number[]> {
  const proxy = await startTableProxy(stack.tables);
  const host = await startHost(root, { ...stack.settings, TABLES_CONNECTION_STRING: proxy.connectionString });
  const counts: number[] = [];
  for (const [username, password] of kinds) {
    const [headers] = verifyAs(host, stack, 200, [[username, password]]).headers;
    await fetch(`${host.origin}/api/verify`, { headers: { ...headers } });
    const before = proxy.requests.length;
    await fetch(`${host.origin}/api/verify`, { headers: { ...headers } });
    counts.push(proxy.requests.length - before);
  }
  await host.stop();
  await proxy.close();
  return counts;
}

const pairOf = ({ username, passwords }: Somebody, index = 0) =>
  [username, passwords[index]?.secret ?? ''] as const;
const strange = () => formatPassword(generatePassword(systemRandom));

async function main(): Promise<void> {
  const stack = await startStack({ origin });
  const crowd = await startStack({ origin });
  const [one, forty] = [await settle(stack, 'one', 100, 1), await settle(stack, 'forty', 1, 40)];
  const few = await settle(crowd, 'one', 100, 1);
  await settle(crowd, 'crowd', 9_900, 1);
  const somebody = one[0] as Somebody;
  const owner = forty[0] as Somebody;
  const host = await startHost(root, stack.settings);
  const crowdHost = await startHost(root, crowd.settings);
  const { host: bareHost, folder } = await startBare(stack, somebody);

  const right = verifyAs(host, stack, 200, [pairOf(somebody)]);
  const wrong = verifyAs(host, stack, 401, [[somebody.username, strange()]]);
  const unknown = verifyAs(host, stack, 401, [['nobody@example.com', strange()]]);
  const impossible = verifyAs(host, stack, 401, [[somebody.username, 'correct horse battery staple']]);
  const withForty = verifyAs(
    host,
    stack,
    200,
    owner.passwords.map((_, index) => pairOf(owner, index)),
  );
  const amongFew = verifyAs(
    host,
    stack,
    200,
    one.map((it) => pairOf(it)),
  );
  const amongMany = verifyAs(
    crowdHost,
    crowd,
    200,
    few.map((it) => pairOf(it)),
  );
  const bare: Kind = { url: `${bareHost.origin}/bare`, status: 200, headers: [{}] };
  for (const kind of [right, wrong, unknown, impossible, withForty, amongFew, amongMany, bare])
    await load(kind, 8, 2);

  const againstBare = await compare(right, bare);
  atLeast('verify, right password: requests a second against a bare read', againstBare.rate, 0.8);
  atMost('verify, right password: p50 against a bare read', againstBare.p50, 1.25);
  atMost('verify with 40 passwords against 1: p50', (await compare(withForty, right)).p50, 1.05);
  atMost('wrong password against right: p50', (await compare(wrong, right)).p50, 1.15);
  atMost('unknown user against wrong password: p50', (await compare(unknown, wrong)).p50, 1.15);
  const kinds = [
    pairOf(somebody),
    [somebody.username, strange()],
    ['nobody@example.com', strange()],
    pairOf(owner),
  ] as const;
  equal('storage operations: right, wrong, unknown user, one of 40', await countOperations(stack, kinds));
  const [none] = await countOperations(stack, [[somebody.username, 'correct horse battery staple']]);
  atMost('storage operations for what cannot be a password', none ?? 1, 0);
  atLeast(
    'what cannot be a password: requests a second against right',
    (await compare(impossible, right)).rate,
    3,
  );
  atMost('10,000 people against 100: p50', (await compare(amongMany, amongFew)).p50, 1.25);
  equal('storage operations: among 100, among 10,000', [
    ...(await countOperations(stack, [pairOf(somebody)])),
    ...(await countOperations(crowd, [pairOf(few[0] as Somebody)])),
  ]);
  atMost('CPU of one verify without input and output', await domainMicroseconds(), 25, ' µs');
  const loading = await loadingTimes(stack.settings);
  atMost('loading the app up to its first answer, against the packages', loading.app / loading.packages, 0.6);
  const memory = await measureMemory(stack);
  atMost('memory after 100,000 different users, beyond that after 10,000', memory, 10, ' MiB');

  writeFileSync(join(root, 'docs/latency.svg'), await draw(right, wrong, bare));
  await Promise.all([host.stop(), crowdHost.stop(), bareHost.stop()]);
  await Promise.all([stack.close(), crowd.close()]);
  rmSync(folder, { recursive: true });
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, measured, must, met } of rows) {
    console.log(
      `${what.padEnd(width)}  ${measured.padStart(12)}  ${must.padEnd(17)}  ${met ? 'met' : 'NOT MET'}`,
    );
  }
  process.exit(rows.every(({ met }) => met) ? 0 : 1);
}

async function measureMemory(stack: Stack): Promise<number> {
  const program = fileURLToPath(new URL('memory.ts', import.meta.url));
  const env = { PATH: process.env.PATH, ...stack.settings };
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program], { env });
  const { after10k, after100k } = JSON.parse(stdout) as { after10k: number; after100k: number };
  return after100k - after10k;
}

/** Latency against concurrency: each point is the median of five. */
async function draw(right: Kind, wrong: Kind, bare: Kind): Promise<string> {
  const line = async (name: string, colour: string, kind: Kind, percentile: 'p50' | 'p95'): Promise<Line> => {
    const points: { connections: number; milliseconds: number }[] = [];
    for (const connections of [1, 2, 4, 8, 16, 32, 64]) {
      const figures: number[] = [];
      for (let i = 0; i < 5; i++) figures.push((await load(kind, connections, 1))[percentile]);
      points.push({ connections, milliseconds: median(figures) });
    }
    return { name, colour, points };
  };
  return picture('Latency of verify against concurrency, on two cores with Azurite', [
    await line('verify, p50', '#0b5cad', right, 'p50'),
    await line('verify, p95', '#7fb2e5', right, 'p95'),
    await line('wrong, p50', '#b3261e', wrong, 'p50'),
    await line('bare read, p50', '#555555', bare, 'p50'),
  ]);
}

await main();
