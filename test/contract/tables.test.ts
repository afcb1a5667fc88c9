import { odata, type TableClient, type TransactionAction } from '@azure/data-tables';
import { beforeAll, describe, expect, test } from 'vitest';
import { memoryTables } from '../../testing/memory/table-service.ts';
import { stores } from './stores.ts';

const stale = 'W/"datetime\'2020-01-01T00%3A00%3A00.0000000Z\'"';
const moment = new Date('2026-11-29T12:34:56.789Z');

/** The status and the code of a refusal; a transaction has the code elsewhere. */
async function refused(request: Promise<unknown>): Promise<readonly [number, string]> {
  const error = await request.then(
    () => ({ statusCode: 0, code: 'not refused' }),
    (it) => it,
  );
  return [error.statusCode, error.code ?? error.details?.odataError?.code];
}

describe.each(stores)('Tables %s', (_name, open) => {
  let table: TableClient;
  let rows = 0;

  beforeAll(async () => {
    table = (await open()).passwords;
  });

  /** Keys that no other test uses. */
  const fresh = () => ({ partitionKey: `partition${rows++}`, rowKey: 'row' });

  const get = ({ partitionKey, rowKey }: ReturnType<typeof fresh>) =>
    table.getEntity<Record<string, unknown>>(partitionKey, rowKey);

  const batch = (...actions: TransactionAction[]) => table.submitTransaction(actions);

  describe('A row', () => {
    test('comes back with the types that it was written with', async () => {
      const keys = fresh();
      const columns = {
        text: 'Ünïcode ☃ \'quoted\' "twice"',
        empty: '',
        count: 40,
        none: 0,
        half: 0.5,
        yes: true,
        no: false,
        moment,
        epoch: new Date(0),
        large: 2n ** 40n,
        bytes: Buffer.from([1, 2, 3]),
      };
      await table.createEntity({ ...keys, ...columns });
      expect(await get(keys)).toMatchObject({ ...keys, ...columns });
    });

    test('goes over with all its types where it is read and written without conversion', async () => {
      const [from, to] = [fresh(), fresh()];
      const columns = { text: 'a', empty: '', count: 40, yes: true, moment, half: 0.5 };
      await table.createEntity({ ...from, ...columns });
      const row = await table.getEntity<Record<string, unknown>>(from.partitionKey, from.rowKey, {
        disableTypeConversion: true,
      });
      const { etag: _, timestamp: __, 'odata.metadata': ___, ...raw } = row;
      await table.createEntity({ ...raw, ...to });
      expect(await get(to)).toMatchObject({ ...to, ...columns });
    });

    test('that is missing is 404, and one that is there 409', async () => {
      const keys = fresh();
      expect(await refused(get(keys))).toEqual([404, 'ResourceNotFound']);
      await table.createEntity({ ...keys, count: 1 });
      expect(await refused(table.createEntity({ ...keys, count: 2 }))).toEqual([409, 'EntityAlreadyExists']);
      expect((await get(keys)).count).toBe(1);
    });

    test('keeps in a merge what is not named, and in a replacement nothing else', async () => {
      const keys = fresh();
      await table.createEntity({ ...keys, kept: 'a', count: 1, moment });
      await table.updateEntity({ ...keys, count: 2, text: '' }, 'Merge');
      expect(await get(keys)).toMatchObject({ kept: 'a', count: 2, moment, text: '' });
      await table.updateEntity({ ...keys, count: 3 }, 'Replace');
      const { count, ...rest } = await get(keys);
      expect(count).toBe(3);
      for (const name of ['kept', 'moment', 'text']) expect(rest).not.toHaveProperty(name);
    });

    test('takes another type in a merge', async () => {
      const keys = fresh();
      await table.createEntity({ ...keys, value: 1 });
      await table.updateEntity({ ...keys, value: moment }, 'Merge');
      expect((await get(keys)).value).toEqual(moment);
    });

    test('changes under the ETag of its last write only, which each write gives anew', async () => {
      const keys = fresh();
      const { etag: first = '' } = await table.createEntity({ ...keys, count: 1 });
      expect((await get(keys)).etag).toBe(first);
      const { etag: second = '' } = await table.updateEntity({ ...keys, count: 2 }, 'Merge', { etag: first });
      expect(second).not.toBe(first);
      for (const mode of ['Merge', 'Replace'] as const)
        for (const etag of [first, stale])
          expect(await refused(table.updateEntity({ ...keys, count: 3 }, mode, { etag }))).toEqual([
            412,
            'UpdateConditionNotSatisfied',
          ]);
      const { partitionKey, rowKey } = keys;
      expect(await refused(table.deleteEntity(partitionKey, rowKey, { etag: first }))).toEqual([
        412,
        'UpdateConditionNotSatisfied',
      ]);
      expect(await get(keys)).toMatchObject({ count: 2, etag: second });
      await table.deleteEntity(partitionKey, rowKey, { etag: second });
      expect(await refused(get(keys))).toEqual([404, 'ResourceNotFound']);
    });

    test('that is not there is 404 to any change, whatever the ETag', async () => {
      const keys = fresh();
      for (const etag of ['*', stale])
        for (const request of [
          () => table.updateEntity({ ...keys, count: 1 }, 'Merge', { etag }),
          () => table.updateEntity({ ...keys, count: 1 }, 'Replace', { etag }),
          () => table.deleteEntity(keys.partitionKey, keys.rowKey, { etag }),
        ])
          expect(await refused(request())).toEqual([404, 'ResourceNotFound']);
    });

    test('is not changed under what is no ETag', async () => {
      const keys = fresh();
      await table.createEntity(keys);
      const [status] = await refused(table.updateEntity({ ...keys, count: 1 }, 'Merge', { etag: 'default' }));
      expect(status).toBe(400);
    });

    test.each(["quote'quote", 'per%cent', 'a b', 'a+b', 'a&b=c', 'a:b', 'ü☃', 'x'.repeat(512)])(
      'may have the key %s',
      async (rowKey) => {
        const keys = { ...fresh(), rowKey };
        await table.createEntity(keys);
        expect(await get(keys)).toMatchObject(keys);
        const queryOptions = { filter: odata`PartitionKey eq ${keys.partitionKey} and RowKey eq ${rowKey}` };
        expect(await Array.fromAsync(table.listEntities({ queryOptions }))).toMatchObject([keys]);
        await table.updateEntity({ ...keys, count: 1 }, 'Merge');
        await batch(['update', { ...keys, count: 2 }, 'Merge', { etag: (await get(keys)).etag as string }]);
        expect((await get(keys)).count).toBe(2);
      },
    );

    test.each(['a/b', 'a\\b', 'a#b', 'a?b', 'a\tb', 'a\u0000b', 'x'.repeat(513)])(
      'may not have the key %j',
      async (rowKey) => {
        const keys = { ...fresh(), rowKey };
        expect(await refused(table.createEntity(keys))).toEqual([400, 'InvalidInput']);
        expect(await refused(batch(['create', keys]))).toEqual([400, 'InvalidInput']);
      },
    );

    test('holds text of 32 Ki characters, and no more', async () => {
      const keys = fresh();
      await table.createEntity({ ...keys, text: 'x'.repeat(32 * 1024) });
      const more = { ...fresh(), text: 'x'.repeat(32 * 1024 + 1) };
      expect(await refused(table.createEntity(more))).toEqual([400, 'PropertyValueTooLarge']);
      expect(await refused(batch(['create', more]))).toEqual([400, 'PropertyValueTooLarge']);
    });
  });

  describe('A transaction', () => {
    test('does everything in it', async () => {
      const [kept, gone, made] = ['kept', 'gone', 'made'].map((rowKey) => ({ partitionKey: 'all', rowKey }));
      if (!kept || !gone || !made) throw new Error('unreachable');
      const { etag = '' } = await table.createEntity({ ...kept, text: 'a', count: 1 });
      await table.createEntity(gone);
      const done = await batch(
        ['update', { ...kept, count: 2 }, 'Merge', { etag }],
        ['create', { ...made, moment }],
        ['delete', gone],
      );
      expect(done.status).toBe(202);
      expect(await get(kept)).toMatchObject({ text: 'a', count: 2 });
      expect((await get(kept)).etag).not.toBe(etag);
      expect(await get(made)).toMatchObject({ moment });
      expect(await refused(get(gone))).toEqual([404, 'ResourceNotFound']);
    });

    test.each<[string, string, (partitionKey: string) => TransactionAction]>([
      [
        'a row that is there',
        '409 EntityAlreadyExists',
        (partitionKey) => ['create', { partitionKey, rowKey: 'there' }],
      ],
      [
        'another version',
        '412 UpdateConditionNotSatisfied',
        (partitionKey) => ['update', { partitionKey, rowKey: 'there', count: 2 }, 'Merge', { etag: stale }],
      ],
      [
        'a row that is missing',
        '404 ResourceNotFound',
        (partitionKey) => ['update', { partitionKey, rowKey: 'missing' }, 'Merge', { etag: '*' }],
      ],
      [
        'a delete of one that is missing',
        '404 ResourceNotFound',
        (partitionKey) => ['delete', { partitionKey, rowKey: 'missing' }],
      ],
      [
        'the same row twice',
        '400 InvalidDuplicateRow',
        (partitionKey) => ['update', { partitionKey, rowKey: 'first' }, 'Merge', { etag: '*' }],
      ],
    ])('does nothing where it has %s: %s', async (_what, refusal, action) => {
      const { partitionKey } = fresh();
      const [there, first] = [
        { partitionKey, rowKey: 'there' },
        { partitionKey, rowKey: 'first' },
      ];
      const { etag } = await table.createEntity({ ...there, count: 1 });
      const transaction = batch(['create', first], action(partitionKey));
      expect((await refused(transaction)).join(' ')).toBe(refusal);
      expect(await refused(get(first))).toEqual([404, 'ResourceNotFound']);
      expect(await get(there)).toMatchObject({ count: 1, etag });
    });

    test('holds 100 rows, and no more', async () => {
      const create = (partitionKey: string, count: number) =>
        batch(
          ...Array.from(
            { length: count },
            (_, i): TransactionAction => ['create', { partitionKey, rowKey: `${i}` }],
          ),
        );
      await create('hundred', 100);
      expect(await refused(create('more', 101))).toEqual([400, 'InvalidInput']);
      const filter = "PartitionKey eq 'hundred' or PartitionKey eq 'more'";
      expect(await Array.fromAsync(table.listEntities({ queryOptions: { filter } }))).toHaveLength(100);
    });

    test('of more than 4 MiB is refused', async () => {
      const text = 'x'.repeat(32 * 1024);
      const large = Array.from({ length: 100 }, (_, i): TransactionAction => {
        return ['create', { partitionKey: 'large', rowKey: `${i}`, text, more: text }];
      });
      expect(await refused(batch(...large))).toEqual([413, 'RequestBodyTooLarge']);
    });
  });

  describe('A query', () => {
    beforeAll(async () => {
      for (const partitionKey of ['query.b', 'query.a'])
        await batch(
          ...['3', '1', '2'].map((rowKey): TransactionAction => {
            const row = { partitionKey, rowKey, state: rowKey === '2' ? 'deleted' : 'active' };
            return [
              'create',
              { ...row, ...(rowKey !== '3' && { at: new Date(Number(rowKey)), address: 'x' }) },
            ];
          }),
        );
    });

    const ask = async (filter: string) => {
      const found = await Array.fromAsync(table.listEntities({ queryOptions: { filter } }));
      return found.map(({ partitionKey, rowKey }) => `${partitionKey} ${rowKey}`);
    };

    test.each([
      [odata`PartitionKey eq ${'query.a'}`, ['query.a 1', 'query.a 2', 'query.a 3']],
      [odata`PartitionKey eq ${'query.a'} and RowKey ge ${'2'} and RowKey lt ${'3'}`, ['query.a 2']],
      [
        "(state eq 'active' or state eq 'suspended') and PartitionKey gt 'query.a' and PartitionKey lt 'query.c'",
        ['query.b 1', 'query.b 3'],
      ],
      [
        odata`PartitionKey eq ${'query.b'} and ((at lt ${new Date(2)} and address gt '') or state eq ${'deleted'})`,
        ['query.b 1', 'query.b 2'],
      ],
      [odata`PartitionKey eq ${'query.a'} and address gt ''`, ['query.a 1', 'query.a 2']],
      [odata`PartitionKey eq ${"it's nobody"}`, []],
    ])('finds what is wanted, in the order of the keys: %s', async (filter, found) => {
      expect(await ask(filter)).toEqual(found);
    });

    test('comes in pages, each of which says where the next one begins', async () => {
      const queryOptions = { filter: "PartitionKey ge 'query.' and PartitionKey lt 'query/'" };
      const seen: string[] = [];
      let continuationToken: string | undefined;
      let pages = 0;
      do {
        const page = await table
          .listEntities({ queryOptions })
          .byPage({ maxPageSize: 4, ...(continuationToken !== undefined && { continuationToken }) })
          .next();
        seen.push(
          ...page.value.map((row: { partitionKey: string; rowKey: string }) => row.partitionKey + row.rowKey),
        );
        continuationToken = page.value.continuationToken;
        pages++;
      } while (continuationToken !== undefined);
      expect(seen).toEqual(['query.a1', 'query.a2', 'query.a3', 'query.b1', 'query.b2', 'query.b3']);
      expect(pages).toBeGreaterThan(1);
    });

    test('has of a row the chosen columns, and the ETag', async () => {
      const queryOptions = {
        filter: "PartitionKey eq 'query.a' and RowKey eq '1'",
        select: ['RowKey', 'at', 'nothing'],
      };
      const [row] = await Array.fromAsync(table.listEntities<Record<string, unknown>>({ queryOptions }));
      expect(row).toMatchObject({ rowKey: '1', at: new Date(1), etag: expect.stringContaining('datetime') });
      expect(row?.nothing ?? null).toBeNull();
      for (const name of ['partitionKey', 'state', 'address']) expect(row?.[name] ?? null).toBeNull();
    });
  });
});

