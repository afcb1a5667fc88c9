import { setImmediate as turn } from 'node:timers/promises';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { TableClient } from '@azure/data-tables';
import { type Tables, tableNames } from '../../shared/tables/tables.ts';
import type { Fate } from '../table-proxy.ts';
import { type Columns, readColumns, TableError, writeColumns } from './columns.ts';
import { filterOf } from './filter.ts';

/** Table Storage within this process, behind the real clients. */
export interface MemoryTables {
  readonly tables: Tables;
  /** Every request so far, as method and decoded path with query; a repeat of the client is one of its own. */
  readonly requests: string[];
  /** Decides the fate of each request from now on, by how many came since; it waits for the decision. */
  fate(decide: (index: number, request: string) => Fate | Promise<Fate>): void;
}

interface Row {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly etag: string;
  readonly timestamp: string;
  readonly columns: Columns;
}

/** The rows of a table by their two keys. */
type Rows = Map<string, Row>;

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One operation, alone or in a transaction. */
interface Operation {
  readonly method: string;
  readonly path: string;
  readonly ifMatch: string | undefined;
  readonly body: string;
}

const origin = 'http://tables.invalid';
const rowsAtOnce = 1_000;
const operationsAtOnce = 100;
const bodyAtMost = 4 * 1024 * 1024;
const key = /^[^/\\#?\p{Cc}]{0,512}$/u;
const etagForm = /^(\*|W\/"datetime'[\w%.-]+'")$/;

/**
 * The part of the Table service's protocol that the adapters use, with its limits, for the real TableClient: an adapter
 * then meets the types, the errors and the repeats that it meets in Azure. A page of a query looks at a thousand rows, so
 * that one may be empty although another follows, as on partitions that lie apart.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api
 */
export function memoryTables(): MemoryTables {
  const stored = new Map<string, Rows>(Object.values(tableNames).map((name) => [name, new Map()]));
  const requests: string[] = [];
  let decide: Parameters<MemoryTables['fate']>[0] = () => 'pass';
  let index = 0;

  const httpClient: HttpClient = {
    async sendRequest(request) {
      const { method, url, abortSignal } = request;
      const line = `${method} ${decodeURIComponent(url.slice(origin.length))}`;
      requests.push(line);
      const fate = await decide(index++, line);
      // Nothing answers in the same turn, so that requests meet each other as they do on a network.
      await turn();
      if (fate === 'hang' && !abortSignal?.aborted)
        await new Promise((resolve) => abortSignal?.addEventListener('abort', resolve));
      if (abortSignal?.aborted) throw Object.assign(new Error('aborted'), { name: 'AbortError' });
      if (fate === 'cut') throw lost(request);
      const reply = fate === 'busy' ? { status: 503 } : answer(stored, request);
      if (fate === 'swallow') throw lost(request);
      return toResponse(request, reply);
    },
  };
  const open = (name: string) =>
    new TableClient(origin, name, {
      httpClient,
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 2, retryDelayInMs: 0 },
    });
  return {
    tables: { passwords: open(tableNames.passwords), usernames: open(tableNames.usernames) },
    requests,
    fate(next) {
      decide = next;
      index = 0;
    },
  };
}

/** A connection that broke, which the client takes as one by its code. */
function lost(request: PipelineRequest): RestError {
  return new RestError('the connection was cut', { code: 'ECONNRESET', request });
}

function toResponse(request: PipelineRequest, { status, headers = {}, body = '' }: Reply): PipelineResponse {
  const contentType = { 'content-type': 'application/json;odata=minimalmetadata' };
  return {
    request,
    status,
    headers: createHttpHeaders({ ...(body !== '' && contentType), ...headers }),
    bodyAsText: body,
  };
}

function answer(stored: Map<string, Rows>, request: PipelineRequest): Reply {
  const { pathname, searchParams } = new URL(request.url);
  const path = decodeURIComponent(pathname).replace(/^\/+/, '');
  const body = (request.body as string | undefined) ?? '';
  const [, table = ''] = /^(\w+)\(\)$/.exec(path) ?? [];
  try {
    if (body.length > bodyAtMost)
      throw new TableError(413, 'RequestBodyTooLarge', 'The request body is too large.');
    if (path.startsWith('Tables')) return changeTables(stored, request.method, path, body);
    if (path === '$batch') return transact(stored, body);
    if (request.method === 'GET' && table !== '') return query(rowsOf(stored, table), searchParams);
    const ifMatch = request.headers.get('if-match');
    return operate(stored, { method: request.method, path, ifMatch, body }, searchParams.get('$select'));
  } catch (error) {
    return toReply(error);
  }
}

