import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { describe, expect, onTestFinished, test } from 'vitest';
import { csvLine } from '../../operator/csv.ts';
import { reportOn } from '../../shared/domain/report/report.ts';
import { pagesOf } from '../../shared/tables/all-people.ts';
import { quietPorts } from '../../testing/ports.ts';

const now = Date.UTC(2026, 10, 24);

describe('a continuation', () => {
  const toContinuation = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('goes on after an empty page, and from the middle of a person', async () => {
    const storage = await startStorage([
      { rows: [profile('a.1'), password('a.1', 'A')], next: { partition: '1!4!YS4x', row: '1!4!eA--' } },
      { rows: [], next: { partition: '1!4!YS4y' } },
      { rows: [password('a.1', 'B'), { ...profile('a.2'), account: 'disabled' }] },
    ]);
    // Each look at the clock is a second later, so that every part ends after one page.
    let time = now;
    const report = reportOn(pagesOf(storage.table), quietPorts().policy, { now: () => (time += 1_000) });
    const read = (from?: string) => report(from, AbortSignal.timeout(5_000));
    const first = await read();
    expect(first).toMatchObject({ counts: { people: 1, appPasswords: 1 }, continuation: expect.any(String) });
    const second = await read(first?.continuation ?? '');
    expect(second).toMatchObject({
      counts: { people: 0, appPasswords: 0 },
      continuation: expect.any(String),
    });
    const third = await read(second?.continuation ?? '');
    expect(third).toMatchObject({
      counts: { people: 1, disabledPeople: 1, appPasswords: 1 },
      continuation: null,
    });
    expect(storage.queries.map((query) => [query.get('NextPartitionKey'), query.get('NextRowKey')])).toEqual([
      [null, null],
      ['1!4!YS4x', '1!4!eA--'],
      ['1!4!YS4y', null],
    ]);
  });

  test('holds nothing but a place in this table', async () => {
    const storage = await startStorage([{ rows: [] }, { rows: [] }]);
    const report = reportOn(pagesOf(storage.table), quietPorts().policy, { now: () => now });
    const nextPartitionKey = "a&$filter=RowKey eq 'x'&$select=proofAmr#/../Usernames()";
    for (const from of [undefined, toContinuation({ nextPartitionKey })])
      expect(await report(from, AbortSignal.timeout(5_000))).toMatchObject({ continuation: null });
    const [plain, sly] = storage.queries as [URLSearchParams, URLSearchParams];
    expect(storage.paths).toEqual(['/AppPasswords()', '/AppPasswords()']);
    expect([...sly]).toEqual(expect.arrayContaining([...plain, ['NextPartitionKey', nextPartitionKey]]));
    expect([...sly]).toHaveLength([...plain].length + 1);
    expect(plain.get('$select')?.split(',')).not.toContain('requestKey');
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'x'],
    ['null', toContinuation(null)],
    ['a list', toContinuation(['a'])],
    ['no partition', toContinuation({ nextRowKey: 'a' })],
    ['an empty partition', toContinuation({ nextPartitionKey: '' })],
    ['another type', toContinuation({ nextPartitionKey: { a: 1 } })],
    ['a line break', toContinuation({ nextPartitionKey: 'a\r\nx-ms-version: 1' })],
    ['a long key', toContinuation({ nextPartitionKey: 'a'.repeat(1025) })],
    ['something else in it', toContinuation({ nextPartitionKey: 'a', filter: "RowKey eq 'x'" })],
  ])('is refused with %s', async (_, from) => {
    const storage = await startStorage([]);
    const report = reportOn(pagesOf(storage.table), quietPorts().policy, { now: () => now });
    expect(await report(from, AbortSignal.timeout(5_000))).toBeUndefined();
    expect(storage.queries).toEqual([]);
  });

  test('is refused where storage refuses it; without one that is a fault', async () => {
    const storage = await startStorage([]);
    const report = reportOn(pagesOf(storage.table), quietPorts().policy, { now: () => now });
    const read = (from?: string) => report(from, AbortSignal.timeout(5_000));
    expect(await read(toContinuation({ nextPartitionKey: 'a' }))).toBeUndefined();
    await expect(read()).rejects.toMatchObject({ name: 'Unavailable' });
  });
});

test('a line of CSV keeps to RFC 4180', () => {
  expect(csvLine(['a', '', 'b "c", d', '-1'])).toBe('"a","","b ""c"", d","\'-1"\r\n');
});

interface Page {
  readonly rows: readonly object[];
  readonly next?: { readonly partition: string; readonly row?: string };
}

/** Answers queries as Table Storage does, with these pages one after the other; then it refuses what it is asked. */
async function startStorage(pages: readonly Page[]) {
  const left = [...pages];
  const [queries, paths]: [URLSearchParams[], string[]] = [[], []];
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    queries.push(searchParams);
    paths.push(pathname);
    const page = left.shift();
    response.setHeader('content-type', 'application/json;odata=minimalmetadata');
    if (page === undefined) {
      const message = { lang: 'en-US', value: 'One of the request inputs is not valid.' };
      response.writeHead(400).end(JSON.stringify({ 'odata.error': { code: 'InvalidInput', message } }));
      return;
    }
    const { partition, row } = page.next ?? {};
    if (partition !== undefined) response.setHeader('x-ms-continuation-NextPartitionKey', partition);
    if (row !== undefined) response.setHeader('x-ms-continuation-NextRowKey', row);
    response.end(JSON.stringify({ value: page.rows }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credential = new AzureNamedKeyCredential('account', Buffer.from('key').toString('base64'));
  return {
    table: new TableClient(url, 'AppPasswords', credential, { allowInsecureConnection: true }),
    queries,
    paths,
  };
}

/** A row as it comes where the columns are chosen: those that it has not are null. */
function profile(PartitionKey: string) {
  const username = `${PartitionKey}@example.com`;
  return {
    PartitionKey,
    RowKey: 'profile',
    username,
    account: 'enabled',
    count: 1,
    id: null,
    refusals: null,
  };
}

function password(PartitionKey: string, letter: string) {
  return {
    PartitionKey,
    RowKey: `version.${letter.repeat(43)}`,
    username: null,
    id: '2d02715e-6ad3-4458-be52-745991df4974',
    name: 'Phone',
    'createdAt@odata.type': 'Edm.DateTime',
    createdAt: new Date(now).toISOString(),
    expiresAt: null,
    state: 'active',
    suspendedFor: null,
  };
}
