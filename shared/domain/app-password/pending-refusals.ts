import type { PersonKey } from '../person/person.ts';
import type { PasswordKey, Refusal } from './app-password.ts';

/** How often, in milliseconds, those of one password are written at most. */
export const writeEvery = 15 * 60_000;
const recentAtMost = 10;
const rowsAtMost = 10_000;

/** Refusals of one password, or of those that a person never had, that are not written yet. */
export interface Pending {
  readonly person: PersonKey;
  readonly key: PasswordKey | null;
  count: number;
  recent: readonly Refusal[];
  /** When they may be written. */
  dueAt: number;
}

/**
 * Counts refusals in memory until they are written, at most once in 15 minutes for each password. What is not
 * written when the process ends is lost, and so are those of the longest waiting beyond 10,000 passwords.
 */
export class PendingRefusals {
  readonly #rows = new Map<string, Pending>();
  #nextDueAt = Number.POSITIVE_INFINITY;

  add(person: PersonKey, key: PasswordKey | null, refusal: Refusal): void {
    const place = `${person}/${key ?? ''}`;
    const row = this.#rows.get(place) ?? { person, key, count: 0, recent: [], dueAt: refusal.at };
    row.count++;
    row.recent = newest([refusal, ...row.recent]);
    this.#rows.set(place, row);
    this.#nextDueAt = Math.min(this.#nextDueAt, row.dueAt);
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > rowsAtMost && oldest !== undefined) this.#rows.delete(oldest);
  }

  /** Those whose time has come; what is not written is to be given back by {@link postpone}. */
  takeDue(now: number): readonly Pending[] {
    if (now < this.#nextDueAt) return [];
    const due: Pending[] = [];
    this.#nextDueAt = Number.POSITIVE_INFINITY;
    for (const [place, row] of this.#rows) {
      if (row.dueAt > now) {
        if (row.count > 0) this.#nextDueAt = Math.min(this.#nextDueAt, row.dueAt);
      } else if (row.count === 0) this.#rows.delete(place);
      else {
        due.push({ ...row });
        Object.assign(row, { count: 0, recent: [], dueAt: now + writeEvery });
      }
    }
    return due;
  }

  /** Takes back what could not be written yet. */
  postpone({ person, key, count, recent }: Pending, dueAt: number): void {
    const place = `${person}/${key ?? ''}`;
    const row = this.#rows.get(place);
    const all = { count: count + (row?.count ?? 0), recent: newest([...(row?.recent ?? []), ...recent]) };
    this.#rows.set(place, { person, key, ...all, dueAt });
    this.#nextDueAt = Math.min(this.#nextDueAt, dueAt);
  }
}

/** The newest ones that are kept, newest first. */
export function newest(refusals: readonly Refusal[]): readonly Refusal[] {
  return refusals.toSorted((a, b) => b.at - a.at).slice(0, recentAtMost);
}
