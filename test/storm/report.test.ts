import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import { protocols } from '../../shared/domain/gateway/protocol.ts';
import { addCounts, type Counts, noCounts } from '../../shared/domain/report/counts.ts';
import { startOperator } from '../../testing/operator.ts';
import { type Service, startService } from '../../testing/service.ts';

const people = process.env.STORM === 'full' ? 10_000 : 4_000;
const each = 5;
const day = 24 * 3600_000;
/** Halves of days stay away from every limit while the test runs. */
const ago = (days: number) => new Date(start - days * day);
const start = Date.now();

type Name = Exclude<keyof Counts, 'lastProtocols'>;

// What an app password may be, and what that counts as; idle after 150 days, and at its end after 510.
const policy = {
  creation: 'everybody',
  verification: 'allowed',
  limit: 40,
  idleDays: 150,
  maximumLifetimeDays: 510,
};
const ages: readonly { days: number; is: Name; isOld?: true; ends?: true }[] = [
  { days: 10.5, is: 'createdWithin30Days' },
  { days: 60.5, is: 'createdWithin90Days' },
  { days: 200.5, is: 'createdWithin365Days', isOld: true },
  { days: 500.5, is: 'olderThan365Days', isOld: true, ends: true },
];
const uses: readonly { days: number | null; are: Name[]; isOld?: true }[] = [
  { days: null, are: ['neverUsed'] },
  { days: 0.5, are: [] },
  { days: 45.5, are: ['unused30Days'] },
  { days: 120.5, are: ['unused30Days', 'unused90Days'] },
  { days: 400.5, are: ['unused30Days', 'unused90Days', 'unused365Days'], isOld: true },
];
const ends = [
  { in: null, soon: false },
  { in: 100.5, soon: false },
  { in: 10.5, soon: true },
  { in: -2.5, soon: false },
] as const;
const lastProtocols = [...protocols, 'unknown'] as const;
/** Names, and how the list shows those that a spreadsheet would take for a formula. */
const names: readonly (readonly [name: string, cell: string])[] = [
  ['Phone', 'Phone'],
  ['Zoë’s "phone", the old one', 'Zoë’s "phone", the old one'],
  ['=1+1', "'=1+1"],
  ['+31 20 5550100', "'+31 20 5550100"],
  ['-2+3', "'-2+3"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['  =1+1', "'  =1+1"],
  ['\t=1+1', "'\t=1+1"],
  ['\r=1+1', "'\r=1+1"],
  ['\tPhone', "'\tPhone"],
  ['\u00a0-1', "'\u00a0-1"],
  ['\uff1d1+1', "'\uff1d1+1"],
  ['line\r\nbreak', 'line\r\nbreak'],
  ["it's; 3-4=5", "it's; 3-4=5"],
];

/** The cells of one line. */
type Line = readonly string[];

/** Everybody as rows, and what they add up to. */
function tenant() {
  const counts = structuredClone(noCounts) as { [K in Name]: number } & {
    lastProtocols: Record<string, number>;
  };
  const listed = [] as Line[];
  const partitions: { partitionKey: string; rowKey: string; [column: string]: unknown }[][] = [];

  for (let i = 0; i < people; i++) {
    const dice = (turn: number) => createHash('sha256').update(`${i} ${turn}`).digest();
    const partitionKey = `${tenantId}.person-${i}`;
    const username = `${i % 1000 === 7 ? '=' : ''}user${i}@example.com`;
    const rows = [];
    let live = 0;
    for (let j = 0; j < each; j++) {
      const bytes = dice(j);
      const roll = (byte: number, sides: number) => (bytes[byte] as number) % sides;
      const pick = <T>(from: readonly T[], byte: number) => from[roll(byte, from.length)] as T;
      const [age, end] = [pick(ages, 0), pick(ends, 2)];
      const use = pick(
        uses.filter(({ days }) => (days ?? 0) < age.days),
        1,
      );
      const [protocol, name] = [pick(lastProtocols, 3), pick(names, 4)];
      const isDeleted = i % 50 === 3 || roll(5, 8) === 0;
      const suspendedFor = ['', '', '', 'administrator', 'account,restored'][roll(6, 5)] as string;
      const isRevived = roll(7, 3) === 0;
      const isRestricted = roll(8, 4) === 0;
      const refused = roll(9, 6) === 0 ? 1 + roll(10, 200) : 0;
      const id = `00000000-0000-4000-8000-${String(i * each + j).padStart(12, '0')}`;
      rows.push({
        partitionKey,
        rowKey: `${'0123456789abcdef'.repeat(2)}.${bytes.toString('base64url')}`,
        id,
        name: name[0],
        createdAt: ago(age.days),
        state: isDeleted ? 'deleted' : suspendedFor === '' ? 'active' : 'suspended',
        suspendedFor,
        requestKey: 'a'.repeat(43),
        proofAmr: 'pwd,mfa',
        ...(isDeleted && { deletedAt: ago(0.5) }),
        ...(isRevived && { revivedAt: ago(1.5) }),
        ...(end.in !== null && { expiresAt: ago(-end.in) }),
        ...(isRestricted && { protocols: 'imap,smtp' }),
        ...(use.days !== null && {
          lastUsedAt: ago(use.days),
          lastUsedProtocol: protocol === 'unknown' ? '' : protocol,
          lastUsedGateway: 'mail',
          lastUsedClientAddress: '192.0.2.1',
        }),
        ...(refused > 0 && {
          refusals: JSON.stringify({ count: refused, since: start, writtenAt: start, recent: [] }),
        }),
      });
      if (refused > 0) counts.refused++;
      counts.refusals += refused;
      if (isDeleted) continue;
      live++;
      counts.appPasswords++;
      const isIdle = !isRevived && (use.isOld || (use.days === null && age.isOld));
      const isExpired = end.in === -2.5;
      const state = isExpired ? 'expired' : isIdle || suspendedFor !== '' ? 'suspended' : 'active';
      for (const what of [state, age.is, ...use.are] as const) counts[what]++;
      if (!isExpired && (end.soon || age.ends)) counts.expiringIn30Days++;
      if (isRestricted) counts.restricted++;
      if (use.days !== null) counts.lastProtocols[protocol] = (counts.lastProtocols[protocol] ?? 0) + 1;
      const reasons = [...(isIdle ? ['idle'] : []), ...suspendedFor.split(',')].join(' ').trim();
      const last = Math.min(end.in ?? Number.POSITIVE_INFINITY, policy.maximumLifetimeDays - age.days);
      listed.push([
        `person-${i}`,
        i % 1000 === 7 ? `'${username}` : username,
        name[1],
        ago(age.days).toISOString(),
        ago(-last).toISOString(),
        isRestricted ? 'imap smtp' : 'all',
        state,
        state === 'suspended' ? reasons : '',
        use.days === null ? '' : ago(use.days).toISOString(),
        use.days === null || protocol === 'unknown' ? '' : protocol,
        use.days === null ? '' : 'mail',
        use.days === null ? '' : '192.0.2.1',
        `${refused}`,
      ]);
    }
    const isDisabled = i % 17 === 5;
    counts.people++;
    if (isDisabled) counts.disabledPeople++;
    if (live > 0) counts.peopleWithAppPasswords++;
    rows.push({
      partitionKey,
      rowKey: 'profile',
      username,
      account: isDisabled ? 'disabled' : 'enabled',
      count: live,
      // Passwords that were none of this person's are no refusals of app passwords.
      refusals: JSON.stringify({ count: 9, since: start, writtenAt: start, recent: [] }),
    });
    if (i % 10 === 0)
      rows.push({
        partitionKey,
        rowKey: `activity.${i}`,
        id: `${i}`,
        at: ago(1),
        kind: 'created',
        by: 'person',
      });
    partitions.push(rows);
  }
  for (let i = 0; i < 50; i++)
    partitions.push([
      {
        partitionKey: `${tenantId}.erased-${i}`,
        rowKey: 'profile',
        account: 'enabled',
        count: 0,
        erasedAt: ago(1),
      },
    ]);
  partitions.push([{ partitionKey: 'policy', rowKey: 'policy', ...policy }]);
  return { counts, listed, partitions };
}

// Garbage goes at once, so that what the process holds is what it needs: V8 lets 200 MiB of it lie otherwise. Who needs
// more than 64 MiB at once dies.
const tight = { NODE_OPTIONS: '--max-semi-space-size=1 --max-old-space-size=64' };

const { counts, listed, partitions } = tenant();
let service: Service;

beforeAll(async () => {
  service = await startService({ settings: () => tight });
  const fill = async () => {
    for (let rows = partitions.pop(); rows !== undefined; rows = partitions.pop())
      await service.tables.passwords.submitTransaction(rows.map((row) => ['create', row]));
  };
  await Promise.all(Array.from({ length: 16 }, fill));
}, 240_000);

afterAll(() => service.close());

test('The parts of the report add up to what is there, each within 5 seconds, and the host grows by 50 MiB at most', {
  timeout: 120_000,
}, async () => {
  const { origin, host } = service;
  const headers = { authorization: `Bearer ${await service.token('bob@example.com')}` };
  const get = (path: string) => fetch(origin + path, { headers, signal: AbortSignal.timeout(5_000) });
  // What the code itself takes is there from the first request on.
  expect((await get('/api/admin/policy')).status).toBe(200);
  for (const none of ['', 'x', 'e30'])
    expect((await get(`/api/admin/report?continuation=${none}`)).status).toBe(400);
  const before = await mebibytes(host.pid);
  let [sum, most, parts] = [noCounts, 0, 0];
  let continuation: string | null = null;
  do {
    const query: string = continuation === null ? '' : `?${new URLSearchParams({ continuation })}`;
    const response = await get(`/api/admin/report${query}`);
    expect(response.status).toBe(200);
    const part = (await response.json()) as { counts: Counts; continuation: string | null };
    sum = addCounts(sum, part.counts);
    continuation = part.continuation;
    most = Math.max(most, await mebibytes(host.pid));
    parts++;
  } while (continuation !== null);
  expect(sum).toEqual(counts);
  expect(parts).toBeGreaterThan(1);
  expect(most - before).toBeLessThanOrEqual(50);
});

test('The operator reads the same counts, and a list with a line for each live app password that no spreadsheet runs', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'report-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'everybody.csv');
  const { code, stdout, stderr } = await startOperator(
    'report',
    { ...service.stack.settings, ...tight },
    '--csv',
    file,
  ).ended;
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^\d+ people so far$/m) });
  const { lastProtocols: byProtocol, ...others } = counts;
  const expected = [
    ...Object.entries(others),
    ...Object.entries(byProtocol).map(([name, value]) => [`lastProtocols.${name}`, value]),
  ];
  expect(
    stdout
      .trim()
      .split('\n')
      .map((text) => text.split(/ +/)),
  ).toEqual(expected.map(([name, value]) => [name, `${value}`]));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const content = await readFile(file);
  // Excel reads it as UTF-8 by these.
  expect([...content.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const [head, ...lines] = parse(content, { bom: true, record_delimiter: '\r\n' }) as Line[];
  expect([head?.length, head?.[0]]).toEqual([13, 'person']);
  expect(lines.map(toText).sort()).toEqual(listed.map(toText).sort());
});

function toText(line: Line): string {
  return JSON.stringify(line);
}

/** The resident set of a process. */
async function mebibytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', `${pid}`]);
  return Number(stdout) / 1024;
}
