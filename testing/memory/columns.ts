/** An error as the Table service words it. */
export class TableError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

type Type = 'Binary' | 'Boolean' | 'DateTime' | 'Double' | 'Guid' | 'Int32' | 'Int64' | 'String';

interface Column {
  readonly type: Type;
  readonly value: string | number | boolean;
}

export type Columns = ReadonlyMap<string, Column>;

const columnsAtMost = 252;
const nameAtMost = 255;
const valueAtMost = 64 * 1024;
const rowAtMost = 1024 * 1024;
const firstDate = Date.parse('1601-01-01T00:00:00Z');
const keyNames = ['PartitionKey', 'RowKey', 'Timestamp'];

/**
 * Reads the columns that a request writes over those that are there; what is null is left alone.
 *
 * @throws TableError beyond a limit of the Table service, and for a value that is not of its type.
 * @see https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
export function readColumns(
  keys: { readonly partitionKey: string; readonly rowKey: string },
  body: string,
  over: Columns = new Map(),
): Columns {
  const given: Record<string, unknown> = JSON.parse(body);
  const columns = new Map(over);
  for (const [name, value] of Object.entries(given)) {
    if (value === null || keyNames.includes(name) || name.includes('@')) continue;
    if (name.length > nameAtMost) throw new TableError(400, 'PropertyNameTooLong', 'A name is too long.');
    columns.set(name, toColumn(value, given[`${name}@odata.type`]));
  }
  if (columns.size > columnsAtMost) throw new TableError(400, 'TooManyProperties', 'There are too many.');
  const { partitionKey, rowKey } = keys;
  const sizes = [...columns].map(([name, column]) => 8 + 2 * name.length + sizeOf(column));
  if (sizes.reduce((sum, size) => sum + size, 4 + 2 * (partitionKey + rowKey).length) > rowAtMost)
    throw new TableError(400, 'EntityTooLarge', 'The entity is larger than 1 MiB.');
  return columns;
}

/** Columns as JSON: what JSON cannot tell has its type beside it. */
export function writeColumns(columns: Columns): Record<string, unknown> {
  return Object.fromEntries(
    [...columns].flatMap(([name, { type, value }]) => {
      const isTold = inferred(value) === type;
      return [[name, value], ...(isTold ? [] : [[`${name}@odata.type`, `Edm.${type}`]])];
    }),
  );
}

function inferred(value: unknown): Type {
  if (typeof value === 'number') return Number.isInteger(value) ? 'Int32' : 'Double';
  return typeof value === 'boolean' ? 'Boolean' : 'String';
}

/** A number or a boolean may come as text, where its type stands beside it. */
function toColumn(given: unknown, declared: unknown): Column {
  const type = declared === undefined ? inferred(given) : (String(declared).replace('Edm.', '') as Type);
  if (type === 'Boolean') return { type, value: String(given) === 'true' };
  if (type === 'Int32' || type === 'Double') {
    const value = Number(given);
    if (type === 'Int32' && value !== (value | 0)) throw invalid();
    return { type, value };
  }
  const value = String(given);
  if (type === 'DateTime' && !(Date.parse(value) >= firstDate)) throw invalid();
  if (sizeOf({ type, value }) - 4 > valueAtMost)
    throw new TableError(400, 'PropertyValueTooLarge', 'A value is larger than 64 KiB.');
  return { type, value };
}

function invalid(): TableError {
  return new TableError(400, 'InvalidInput', 'A value is not of its type.');
}

function sizeOf({ type, value }: Column): number {
  if (type === 'String') return 4 + 2 * String(value).length;
  if (type === 'Binary') return 4 + Buffer.from(String(value), 'base64').length;
  return { Boolean: 1, Int32: 4, Guid: 16, Double: 8, Int64: 8, DateTime: 8 }[type];
}
