import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import { auditOf } from '../../shared/audit/audit.ts';
import { countGuesses, type Guesses } from '../../shared/audit/guesses.ts';
import type { AuditRecord } from '../../shared/domain/audit-record.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import type { Username } from '../../shared/domain/username/username.ts';
import { basic, person } from '../../testing/api.ts';
import { type Collector, type Envelope, startCollector } from '../../testing/collector.ts';
import { type Service, startService } from '../../testing/service.ts';

let collector: Collector;
let service: Service;

beforeAll(async () => {
  collector = await startCollector();
  service = await startService({
    settings: () => ({
      APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
      NODE_EXTRA_CA_CERTS: collector.certificateFile,
    }),
  });
});

afterAll(() => collector.close());

const isJunk = ({ data }: Envelope) => data.baseData.properties.reason === 'not-an-app-password';

/** So many guesses of a stranger, from two networks, 48 at a time. */
async function guess(count: number): Promise<void> {
  let left = count;
  async function one(): Promise<void> {
    while (left > 0) {
      const network = left-- % 4 === 0 ? '203.0.113.9' : '198.51.100.7';
      const headers = {
        ...basic('ceo@example.com', 'Summer2026!'),
        'x-gateway-key': service.gatewayKey,
        'x-client-address': network,
      };
      const answer = await fetch(`${service.origin}/api/verify`, { headers });
      expect(answer.status).toBe(401);
      await answer.arrayBuffer();
    }
  }
  await Promise.all(Array.from({ length: 48 }, one));
}

test('A flood of junk leaves a few counts, and every change of that time is on record, though ingestion hangs', async () => {
  const alice = person(service.origin, await service.token('alice@example.com'));
  collector.mode('hang');
  await guess(1_000);
  const made: string[] = [];
  for (let i = 0; i < 3; i++) {
    const created = await alice.create(`Device ${i}`);
    expect(created.status).toBe(201);
    made.push(created.body.id);
    await guess(500);
  }
  collector.mode('take');
  // The last counts leave with the instance.
  await service.close();
  const created = collector.envelopes.filter(({ data }) => data.baseData.name === 'app-password.created');
  expect(created.map(({ data }) => data.baseData.properties.appPassword)).toEqual(made);
  const junk = collector.envelopes.filter(isJunk).map(({ data }) => data.baseData.properties);
  expect(junk.length).toBeLessThanOrEqual(10);
  expect(junk.map(({ count }) => Number(count)).reduce((a, b) => a + b)).toBe(2_500);
  const networks = junk.flatMap(({ networks: all = '[]' }) => JSON.parse(all));
  const from = (wanted: string) =>
    networks.filter(({ network }) => network === wanted).reduce((sum, { count }) => sum + count, 0);
  expect([from('198.51.100.0/24'), from('203.0.113.0/24')]).toEqual([1_875, 625]);
});

test('Whatever else waits takes no room of a change', async () => {
  tls.setDefaultCACertificates([collector.certificate]);
  const audit = auditOf(
    {
      APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: undefined,
    },
    () => {
      throw new Error('nobody signs in');
    },
    () => {},
  );
  const person = personKey(tenantId, 'person-1');
  const origin = { gateway: 'mail', protocol: null, clientAddress: null, durationMs: 1 };
  const use = { event: 'verify.accepted', person, appPassword: 'id', ...origin } as const;
  collector.mode('hang');
  for (let i = 0; i < 20_000; i++) audit.record(use);
  audit.record({ event: 'username.released', person, username: 'old@example.com' as Username });
  collector.mode('take');
  await collector.took(1, ({ data }) => data.baseData.name === 'username.released');
});

/** Where guess number i of a second comes from. */
const guessFrom = (second: number, i: number) =>
  ({
    gateway: ['mail', 'calendar', 'sync'][i % 3] as string,
    protocol: 'imap',
    clientAddress: `${second % 200}.${i % 250}.${i % 7}.9`,
  }) as const;

describe('1,000 guesses a second for ten minutes, from anywhere,', () => {
  let records: AuditRecord[];
  let guesses: Guesses;

  beforeEach(() => {
    vi.useFakeTimers();
    records = [];
    guesses = countGuesses({ record: (it) => void records.push(it) });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function flood(guess: (origin: ReturnType<typeof guessFrom>) => void): void {
    for (let second = 0; second < 600; second++) {
      for (let i = 0; i < 1_000; i++) guess(guessFrom(second, i));
      vi.advanceTimersByTime(1_000);
    }
    guesses.end();
  }

  const counted = () => records.flatMap((it) => ('networks' in it ? [it] : []));
  const total = () => records.reduce((sum, it) => sum + ('networks' in it ? it.count : 1), 0);

  test('of what cannot be an app password are at most 100 records of at most 10 networks', () => {
    flood(guesses.junk);
    expect(records.length).toBeLessThanOrEqual(100);
    expect(counted()).toHaveLength(records.length);
    expect(total()).toBe(600_000);
    for (const { networks } of counted()) expect(networks.length).toBeLessThanOrEqual(10);
    const all = records.length;
    vi.advanceTimersByTime(600_000);
    expect(records).toHaveLength(all);
  });

  test('of what could be one are records of their own up to 300 a minute for each gateway, then counts', () => {
    const refusal = { event: 'verify.refused', person: null, appPassword: null, durationMs: 1 } as const;
    flood((origin) => guesses.wrong({ ...refusal, ...origin, reason: 'unknown-username' }));
    expect(counted().length).toBeLessThanOrEqual(33);
    expect(records.length - counted().length).toBeLessThanOrEqual(33 * 300);
    expect(total()).toBe(600_000);
  });

  test('leave room for the wrong guesses of each other reason, gateway and minute', () => {
    const refusal = { event: 'verify.refused', person: null, appPassword: null, durationMs: 1 } as const;
    for (let i = 0; i < 1_000; i++)
      guesses.wrong({ ...refusal, ...guessFrom(0, 0), reason: 'unknown-username' });
    expect(records).toHaveLength(300);
    guesses.wrong({ ...refusal, ...guessFrom(0, 0), reason: 'unknown-app-password' });
    guesses.wrong({ ...refusal, ...guessFrom(0, 1), reason: 'unknown-username' });
    expect(records).toHaveLength(302);
    vi.advanceTimersByTime(60_000);
    expect(records.at(-1)).toMatchObject({ reason: 'unknown-username', gateway: 'mail', count: 700 });
    guesses.wrong({ ...refusal, ...guessFrom(0, 0), reason: 'unknown-username' });
    expect(records.at(-1)).toMatchObject({ reason: 'unknown-username', durationMs: 1 });
  });
});
