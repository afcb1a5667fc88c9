import type { TableClient } from '@azure/data-tables';
import { pageOfEverybody } from '../../tables/all-people.ts';
import type { Policies } from '../ports.ts';
import { type Counts, Tally } from './counts.ts';

/** How long, in milliseconds, one part of the report takes while no page is slower than the one before it. */
const enough = 1_500;

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
    const start = now();
    const tally = new Tally(await policies.read(signal), start);
    let next = continuation;
    for (;;) {
      const asked = now();
      const page = await pageOfEverybody(table, next, signal);
      if (page === undefined) return undefined;
      for (const kept of page.kept) {
        if (kept.kind === 'profile') tally.addProfile(kept.profile);
        else tally.addPassword(kept.password);
      }
      next = page.continuation;
      const another = now() - asked;
      if (next === undefined || now() - start + another > enough)
        return { counts: tally.counts, continuation: next ?? null };
    }
  };
}
