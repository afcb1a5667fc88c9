import type { TableClient } from '@azure/data-tables';
import * as z from 'zod';
import type { PersonKey } from '../domain/person/person.ts';
import type { Kept, ReadPage } from '../domain/report/report.ts';
import { answerUnless } from './answer.ts';
import { type Entity, isPassword, profileKey, readPassword, readProfile } from './rows.ts';

/** The columns behind what is kept here. */
const select = [
  ...['PartitionKey', 'RowKey', 'username', 'account', 'count'],
  ...['id', 'name', 'createdAt', 'expiresAt', 'protocols', 'state', 'suspendedFor', 'revivedAt'],
  ...['lastUsedAt', 'lastUsedProtocol', 'lastUsedGateway', 'lastUsedClientAddress', 'refusals'],
];

/** Reads the table `AppPasswords` page by page. */
export function pagesOf(table: TableClient): ReadPage {
  return async (continuation, abortSignal) => {
    const continuationToken = continuation === undefined ? undefined : toToken(continuation);
    if (continuation !== undefined && continuationToken === undefined) return undefined;
    // Without a filter, so that no page takes longer than to read a thousand rows: one that looks for rows may search
    // for seconds.
    const pages = table
      .listEntities<Entity>({ abortSignal, queryOptions: { select } })
      .byPage({ maxPageSize: 1000, ...(continuationToken !== undefined && { continuationToken }) });
    // Only the continuation is not ours in this query.
    const page = await answerUnless(continuation === undefined ? [] : [400], pages.next());
    if (page === undefined) return undefined;
    const rows = page.value ?? [];
    const token = page.value?.continuationToken;
    return {
      kept: rows.flatMap(toKept),
      continuation: token && Buffer.from(token, 'base64').toString('base64url'),
    };
  };
}

function toKept(row: Entity): Kept[] {
  const person = row.partitionKey as PersonKey;
  if (row.rowKey === profileKey) return [{ kind: 'profile', person, profile: readProfile(row) }];
  return isPassword(row) ? [{ kind: 'password', person, password: readPassword(row) }] : [];
}

// They come in headers, and go back in a URL.
const key = z.string().regex(/^[\x20-\x7e]{1,1024}$/);
const place = z.strictObject({ nextPartitionKey: key, nextRowKey: key.optional() });

/**
 * A continuation as the client library takes it: JSON in base64, here with the alphabet for URLs (RFC 4648 section 5).
 * It is written anew from the two keys, so that it holds nothing else.
 */
function toToken(continuation: string): string | undefined {
  try {
    const value = place.parse(JSON.parse(Buffer.from(continuation, 'base64url').toString()));
    return Buffer.from(JSON.stringify(value)).toString('base64');
  } catch {
    return undefined;
  }
}
