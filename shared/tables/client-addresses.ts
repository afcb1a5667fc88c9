import { odata, type TableClient } from '@azure/data-tables';
import type { LastUsed, Refusals } from '../domain/app-password/app-password.ts';
import { day } from '../domain/app-password/effective-state.ts';
import type { Clock } from '../domain/clock.ts';
import { answer, answerUnless } from './answer.ts';
import { type Entity, readLastUsed, readRefusals, writeLastUsed, writeRefusals } from './rows.ts';

/** Since when addresses of clients are kept, in milliseconds since the epoch; older ones are neither shown nor written. */
export type KeptSince = () => number;

/** Keeps addresses for some days; for 0 days never. */
export function keepAddressesFor(days: number, clock: Clock): KeptSince {
  return () => (days === 0 ? clock.now() + day : clock.now() - days * day);
}

/** What is left of a use when its address is not kept any more. */
export function forgetIn<T extends LastUsed>(since: number, use: T): T {
  return use.at >= since ? use : { ...use, clientAddress: null };
}

/** What is left of refusals when their old addresses are not kept any more. */
export function forgetInRefusals(since: number, refusals: Refusals): Refusals {
  return { ...refusals, recent: refusals.recent.map((refusal) => forgetIn(since, refusal)) };
}

/**
 * Removes the addresses that are not kept any more from the table, in one scan. What changes at the same time, or is
 * left when the signal is aborted, is for the next time.
 *
 * @throws Unavailable when storage is away, or the signal is aborted.
 */
export async function removeOldAddresses(
  table: TableClient,
  keptSince: KeptSince,
  abortSignal: AbortSignal,
): Promise<void> {
  const since = keptSince();
  const filter = odata`(lastUsedAt lt ${new Date(since)} and lastUsedClientAddress gt '') or refusals gt ''`;
  const rows = table.listEntities<Entity>({ queryOptions: { filter }, abortSignal })[Symbol.asyncIterator]();
  for (let row = await answer(rows.next()); !row.done; row = await answer(rows.next())) {
    const { partitionKey, rowKey, etag } = row.value;
    const columns = withoutOld(row.value, since);
    if (columns === undefined) continue;
    const update = table.updateEntity(
      { partitionKey: partitionKey as string, rowKey: rowKey as string, ...columns },
      'Merge',
      { etag, abortSignal },
    );
    await answerUnless([404, 412], update);
  }
}

/** The columns that have to change; undefined where none does. */
function withoutOld(row: Entity, since: number): object | undefined {
  const [lastUsed, refusals] = [readLastUsed(row), readRefusals(row)];
  const isOld = ({ at, clientAddress }: LastUsed) => clientAddress !== null && at < since;
  const use = lastUsed !== null && isOld(lastUsed) ? writeLastUsed(forgetIn(since, lastUsed)) : undefined;
  const refused = refusals?.recent.some(isOld) ? writeRefusals(forgetInRefusals(since, refusals)) : undefined;
  return use === undefined && refused === undefined ? undefined : { ...use, ...refused };
}
