import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import { openBackup, writeBackup } from '../../operator/backup/file.ts';
import type { MacKey } from '../../operator/backup/mac-key.ts';
import type { Row } from '../../operator/backup/rows.ts';
import type { BackupRecord } from '../../operator/backup/written.ts';
import { Refused } from '../../operator/refused.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import { FakeClock } from '../../testing/clock.ts';
import { startOperator } from '../../testing/operator.ts';

const now = Date.UTC(2026, 10, 24);
const clock = new FakeClock(now);
const key: MacKey = { version: '0a1b', value: randomBytes(32) };
const keys = new Map([[key.version, key.value]]);

const text = (value: string) => ({ type: 'String', value }) as const;
const moment = (at: number | string) => ({ type: 'DateTime', value: new Date(at).toISOString() }) as const;
const number = (value: number) => ({ type: 'Int32', value: `${value}` }) as const;

const person = (oid: string) => `${tenantId}.${oid}`;
const profile: Row = {
  rowKey: 'profile',
  columns: {
    username: text('a@example.com'),
    usernameIssuedAt: moment(now),
    count: number(1),
    account: text('enabled'),
  },
};
const password: Row = {
  rowKey: `pepper.${'a'.repeat(43)}`,
  columns: {
    id: text('2d02715e-6ad3-4458-be52-745991df4974'),
    name: text('Zoë “\n'),
    createdAt: moment(now),
    expiresAt: moment('2099-01-01'),
    state: text('active'),
    suspendedFor: text(''),
  },
};
const change: Row = {
  rowKey: `activity.${String(now).padStart(15, '0')}.2d02715e-6ad3-4458-be52-745991df4974`,
  columns: { at: moment(now), kind: text('created'), by: text('person') },
};
const policy: Row = {
  rowKey: 'policy',
  columns: { creation: text('everybody'), verification: text('allowed'), limit: number(40) },
};
const somebody = (oid: string, ...rows: Row[]) =>
  ({ kind: 'person', person: person(oid), at: new Date(now).toISOString(), rows }) as const;
const named = (username: string, columns: Row['columns'] = {}): BackupRecord => ({
  kind: 'username',
  row: {
    rowKey: keyOf(username as Username),
    columns: { person: text(person('1')), username: text(username), issuedAt: moment(now), ...columns },
  },
});
const records: BackupRecord[] = [
  { kind: 'policy', row: policy },
  somebody('1', change, password, profile),
  somebody('2', profile),
  named('a@example.com', { source: text('token'), aliasOf: text('') }),
];

