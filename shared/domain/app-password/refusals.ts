import type { VerifyOrigin } from '../gateway/gateway.ts';
import { isErased, type PersonKey } from '../person/person.ts';
import type { Ports } from '../ports.ts';
import type { Versioned } from '../versioned.ts';
import type { AppPassword, PasswordKey, Refusal, RefusalReason, Refusals } from './app-password.ts';

const writeEvery = 15 * 60_000;
const recentAtMost = 10;
const rowsAtMost = 10_000;

/** Refusals of one password, or of those that a person never had, that are not written yet. */
interface Pending {
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

/**
 * What follows a refusal, after the answer: the audit record, and the count that the owner reads.
 *
 * @param found the app password that it was, if it was one of this person's
 * @param durationMs how long the answer took, in milliseconds
 */
export async function noteRefusal(
  ports: Ports,
  reason: RefusalReason,
  person: PersonKey | null,
  found: Versioned<AppPassword> | undefined,
  origin: VerifyOrigin,
  durationMs: number,
  signal: AbortSignal,
): Promise<void> {
  const refusal = {
    event: 'verify.refused',
    person,
    appPassword: found?.id ?? null,
    ...origin,
    durationMs,
  } as const;
  if (reason === 'unknown-username' || reason === 'unknown-app-password') ports.wrong({ ...refusal, reason });
  else ports.audit.record({ ...refusal, reason });
  if (person !== null) {
    ports.pendingRefusals.add(person, found?.key ?? null, { at: ports.clock.now(), reason, ...origin });
  }
  await writeDueRefusals(ports, signal, found);
}

/**
 * Writes the counts whose time has come. A conflict puts one off by 15 minutes, and a fault all that are left.
 *
 * @param read an app password that was read a moment ago
 */
export async function writeDueRefusals(
  ports: Ports,
  signal: AbortSignal,
  read?: Versioned<AppPassword>,
): Promise<void> {
  const now = ports.clock.now();
  const due = ports.pendingRefusals.takeDue(now);
  for (const [index, pending] of due.entries()) {
    const { person, key } = pending;
    let mayWriteAt: number | undefined = now + writeEvery;
    try {
      const row =
        key === null ? await ports.passwords.profile(person, signal) : await passwordAt(person, key);
      // Of somebody who was erased nothing is noted.
      if (row === undefined || ('username' in row && isErased(row))) mayWriteAt = undefined;
      else if (row.refusals !== null && now - row.refusals.writtenAt < writeEvery)
        mayWriteAt = row.refusals.writtenAt + writeEvery;
      else if (
        await ports.passwords.refused(person, { row, refusals: addUp(row.refusals, pending, now) }, signal)
      )
        mayWriteAt = undefined;
    } catch (error) {
      for (const rest of due.slice(index + 1)) ports.pendingRefusals.postpone(rest, now + writeEvery);
      throw error;
    } finally {
      if (mayWriteAt !== undefined) ports.pendingRefusals.postpone(pending, mayWriteAt);
    }
  }

  async function passwordAt(person: PersonKey, key: PasswordKey) {
    return read?.key === key ? read : ports.passwords.find(person, key, signal);
  }
}

function addUp(before: Refusals | null, { count, recent }: Pending, writtenAt: number): Refusals {
  return {
    count: (before?.count ?? 0) + count,
    since: before?.since ?? recent.at(-1)?.at ?? writtenAt,
    writtenAt,
    recent: newest([...recent, ...(before?.recent ?? [])]),
  };
}

function newest(refusals: readonly Refusal[]): readonly Refusal[] {
  return refusals.toSorted((a, b) => b.at - a.at).slice(0, recentAtMost);
}