function toReply(error: unknown): Reply {
  if (!(error instanceof TableError)) throw error;
  const { status, code, message } = error;
  const value = { code, message: { lang: 'en-US', value: message } };
  return { status, body: JSON.stringify({ 'odata.error': value }) };
}

function rowsOf(stored: Map<string, Rows>, table: string): Rows {
  const rows = stored.get(table);
  if (rows === undefined) throw new TableError(404, 'TableNotFound', 'The table specified does not exist.');
  return rows;
}

function changeTables(stored: Map<string, Rows>, method: string, path: string, body: string): Reply {
  if (method === 'POST') {
    const { TableName } = JSON.parse(body);
    if (stored.has(TableName))
      throw new TableError(409, 'TableAlreadyExists', 'The table specified already exists.');
    stored.set(TableName, new Map());
    return { status: 204 };
  }
  const table = /'(\w+)'/.exec(path)?.[1] ?? '';
  rowsOf(stored, table);
  stored.delete(table);
  return { status: 204 };
}

/** All operations of a change set, or none. */
function transact(stored: Map<string, Rows>, body: string): Reply {
  const operations = body
    .split(/^--changeset_.*\r\n/m)
    .slice(1, -1)
    .map(toOperation);
  const before = new Map([...stored].map(([name, rows]) => [name, new Map(rows)]));
  const places = new Set<string>();
  const parts: string[] = [];
  for (const [position, operation] of operations.entries()) {
    try {
      if (operations.length > operationsAtOnce)
        throw new TableError(400, 'InvalidInput', 'The batch exceeds the maximum of 100 changes.');
      const place = JSON.stringify(placeOf(operation));
      if (places.has(place))
        throw new TableError(400, 'InvalidDuplicateRow', 'An entity can appear only once in a batch.');
      places.add(place);
      const { status, headers } = operate(stored, operation, null);
      parts.push(`HTTP/1.1 ${status} No Content\r\n${headers?.etag ? `ETag: ${headers.etag}\r\n` : ''}`);
    } catch (error) {
      for (const [name, rows] of before) stored.set(name, rows);
      const { status, body: text = '' } = toReply(error);
      const numbered = text.replace('"value":"', `"value":"${position}:`);
      return inParts([`HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\n\r\n${numbered}`]);
    }
  }
  return inParts(parts);
}

function inParts(parts: readonly string[]): Reply {
  const wrapped = parts.map(
    (part) => `--changesetresponse_1\r\nContent-Type: application/http\r\n\r\n${part}\r\n`,
  );
  return {
    status: 202,
    headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_1' },
    body: `${wrapped.join('')}--changesetresponse_1--\r\n`,
  };
}

function toOperation(part: string): Operation {
  const [, method = '', url = ''] = /^(POST|PATCH|PUT|DELETE) (\S+) HTTP\/1\.1\r?$/m.exec(part) ?? [];
  return {
    method,
    path: decodeURIComponent(new URL(url).pathname).replace(/^\/+/, ''),
    ifMatch: /^if-match: (.*?)\r?$/im.exec(part)?.[1],
    body: /^\{.*\}/m.exec(part)?.[0] ?? '',
  };
}

