import type { TableClient } from '@azure/data-tables';
import type { Policies } from './domain/ports.ts';
import { addCounts, type Counts, countPassword, countProfile, noCounts } from './domain/report.ts';
import { type Kept, pageOfEverybody } from './storage/everybody.ts';

/** How long, in milliseconds, one part of the report reads on; a page of the table more may come on top. */
const enough = 1_000;

export interface ReportPart {
  readonly counts: Counts;
  /** Where the next part begins; null after the last one. */
  readonly continuation: string | null;
}

/**
 * The hygiene report of the tenant, in parts that add up.
 *
 * @returns a function that makes the part which begins at a continuation; undefined for one that is none.
 */
export function reportOn(table: TableClient, policies: Policies, now: () => number) {
  return async (continuation: string | undefined, signal: AbortSignal): Promise<ReportPart | undefined> => {
    if (continuation !== undefined && !isContinuation(continuation)) return undefined;
    const policy = await policies.read(signal);
    const start = now();
    let counts = noCounts;
    let next = continuation;
    do {
      const page = await pageOfEverybody(table, next, signal);
      for (const kept of page.kept) counts = addCounts(counts, count(kept));
      next = page.continuation;
    } while (next !== undefined && now() - start < enough);
    return { counts, continuation: next ?? null };

    function count(kept: Kept): Counts {
      return kept.kind === 'profile'
        ? countProfile(kept.profile)
        : countPassword(kept.password, policy, start);
    }
  };
}

/** The client library's own form: JSON in base64. */
function isContinuation(text: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    return typeof value === 'object' && value !== null && 'nextPartitionKey' in value;
  } catch {
    return false;
  }
}
