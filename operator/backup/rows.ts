import { odata, type TableClient } from '@azure/data-tables';
import * as z from 'zod';
import type { Clock } from '../../shared/domain/clock.ts';
import type { PersonKey } from '../../shared/domain/person/person.ts';
import { answer, answerUnless } from '../../shared/tables/answer.ts';
import { directoryStateIn } from '../../shared/tables/directory-state.ts';
import { type Entity, profileKey } from '../../shared/tables/rows.ts';

/** How long, in milliseconds, one answer of a table may take. */
export const patience = 30_000;

const column = z.strictObject({
  type: z.enum(['Binary', 'Boolean', 'DateTime', 'Double', 'Guid', 'Int32', 'Int64', 'String']),
  value: z.string(),
});
type Column = z.infer<typeof column>;

/** What the client library takes for something else than a column, in whatever case. */
const keys = ['partitionkey', 'rowkey', 'etag', 'timestamp'];
const columnName = z
  .string()
  .regex(/^[A-Za-z_]\w{0,254}$/)
  .refine((name) => !keys.includes(name.toLowerCase()));

/** The form of a row in a file; its key is printable, and fit for Table Storage. */
export const rowSchema = z.strictObject({
  rowKey: z.string().regex(/^(?!.*[/\\#?])[\x21-\x7e]{1,512}$/),
  columns: z.record(columnName, column),
});

/** A row with all its columns as the protocol has them, also those that this version does not know. */
export type Row = z.infer<typeof rowSchema>;

/** A row of a table, with the version under which it may be changed. */
export interface StoredRow extends Row {
  readonly version: string;
}

/** All rows of a partition, read at one moment. @throws Unavailable when storage is away. */
export async function rowsOf(table: TableClient, partitionKey: string): Promise<StoredRow[]> {
  const queryOptions = { filter: odata`PartitionKey eq ${partitionKey}` };
  let before: string | undefined;
  for (;;) {
    const abortSignal = AbortSignal.timeout(patience);
    const options = { queryOptions, abortSignal, disableTypeConversion: true };
    const pages = await answer(Array.fromAsync(table.listEntities<Entity>(options).byPage()));
    const rows = pages.flat().map(toRow);
    if (pages.length <= 1) return rows;
    // Several answers are of one moment only if no change came in between, and each change changes the profile.
    const profile = await answerUnless(
      [404],
      table.getEntity<Entity>(partitionKey, profileKey, { abortSignal }),
    );
    if (profile?.etag === before) return rows;
    before = profile?.etag;
  }
}

/** Everybody in a store. @throws Unavailable when storage is away. */
export async function* peopleIn(table: TableClient, clock: Clock): AsyncGenerator<PersonKey> {
  const state = directoryStateIn(table, clock);
  let from: string | null = null;
  do {
    const { people, continuation } = await state.people(from, AbortSignal.timeout(patience));
    yield* people;
    from = continuation;
  } while (from !== null);
}

/** Somebody in a store; undefined where nobody is. @throws Unavailable when storage is away. */
export async function firstPersonIn(table: TableClient, clock: Clock): Promise<PersonKey | undefined> {
  const { value } = await peopleIn(table, clock).next();
  return value ?? undefined;
}

/** All rows of a table, an answer at a time. @throws Unavailable when storage is away. */
export async function* rowsOfTable(table: TableClient): AsyncGenerator<StoredRow> {
  let continuationToken: string | undefined;
  do {
    const options = { abortSignal: AbortSignal.timeout(patience), disableTypeConversion: true };
    const pages = table
      .listEntities<Entity>(options)
      .byPage(continuationToken === undefined ? {} : { continuationToken });
    const { value: page } = await answer(pages.next());
    yield* (page ?? []).map(toRow);
    continuationToken = page?.continuationToken;
  } while (continuationToken !== undefined);
}

/** What a file keeps of a row. */
export function bare({ rowKey, columns }: StoredRow): Row {
  return { rowKey, columns };
}

function toRow({ partitionKey: _, rowKey = '', etag, timestamp: __, ...rest }: Entity): StoredRow {
  const columns = Object.entries(rest)
    .filter(([name]) => !name.startsWith('odata.'))
    // The library leaves a number as it is where the service named its type.
    .map(([name, it]) => [name, { ...(it as Column), value: String((it as Column).value) }]);
  return { rowKey, version: etag, columns: Object.fromEntries(columns) };
}

/** A row as the client library takes it, to create it in a partition. */
export function toEntity(partitionKey: string, { rowKey, columns }: Row) {
  return { partitionKey, rowKey, ...columns };
}

/** A row as it is read when this program uses it. */
export function asRead({ rowKey, columns, version = '' }: Row & { readonly version?: string }): Entity {
  const values = Object.entries(columns).map(([name, { type, value }]) => [name, jsValue(type, value)]);
  return { ...Object.fromEntries(values), rowKey, etag: version };
}

function jsValue(type: Column['type'], value: string): unknown {
  if (type === 'DateTime') return new Date(value);
  if (type === 'Int32' || type === 'Double') return Number(value);
  return type === 'Boolean' ? value === 'true' : value;
}

/** The version of the pepper under which a password lies. */
export function pepperOf({ rowKey }: Pick<Row, 'rowKey'>): string {
  return rowKey.split('.', 1)[0] ?? '';
}