interface Place {
  readonly table: string;
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** The row that an operation is about: named in the path, or by a new one itself. */
function placeOf({ method, path, body }: Operation): Place {
  if (method === 'POST') {
    const { PartitionKey, RowKey } = JSON.parse(body);
    return { table: path, partitionKey: PartitionKey, rowKey: RowKey };
  }
  const found = /^(\w+)\(PartitionKey='((?:[^']|'')*)',RowKey='((?:[^']|'')*)'\)$/s.exec(path);
  const [, table = '', ...keys] = found ?? [];
  const [partitionKey = '', rowKey = ''] = keys.map((text) => text.replaceAll("''", "'"));
  return { table, partitionKey, rowKey };
}

function operate(stored: Map<string, Rows>, operation: Operation, select: string | null): Reply {
  const { method, ifMatch, body } = operation;
  const { table, ...keys } = placeOf(operation);
  const rows = rowsOf(stored, table);
  if (method === 'POST' && !Object.values(keys).every((it) => key.test(it)))
    throw new TableError(400, 'InvalidInput', 'A key is too long, or has characters that no key may have.');
  const place = JSON.stringify(keys);
  const found = rows.get(place);
  if (method === 'POST') {
    const columns = readColumns(keys, body);
    if (found !== undefined)
      throw new TableError(409, 'EntityAlreadyExists', 'The specified entity already exists.');
    return put(rows, place, { ...keys, columns });
  }
  if (method !== 'GET' && !etagForm.test(ifMatch ?? ''))
    throw new TableError(400, 'InvalidInput', 'The etag value specified in the header is not valid.');
  if (found === undefined)
    throw new TableError(404, 'ResourceNotFound', 'The specified resource does not exist.');
  if (method === 'GET') return { status: 200, body: JSON.stringify(toJson(found, select)) };
  if (ifMatch !== '*' && ifMatch !== found.etag)
    throw new TableError(412, 'UpdateConditionNotSatisfied', 'The update condition was not satisfied.');
  if (method === 'DELETE') {
    rows.delete(place);
    return { status: 204 };
  }
  return put(rows, place, {
    ...keys,
    columns: readColumns(keys, body, method === 'PATCH' ? found.columns : new Map()),
  });
}

let writes = 0;

function put(rows: Rows, place: string, row: Omit<Row, 'etag' | 'timestamp'>): Reply {
  const timestamp = new Date(Date.UTC(2026, 0) + ++writes).toISOString().replace('Z', '0000Z');
  const etag = `W/"datetime'${encodeURIComponent(timestamp)}'"`;
  rows.set(place, { ...row, etag, timestamp });
  return { status: 204, headers: { etag } };
}

/** A row as JSON; a chosen column that it has not is null. */
function toJson({ partitionKey, rowKey, etag, timestamp, columns }: Row, select: string | null): object {
  const all: Record<string, unknown> = {
    PartitionKey: partitionKey,
    RowKey: rowKey,
    Timestamp: timestamp,
    ...writeColumns(columns),
  };
  if (select === null) return { 'odata.etag': etag, ...all };
  const chosen = select.split(',').flatMap((name) => {
    const type = `${name}@odata.type`;
    return [[name, all[name] ?? null], ...(type in all ? [[type, all[type]]] : [])];
  });
  return { 'odata.etag': etag, ...Object.fromEntries(chosen) };
}

function query(rows: Rows, parameters: URLSearchParams): Reply {
  const isWanted = filterOf(parameters.get('$filter'));
  const top = Number(parameters.get('$top') ?? rowsAtOnce);
  if (!(top >= 1 && top <= rowsAtOnce))
    throw new TableError(400, 'InvalidInput', 'At most 1000 rows come at once.');
  const from = [parameters.get('NextPartitionKey'), parameters.get('NextRowKey')].map(readPlace);
  const rest = [...rows.values()].sort(byKeys).filter((row) => !isBefore(row, from));
  const value: object[] = [];
  for (const [looked, row] of rest.entries()) {
    if (looked === rowsAtOnce || value.length === top) {
      const next = {
        'x-ms-continuation-nextpartitionkey': writePlace(row.partitionKey),
        'x-ms-continuation-nextrowkey': writePlace(row.rowKey),
      };
      return { status: 200, headers: next, body: JSON.stringify({ value }) };
    }
    const keys: Readonly<Record<string, string>> = { PartitionKey: row.partitionKey, RowKey: row.rowKey };
    if (isWanted((name) => keys[name] ?? row.columns.get(name)?.value))
      value.push(toJson(row, parameters.get('$select')));
  }
  return { status: 200, body: JSON.stringify({ value }) };
}

function byKeys(a: Row, b: Row): number {
  if (a.partitionKey !== b.partitionKey) return a.partitionKey < b.partitionKey ? -1 : 1;
  return a.rowKey < b.rowKey ? -1 : 1;
}

function isBefore({ partitionKey, rowKey }: Row, [partition = '', row = '']: readonly string[]): boolean {
  return partitionKey === partition ? rowKey < row : partitionKey < partition;
}

/** A place in a continuation, which only the service reads. */
function writePlace(text: string): string {
  return `1!${Buffer.from(text).toString('base64url')}`;
}

function readPlace(text: string | null): string {
  if (text === null) return '';
  if (!/^1![\w-]*$/.test(text)) throw new TableError(400, 'InvalidInput', 'The continuation is not valid.');
  return Buffer.from(text.slice(2), 'base64url').toString();
}