describe.each(stores)('A table that is missing %s', (_name, open) => {
  test('is 404 of its own code to everything, and never an empty one', async () => {
    const { passwords: table } = await open();
    await table.deleteTable();
    const keys = { partitionKey: 'a', rowKey: 'b' };
    for (const request of [
      table.getEntity('a', 'b'),
      table.createEntity(keys),
      table.updateEntity(keys, 'Merge', { etag: '*' }),
      table.deleteEntity('a', 'b'),
      Array.fromAsync(table.listEntities()),
      table.submitTransaction([['create', keys]]),
    ])
      expect(await refused(request)).toEqual([404, 'TableNotFound']);
    await table.createTable();
    await table.createEntity(keys);
  });
});

describe('Tables in memory are as strict as Azure where Azurite is not', () => {
  const { passwords: table } = memoryTables().tables;
  const named = (count: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, value]));

  test.each<[string, object, string]>([
    ['253 columns', named(253, 1), 'TooManyProperties'],
    ['a name of 256 characters', { ['c'.repeat(256)]: 1 }, 'PropertyNameTooLong'],
    ['more than 1 MiB', named(17, 'x'.repeat(32 * 1024)), 'EntityTooLarge'],
    ['a moment before 1601', { at: new Date('1600-12-31T23:59:59.999Z') }, 'InvalidInput'],
    ['an integer of 33 bits', { count: 2 ** 31 }, 'InvalidInput'],
  ])('a row with %s is refused', async (name, columns, code) => {
    const row = { partitionKey: 'strict', rowKey: name, ...columns };
    expect(await refused(table.createEntity(row))).toEqual([400, code]);
  });

  test('a continuation that is none is refused', async () => {
    const continuationToken = Buffer.from(JSON.stringify({ nextPartitionKey: 'a' })).toString('base64');
    const page = table.listEntities().byPage({ continuationToken }).next();
    expect(await refused(page)).toEqual([400, 'InvalidInput']);
  });

  test('a page may be empty although another one follows', async () => {
    for (let i = 0; i < 11; i++) {
      const rows = Array.from({ length: 100 }, (_, j): TransactionAction => {
        return ['create', { partitionKey: `p${i}`, rowKey: `${j}` }];
      });
      await table.submitTransaction(rows);
    }
    const queryOptions = { filter: "PartitionKey eq 'p9' and RowKey eq '99'" };
    const { value: page } = await table.listEntities({ queryOptions }).byPage().next();
    expect(page).toHaveLength(0);
    expect(page.continuationToken).toEqual(expect.any(String));
    expect(await Array.fromAsync(table.listEntities({ queryOptions }))).toHaveLength(1);
  });
});
