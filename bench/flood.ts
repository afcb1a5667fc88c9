import { setInterval as every } from 'node:timers/promises';
import autocannon from 'autocannon';
import { type HostProcess, startHost } from '../local/host-process.ts';
import { signIn } from '../local/sign-in.ts';
import type { Stack } from '../local/stack.ts';
import { root } from '../local/stack-file.ts';
import { basic, person } from '../testing/api.ts';
import { startCollector } from '../testing/collector.ts';

const rate = 1_000;
const minutes = 10;

/** What a flood of junk leaves in the audit trail. */
export interface Flooded {
  /** How many guesses were answered a second. */
  readonly rate: number;
  /** How many records tell of all the junk. */
  readonly records: number;
  /** How many changes were made meanwhile, and how many of them arrived. */
  readonly changes: readonly [made: number, arrived: number];
}

/**
 * Guesses what cannot be an app password, 1,000 times a second for ten minutes, while somebody makes and deletes one
 * every five seconds. In every second minute ingestion hangs.
 */
export async function flood(stack: Stack): Promise<Flooded> {
  const collector = await startCollector();
  const host = await startHost(root, {
    ...stack.settings,
    APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
    NODE_EXTRA_CA_CERTS: collector.certificateFile,
  });
  const guessing = autocannon({
    url: `${host.origin}/api/verify`,
    connections: 16,
    overallRate: rate,
    duration: minutes * 60,
    headers: { ...basic('ceo@example.com', 'Summer2026!'), 'x-gateway-key': stack.gatewayKey },
  });
  const end = new AbortController();
  const changing = makeChanges(host, stack, end.signal);
  const turning = turn(collector, end.signal);
  const { requests } = await guessing;
  end.abort();
  const made = await changing;
  await turning;
  await host.stop();
  const named = (name: RegExp) => collector.envelopes.filter(({ data }) => name.test(data.baseData.name));
  // What hung is sent again, and may arrive twice.
  const arrived = new Set(
    named(/^app-password\.(created|deleted)$/).map(({ data: { baseData } }) =>
      [baseData.name, baseData.properties.appPassword].join(' '),
    ),
  ).size;
  const records = named(/^verify\.refused$/).length;
  collector.close();
  return { rate: requests.average, records, changes: [made, arrived] };
}

/** @returns how many */
async function makeChanges({ origin }: HostProcess, stack: Stack, signal: AbortSignal): Promise<number> {
  let made = 0;
  for await (const _ of ticks(5_000, signal)) {
    const alice = person(origin, await signIn(stack.issuer, 'alice@example.com'));
    const { status, body } = await alice.create('Phone');
    if (status !== 201 || (await alice.remove(body.id)).status !== 204)
      throw new Error('a change was refused');
    made += 2;
  }
  return made;
}

async function turn(
  collector: Awaited<ReturnType<typeof startCollector>>,
  signal: AbortSignal,
): Promise<void> {
  let hangs = false;
  for await (const _ of ticks(60_000, signal)) {
    hangs = !hangs;
    collector.mode(hangs ? 'hang' : 'take');
  }
  collector.mode('take');
}

/** Goes on until it is told to end. */
async function* ticks(milliseconds: number, signal: AbortSignal): AsyncGenerator<void> {
  try {
    for await (const _ of every(milliseconds, undefined, { signal })) yield;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
