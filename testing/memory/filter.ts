import { TableError } from './columns.ts';

type Value = string | number | boolean | undefined;

/** Says of a row, by its columns, whether it is wanted. */
export type Filter = (columnOf: (column: string) => Value) => boolean;

const token = /\s*(\(|\)|datetime'[^']*'|'(?:[^']|'')*'|[\w.-]+)/gy;
const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

/**
 * Reads a filter of OData: comparisons of a column with a literal, `and`, `or` and parentheses. A row without the column
 * is not wanted.
 *
 * @throws TableError for anything else.
 * @see https://learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities
 */
export function filterOf(text: string | null): Filter {
  if (text === null) return () => true;
  const tokens = [...text.matchAll(token)].map(([, one = '']) => one);
  const filter = either(tokens);
  if (tokens.length > 0 || text.trim() === '') throw malformed();
  return filter;
}

function either(tokens: string[]): Filter {
  const parts = [both(tokens)];
  while (tokens[0] === 'or') {
    tokens.shift();
    parts.push(both(tokens));
  }
  return (columnOf) => parts.some((part) => part(columnOf));
}

function both(tokens: string[]): Filter {
  const parts = [one(tokens)];
  while (tokens[0] === 'and') {
    tokens.shift();
    parts.push(one(tokens));
  }
  return (columnOf) => parts.every((part) => part(columnOf));
}

function one(tokens: string[]): Filter {
  if (tokens[0] === '(') {
    tokens.shift();
    const inner = either(tokens);
    if (tokens.shift() !== ')') throw malformed();
    return inner;
  }
  const [column = '', operator = '', text = ''] = tokens.splice(0, 3);
  const holds = comparisons[operator];
  if (holds === undefined || text === '') throw malformed();
  const literal = literalOf(text);
  return (columnOf) => {
    const value = columnOf(column);
    return (
      value !== undefined && holds(compare(typeof literal === 'number' ? toNumber(value) : value, literal))
    );
  };
}

/** A moment is compared as a number. */
function literalOf(text: string): string | number | boolean {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  if (text.startsWith('datetime')) return Date.parse(text.slice("datetime'".length, -1));
  return text === 'true' || text === 'false' ? text === 'true' : Number(text);
}

function toNumber(value: string | number | boolean): number {
  return typeof value === 'string' ? Date.parse(value) : Number(value);
}

/** NaN for what cannot be compared. */
function compare<T>(a: T, b: T): number {
  if (a === b) return 0;
  if (a < b) return -1;
  return a > b ? 1 : Number.NaN;
}

function malformed(): TableError {
  return new TableError(400, 'InvalidInput', 'The filter is not valid.');
}
