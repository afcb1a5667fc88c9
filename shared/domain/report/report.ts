import type { Clock } from '../clock.ts';
import type { PersonKey } from '../person/person.ts';
import type { Policies } from '../ports.ts';
import { type CountedPassword, type CountedProfile, type Counts, Tally } from './counts.ts';

/** How long, in milliseconds, one part of the report takes while no page is slower than the one before it. */
const enough = 1_500;

/** What is kept of everybody, in the order of the table: each person's rows lie side by side. */
export type Kept =
  | { readonly kind: 'profile'; readonly person: PersonKey; readonly profile: CountedProfile }
  | { readonly kind: 'password'; readonly person: PersonKey; readonly password: CountedPassword };

interface PageOfEverybody {
  /** May be empty although another page follows. */
  readonly kept: readonly Kept[];
  /** Where the next page begins, also in the middle of a person's rows; undefined after the last one. */
  readonly continuation: string | undefined;
}

/** Reads one page of everybody, or undefined for a continuation that is none. @throws Unavailable when storage is away. */
export type ReadPage = (
  continuation: string | undefined,
  signal: AbortSignal,
) => Promise<PageOfEverybody | undefined>;

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
export function reportOn(readPage: ReadPage, policies: Pick<Policies, 'read'>, { now }: Pick<Clock, 'now'>) {
  return async (continuation: string | undefined, signal: AbortSignal): Promise<ReportPart | undefined> => {
    const start = now();
    const tally = new Tally(await policies.read(signal), start);
    let next = continuation;
    for (;;) {
      const asked = now();
      const page = await readPage(next, signal);
      if (page === undefined) return undefined;
      for (const kept of page.kept) {
        if (kept.kind === 'profile') tally.addProfile(kept.profile);
        else tally.createPassword(kept.password);
      }
      next = page.continuation;
      const another = now() - asked;
      if (next === undefined || now() - start + another > enough)
        return { counts: tally.counts, continuation: next ?? null };
    }
  };
}
