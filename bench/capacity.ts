import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startHost } from '../local/host-process.ts';
import { startStack } from '../local/stack.ts';
import { root } from '../local/stack-file.ts';
import { startCollector } from '../test/support/collector.ts';
import { cpuMilliseconds } from './cpu.ts';
import { median } from './load.ts';
import { machine } from './machine.ts';
import { type Somebody, settle } from './people.ts';

const rounds = 5;
const verifiesEach = 4_000;
const atOnce = 16;

/** Verifies each of these people once, in turn. @throws Error if any answer is another than 200. */
async function verifyAll(origin: string, gatewayKey: string, people: readonly Somebody[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const waiting = people.values();
  const worker = async () => {
    for (const { username, passwords } of waiting) {
      const pair = Buffer.from(`${username}:${passwords[0]?.secret}`).toString('base64');
      const headers = { 'x-gateway-key': gatewayKey, authorization: `Basic ${pair}` };
      const status = await new Promise<number | undefined>((resolve, reject) => {
        get(`${origin}/api/verify`, { agent, headers }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode));
        }).on('error', reject);
      });
      if (status !== 200) throw new Error(`a verify was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
}

/**
 * Measures what the capacity model takes from a running app: the CPU time of one verify in the functions host, and
 * the size of its audit record.
 */
async function main(): Promise<void> {
  const collector = await startCollector();
  const stack = await startStack({ origin: 'http://127.0.0.1:7071' });
  const longAgo = new Date(Date.now() - 3_600_000);
  const warm = await settle(stack, 'warm', verifiesEach, 1);
  const strange: Somebody[][] = [];
  for (let i = 0; i < rounds; i++)
    strange.push(await settle(stack, `strange${i}-`, verifiesEach, 1, longAgo));
  const few = (await settle(stack, 'few', 100, 1)).slice(0, 100);
  const host = await startHost(
    root,
    {
      ...stack.settings,
      APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
      NODE_EXTRA_CA_CERTS: collector.certificateFile,
    },
    { output: 'ignore' },
  );
  const measure = async (people: readonly Somebody[]) => {
    const before = cpuMilliseconds(host.pid);
    await verifyAll(host.origin, stack.gatewayKey, people);
    return (cpuMilliseconds(host.pid) - before) / people.length;
  };
  await measure(warm);
  const remembered = Array.from({ length: verifiesEach }, (_, i) => few[i % few.length] as Somebody);
  const [full, lean]: [number[], number[]] = [[], []];
  for (const people of strange) {
    full.push(await measure(people));
    lean.push(await measure(remembered));
  }
  await host.stop();
  const records = collector.envelopes.filter(({ data }) => data.baseData.name === 'verify.accepted');
  const sizes = records.map((record) => Buffer.byteLength(JSON.stringify(record)));
  const measured = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${machine()}, local functions host, Azurite in memory`,
    cpuMilliseconds: { fullVerify: round(median(full)), rememberedVerify: round(median(lean)) },
    auditRecordBytes: median(sizes),
  };
  const file = fileURLToPath(new URL('../operator/capacity/measured.json', import.meta.url));
  writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(measured, { full, lean, records: records.length });
  collector.close();
  await stack.close();
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;

await main();
process.exit(0);
