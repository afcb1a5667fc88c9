import { TableClient } from '@azure/data-tables';
import { type Azurite, startAzurite } from '../local/azurite.ts';
import { createTables } from '../local/stack.ts';
import { type Tables, tableNames } from '../shared/tables/tables.ts';

/** Tables of their own, with nothing in them. */
export interface Store {
  readonly connectionString: string;
  readonly tables: Tables;
  close(): Promise<void>;
}

/** Opens an empty store, in an Azurite that all stores of this process share: starting one takes seconds. */
export async function startStore(): Promise<Store> {
  const account = accounts[opened++] as string;
  shared ??= startAzurite('table', { accounts });
  const connectionString = (await shared).connectionTo(account);
  await createTables(connectionString);
  const tables = tablesIn(connectionString);
  return { connectionString, tables, close: () => deleteTables(tables) };
}

const accounts = Array.from({ length: 500 }, (_, index) => `store${index}`);
let opened = 0;
let shared: Promise<Azurite> | undefined;

/** Frees their memory. */
async function deleteTables({ passwords, usernames }: Tables): Promise<void> {
  await Promise.all([passwords.deleteTable(), usernames.deleteTable()]);
}

function tablesIn(connectionString: string): Tables {
  const open = (name: string) =>
    TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
  return { passwords: open(tableNames.passwords), usernames: open(tableNames.usernames) };
}

export type Rows = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** The text of a column, as {@link rowsIn} has it. */
export function textOf(column: unknown): string | undefined {
  return (column as { readonly value: string } | undefined)?.value;
}

/** The ids of the app passwords that work, by their person. */
export function liveIn(rows: Rows): Map<string, Set<string>> {
  const live = new Map<string, Set<string>>();
  for (const [key, { state, id }] of rows) {
    const [person = ''] = key.split(' ');
    const ids = live.get(person) ?? new Set();
    if (textOf(state) === 'active') ids.add(textOf(id) ?? '');
    live.set(person, ids);
  }
  return live;
}

/** Every row of a table with all its columns and their types, by its two keys. */
export async function rowsIn(table: TableClient): Promise<Map<string, Readonly<Record<string, unknown>>>> {
  const rows = table.listEntities<Record<string, unknown>>({ disableTypeConversion: true });
  const found = new Map<string, Record<string, unknown>>();
  for await (const { etag: _, timestamp: __, partitionKey, rowKey, ...columns } of rows)
    found.set(`${partitionKey} ${rowKey}`, columns);
  return found;
}
