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
import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import { systemRandom } from '../shared/runtime/system.ts';
import { tableNames } from '../shared/tables/tables.ts';
import { startTableProxy } from '../testing/table-proxy.ts';
import { domainMicroseconds } from './domain.ts';
import { flood } from './flood.ts';
import { compare, type Kind, load } from './load.ts';
import { loadingTimes } from './loading.ts';
import { machine } from './machine.ts';
import { pageTimes } from './page.ts';
import { type Somebody, settle } from './people.ts';
import { Table } from './table.ts';

const origin = 'http://127.0.0.1:7071';

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
  const settings = {
    ...stack.settings,
    BARE_TABLE: tableNames.passwords,
    BARE_PARTITION: somebody.person,
    BARE_ROW: somebody.passwords[0]?.rowKey ?? '',
  };
  const host = await startHost(folder, settings, { output: 'ignore' });
  return { host, folder };
}

function verifyAs(
  host: HostProcess,
  stack: Stack,
  status: number,
  pairs: readonly (readonly [string, string])[],
): Kind {
  return {
    pid: host.pid,
    url: `${host.origin}/api/verify`,
    status,
    headers: pairs.map(([username, password]) => ({
      'x-gateway-key': stack.gatewayKey,
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    })),
  };
}

/** What is noted about a refusal comes after its answer: it writes, or reads the profile, as no verify does. */
const isBeforeAnswer = (request: string) =>
  request.startsWith('GET') && !request.includes("RowKey='profile'");

/** How many operations storage sees before the answer to one verify of each kind, once its name is remembered. */
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
    counts.push(proxy.requests.slice(before).filter(isBeforeAnswer).length);
  }
  await host.stop();
  await proxy.close();
  return counts;
}

const pairOf = ({ username, passwords }: Somebody, index = 0) =>
  [username, passwords[index]?.secret ?? ''] as const;
const strange = () => formatPassword(generatePassword(systemRandom));
const impossiblePassword = 'correct horse battery staple';
/** One request at a time: what one answer takes, without what waiting for others adds. */
const alone = { connections: 1, rounds: 9 };

async function main(): Promise<void> {
  const table = new Table();
  const stack = await startStack({ origin });
  const crowd = await startStack({ origin });
  const [one, forty] = [await settle(stack, 'one', 100, 1), await settle(stack, 'forty', 1, 40)];
  const few = await settle(crowd, 'one', 100, 1);
  await settle(crowd, 'crowd', 9_900, 1);
  const somebody = one[0] as Somebody;
  const owner = forty[0] as Somebody;
  const host = await startHost(root, stack.settings, { output: 'ignore' });
  const crowdHost = await startHost(root, crowd.settings, { output: 'ignore' });
  const { host: bareHost, folder } = await startBare(stack, somebody);

  const anyOf = (people: readonly Somebody[]) => people.map((each) => pairOf(each));
  const amongFew = verifyAs(host, stack, 200, anyOf(one));
  const amongMany = verifyAs(crowdHost, crowd, 200, anyOf(few));
  const right = verifyAs(host, stack, 200, [pairOf(somebody)]);
  const oneOf40 = verifyAs(host, stack, 200, [pairOf(owner, 39)]);
  const wrong = verifyAs(host, stack, 401, [[somebody.username, strange()]]);
  const unknown = verifyAs(host, stack, 401, [['nobody@example.com', strange()]]);
  const impossible = verifyAs(host, stack, 401, [[somebody.username, impossiblePassword]]);
  const bare: Kind = { pid: bareHost.pid, url: `${bareHost.origin}/bare`, status: 200, headers: [{}] };

  // First, while both stores and both hosts have done equally little.
  for (const kind of [amongFew, amongMany]) await load(kind, 8, 8);
  table.atMost('10,000 people against 100: p50', (await compare(amongMany, amongFew, alone)).p50, 1.25);

  for (const kind of [right, bare, wrong, unknown, impossible, oneOf40]) await load(kind, 8, 4);
  const againstBare = await compare(right, bare, { rounds: 9 });
  table.atLeast('verify, right password, against a bare read: requests a second', againstBare.rate, 0.8);
  table.atMost('verify, right password, against a bare read: p50', againstBare.p50, 1.25);
  table.atMost('verify, right password, against a bare read: CPU time a request', againstBare.cpu, 1.2);
  table.atMost(
    'one of 40 passwords against the only one: p50',
    (await compare(oneOf40, right, alone)).p50,
    1.05,
  );
  table.atMost('wrong password against right: p50', (await compare(wrong, right, alone)).p50, 1.15);
  table.atMost('unknown user against wrong password: p50', (await compare(unknown, wrong, alone)).p50, 1.15);
  const impossibly = await compare(impossible, right, { rounds: 9 });
  table.atLeast('what cannot be a password, against right: requests a second', impossibly.rate, 3);

  const kinds = [
    pairOf(somebody),
    [somebody.username, strange()],
    ['nobody@example.com', strange()],
    pairOf(owner, 39),
  ] as const;
  const fromFew = await countOperations(stack, kinds);
  table.equal('storage operations: right, wrong, unknown user, one of 40', fromFew);
  const fromMany = await countOperations(crowd, [pairOf(few[0] as Somebody)]);
  table.equal('storage operations: among 100, among 10,000', [fromFew[0] ?? 0, fromMany[0] ?? 0]);
  const [none] = await countOperations(stack, [[somebody.username, impossiblePassword]]);
  table.atMost('storage operations for what cannot be a password', none ?? 1, 0);

  table.atMost('CPU of one verify without input and output', await domainMicroseconds(), 25, ' µs');
  const loading = await loadingTimes(stack.settings);
  table.atMost(
    'loading the app up to its first answer, against the packages',
    loading.app / loading.packages,
    0.6,
  );
  const growth = await measureMemory(stack);
  table.atMost('memory after 100,000 different users, beyond that after 10,000', growth, 10, ' MiB');

  const page = await pageTimes();
  table.atMost('the page on a slow phone: first words', page.firstWords, 1.5, ' s');
  table.atMost('the page on a slow phone: from the sign-in at the provider to the list', page.list, 4, ' s');

  const flooded = await flood(stack);
  table.atLeast('guesses a second that cannot be an app password, for ten minutes', flooded.rate, 990);
  table.atMost('records of the audit trail about all of them', flooded.records, 100);
  table.equal('changes of these minutes, made and on record', flooded.changes);

  writeFileSync(join(root, 'docs/figures.md'), figures(table));
  await Promise.all([host.stop(), crowdHost.stop(), bareHost.stop()]);
  await Promise.all([stack.close(), crowd.close()]);
  rmSync(folder, { recursive: true });
  console.log(`${table}`);
  process.exit(table.isMet ? 0 : 1);
}

/** The page of the documentation that shows the figures. */
function figures(table: Table): string {
  return `# Figures

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}, with the local
functions host, Azurite in memory and the load generator all on the same machine. So the ratios say something, and the
milliseconds only how they lie to each other. Ratios are medians of at least seven rounds in turns. The bare read is a
function in the same host that does nothing but one \`getEntity\`. The slow phone is Chromium with 150 ms of latency, 1.6 Mbit/s
and a processor slowed down fourfold, which nobody has visited the page with before: medians of five.

${table}
`;
}

async function measureMemory(stack: Stack): Promise<number> {
  const program = fileURLToPath(new URL('memory.ts', import.meta.url));
  const env = { PATH: process.env.PATH, ...stack.settings };
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program], { env });
  const { after10k, after100k } = JSON.parse(stdout) as { after10k: number; after100k: number };
  return after100k - after10k;
}

await main();