let folder: string;
let count = 0;
const newPath = () => join(folder, `${count++}`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function* each(all: readonly BackupRecord[]) {
  yield* all;
}

async function written(all: readonly BackupRecord[] = records): Promise<string> {
  const path = newPath();
  await writeBackup(path, each(all), { exportedAt: now, tenantId, key, clock });
  return path;
}

async function check(path: string, at: ReadonlyMap<string, Buffer> = keys) {
  await using backup = await openBackup(path, at, clock);
  return await backup.check();
}

// biome-ignore lint/suspicious/noExplicitAny: a forger changes whatever it likes
type Lines = any[];
const linesOf = (path: string): Lines =>
  gunzipSync(readFileSync(path))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** A file of these lines, with the hash and the MAC that belong to them, as far as they have lines for these. */
function sealed(lines: Lines, { value }: Pick<MacKey, 'value'> = key): string {
  const [hash, hmac] = [createHash('sha256'), createHmac('sha256', value)];
  let content = '';
  for (const line of lines) {
    if (line.kind === 'end') line.sha256 = hash.digest('hex');
    if (line.kind === 'mac') line.mac = hmac.digest('hex');
    const it = `${JSON.stringify(line)}\n`;
    if (line.kind !== 'end' && line.kind !== 'mac') hash.update(it);
    if (line.kind !== 'mac') hmac.update(it);
    content += it;
  }
  const path = newPath();
  writeFileSync(path, gzipSync(content));
  return path;
}

/** A file that somebody changed who can make everything right but the MAC, or with the key also that. */
async function forged(change: (lines: Lines) => unknown, by?: Pick<MacKey, 'value'>): Promise<string> {
  const lines = linesOf(await written());
  const changed = change(lines);
  return sealed(Array.isArray(changed) ? changed : lines, by);
}

const stranger = { value: randomBytes(32) };
const refusal = (path: string, at?: ReadonlyMap<string, Buffer>) =>
  check(path, at).then(
    () => 'it was not refused',
    (error) => (error instanceof Refused ? error.message : `${error}`),
  );

test('What was written is read as it was, and known to be', async () => {
  const path = await written();
  await using backup = await openBackup(path, keys, clock);
  expect(await backup.check()).toEqual({
    exportedAt: now,
    tenantId,
    contents: { people: 2, appPasswords: 1, deleted: 0, usernames: 1, peppers: { pepper: 1 } },
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    foreign: undefined,
    authenticity: { kind: 'authentic' },
  });
  expect(await Array.fromAsync(backup.records())).toEqual(records);
});

describe('A MAC', () => {
  const addName = (lines: Lines) => {
    lines.splice(-2, 0, named('ceo@example.com'));
    lines.at(-2).contents.usernames++;
  };

  test('is wrong where anything was changed by somebody without the key', async () => {
    expect(await refusal(await forged(addName, stranger))).toContain('its MAC is wrong');
    expect(await refusal(await forged(() => {}, stranger))).toContain('its MAC is wrong');
    const late = (lines: Lines) => {
      lines.at(-2).endedAt = '2026-11-23T23:00:00.000Z';
    };
    expect(await refusal(await forged(late, stranger))).toContain('its MAC is wrong');
  });

  test('cannot be taken away, shortened or left out', async () => {
    for (const change of [
      (lines: Lines) => Object.assign(lines[0], { version: 1 }),
      (lines: Lines) => void delete lines[0].macKey,
      (lines: Lines) => [...lines, lines.at(-1)],
    ])
      expect(await refusal(await forged(change))).not.toContain('not refused');
    const cut = await forged((lines) => lines.slice(0, -1));
    for (const at of [keys, new Map()]) expect(await refusal(cut, at)).toContain('not whole');
    const path = await written();
    const lines = linesOf(path);
    const content = lines.map((line) => (line.kind === 'mac' ? { ...line, mac: line.mac.slice(2) } : line));
    writeFileSync(path, gzipSync(content.map((line) => `${JSON.stringify(line)}\n`).join('')));
    expect(await refusal(path)).toContain('not whole');
  });

  test('is looked at under the version of the key that the file names, and unknown where that is away', async () => {
    const path = await written();
    const others = new Map([['other', randomBytes(32)]]);
    expect(await check(path, new Map([...others, ...keys]))).toMatchObject({
      authenticity: { kind: 'authentic' },
    });
    expect(await check(path, others)).toMatchObject({
      authenticity: { kind: 'unknown', macKey: key.version },
    });
    expect(await refusal(path, new Map([[key.version, randomBytes(32)]]))).toContain('its MAC is wrong');
  });

  test('is not in a file of the first version, which is read and known as such', async () => {
    const path = await forged((lines) => {
      lines[0].version = 1;
      delete lines[0].macKey;
      lines.pop();
      delete lines.at(-1).endedAt;
    });
    expect(await check(path)).toMatchObject({
      authenticity: { kind: 'unknown', macKey: undefined },
      foreign: undefined,
    });
  });
});

test('A column that would be more than a column does not come back', async () => {
  const path = await forged((lines) => {
    const { columns } = lines[2].rows[1];
    Object.defineProperty(columns, '__proto__', { value: text('x'), enumerable: true });
  });
  await using backup = await openBackup(path, keys, clock);
  expect(await Array.fromAsync(backup.records())).toEqual(records);
});

describe('Whoever wrote it, a file is refused', () => {
  const first = (lines: Lines) => lines.find(({ kind }) => kind === 'person');
  const columns = (lines: Lines) => first(lines).rows[1].columns;
  const name = (lines: Lines) => lines.find(({ kind }) => kind === 'username').row;
  const cases: [string, (lines: Lines) => unknown, string][] = [
    [
      'with a person of another tenant',
      (lines) => (first(lines).person = 'elsewhere.1'),
      'person "elsewhere.1"',
    ],
    [
      'with the networks of gateways for a person',
      (lines) => (first(lines).person = 'gateways'),
      'person "gateways"',
    ],
    [
      'with the mark of an import for a person',
      (lines) => (first(lines).person = 'import'),
      'person "import"',
    ],
    ['with a person without an id', (lines) => (first(lines).person = `${tenantId}.`), 'person'],
    ['with a person whose key is none', (lines) => (first(lines).person = person('a/b')), 'person'],
    ...['rowKey', 'partitionKey', 'etag', 'timestamp', 'RowKey', 'Timestamp', 'odata.etag', 'a-b'].map(
      (column): (typeof cases)[number] => [
        `with a column ${column}`,
        (lines) => {
          const own = { ...columns(lines) };
          Object.defineProperty(own, column, { value: text('x'), enumerable: true });
          first(lines).rows[1].columns = own;
        },
        'not whole',
      ],
    ),
    ['with a column of no type', (lines) => (columns(lines).name = 'x'), 'not whole'],
    ['with more in a row', (lines) => (first(lines).rows[1].partitionKey = 'x'), 'not whole'],
    ['with more in a line', (lines) => (first(lines).partitionKey = 'x'), 'not whole'],
    ['with a line of another kind', (lines) => (first(lines).kind = 'gateway'), 'not whole'],
    ['with a row whose key is none', (lines) => (first(lines).rows[1].rowKey = 'a\nb'), 'not whole'],
    [
      'with a name that is proved after the export',
      (lines) => (name(lines).columns.issuedAt = moment('9999-01-01')),
      'column issuedAt: a time after the export',
    ],
    [
      'with an app password from after the export',
      (lines) => (columns(lines).createdAt = moment(now + 6 * 60_000)),
      'column createdAt: a time after',
    ],
    ['with a time that is none', (lines) => (columns(lines).createdAt = text('soon')), 'column'],
    [
      'with a person from after the export',
      (lines) => (first(lines).at = '9999-01-01T00:00:00Z'),
      'a time after the export',
    ],
    [
      'that was exported after it ended',
      (lines) => (lines[0].exportedAt = '2026-11-25T00:00:00Z'),
      'the first line: a time after',
    ],
    [
      'that ended in days to come',
      (lines) => {
        lines[0].exportedAt = '2027-01-01T00:00:00Z';
        lines.at(-2).endedAt = '2027-01-02T00:00:00Z';
      },
      'a time after',
    ],
    ['with a person twice', (lines) => void lines.splice(2, 0, first(lines)), 'twice'],
    [
      'with a row twice',
      (lines) => void first(lines).rows.push(first(lines).rows[0]),
      'a row that comes twice',
    ],
    ['with a name twice', (lines) => void lines.splice(-2, 0, lines.at(-3)), 'twice'],
    ['with the policy twice', (lines) => void lines.unshift(lines.shift(), lines[0]), 'twice'],
    [
      'with a name before a person',
      (lines) => [lines[0], lines[4], ...lines.slice(1, 4), ...lines.slice(5)],
      'not in its order',
    ],
    ['with a policy of another key', (lines) => (lines[1].row.rowKey = 'other'), 'the policy'],
    [
      'with a name under the key of another one',
      (lines) => (name(lines).columns.username = text('b@example.com')),
      'username',
    ],
    [
      'with a name of somebody elsewhere',
      (lines) => (name(lines).columns.person = text('elsewhere.1')),
      'column person',
    ],
    ['with another count', (lines) => (lines.at(-2).contents.people = 1), 'not whole'],
  ];
  test.each(cases)('%s', async (_, change, message) => {
    const path = await forged(change);
    expect(await refusal(path)).toContain(message);
    expect(await refusal(path, new Map())).toContain(message);
  });

  test('and an export does not write it', async () => {
    const path = newPath();
    const bad = [...records.slice(0, -1), named('a@example.com', { issuedAt: moment('9999-01-01') })];
    await expect(writeBackup(path, each(bad), { exportedAt: now, tenantId, key, clock })).rejects.toThrow(
      /no import would take: username ".*", column issuedAt: a time after the export/,
    );
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });
});

describe('What only a later version may have written', () => {
  const later: [string, Row[], string][] = [
    ['a column', [{ ...password, columns: { ...password.columns, newer: text('x') } }, profile], '"newer"'],
    ['a row', [{ rowKey: 'later.1', columns: {} }, profile], '"later.1"'],
    [
      'a state',
      [{ ...password, columns: { ...password.columns, state: text('frozen') } }, profile],
      '"state"."value"',
    ],
    [
      'a column of another type',
      [{ rowKey: 'profile', columns: { ...profile.columns, count: text('1') } }],
      '"count"',
    ],
    ['less than a row has', [{ rowKey: 'profile', columns: { account: text('enabled') } }], '"count"'],
    [
      'refusals',
      [{ rowKey: 'profile', columns: { ...profile.columns, refusals: text('{}') } }],
      '"refusals"',
    ],
  ];
  test.each(later)('comes through, and is found: %s', async (_, rows, place) => {
    const path = await written([somebody('1', ...rows)]);
    expect(await check(path)).toMatchObject({
      authenticity: { kind: 'authentic' },
      foreign: expect.stringContaining(place),
    });
  });
});

test('Nothing of a file reaches a terminal as it is', async () => {
  const hostile = '\u001b]0;owned\u0007\u009b2J\u202e';
  for (const change of [
    (lines: Lines) => (lines[0].tenantId = hostile),
    (lines: Lines) => (lines[2].person = person(hostile)),
    (lines: Lines) => (lines[2].rows[1].rowKey = hostile),
    (lines: Lines) => (lines[2].rows[1].rowKey = `${hostile}.${'a'.repeat(43)}`),
    (lines: Lines) => (lines[2].rows[1].columns = { [hostile]: text('x') }),
    (lines: Lines) => (lines[2].kind = hostile),
    (lines: Lines) => (lines[4].row.rowKey = hostile),
    (lines: Lines) => (lines[0].macKey = hostile),
    (lines: Lines) => (lines.at(-2).contents.peppers = { [hostile]: 1 }),
  ]) {
    const message = await refusal(await forged(change));
    expect(message).toMatch(/^[\x20-\x7e]+$/);
    expect(message).not.toContain('it was not refused');
  }
});

describe('Between the check and the import', () => {
  test('another file under that name changes nothing', async () => {
    const path = await written();
    const other = await written([somebody('3', profile)]);
    await using backup = await openBackup(path, keys, clock);
    await backup.check();
    await rename(other, path);
    expect(await Array.fromAsync(backup.records())).toEqual(records);
  });

  test.each<[string, (content: Buffer) => Buffer]>([
    ['another content', (content) => Buffer.from(content.map((byte, i) => (i === 40 ? byte ^ 1 : byte)))],
    ['less', (content) => content.subarray(0, -1)],
    ['nothing', () => Buffer.alloc(0)],
  ])('%s in that file is noticed before any of it comes back', async (_, change) => {
    const path = await written();
    await using backup = await openBackup(path, keys, clock);
    await backup.check();
    writeFileSync(path, change(readFileSync(path)));
    const read: BackupRecord[] = [];
    const reading = async () => {
      for await (const record of backup.records()) read.push(record);
    };
    await expect(reading()).rejects.toThrow('changed while it was read');
    expect(read).toEqual([]);
  });

  test('more at its end is not read', async () => {
    const path = await written();
    await using backup = await openBackup(path, keys, clock);
    await backup.check();
    writeFileSync(path, 'more', { flag: 'a' });
    expect(await Array.fromAsync(backup.records())).toEqual(records);
  });
});

test('A line without an end is refused before it fills the memory', { timeout: 60_000 }, async () => {
  const path = newPath();
  const member = gzipSync(Buffer.alloc(2 ** 20, ' '));
  writeFileSync(path, Buffer.concat(Array.from({ length: 600 }, () => member)));
  const { pid, ended } = startOperator('backup', {}, 'verify', path);
  let kibibytes = 0;
  const look = setInterval(() => {
    try {
      const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      kibibytes = Math.max(kibibytes, Number(peak ?? 0));
    } catch {
      // It has just ended.
    }
  }, 10);
  const { code, stderr } = await ended;
  clearInterval(look);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('a line that is too long') });
  expect(kibibytes / 1024).toBeLessThan(250);
});
