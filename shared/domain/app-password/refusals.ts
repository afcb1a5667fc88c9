import type { VerifyOrigin } from '../gateway/gateway.ts';
import type { PersonKey } from '../person/person.ts';
import { isErased } from '../person/profile.ts';
import type { Ports } from '../ports.ts';
import type { Versioned } from '../versioned.ts';
import type { AppPassword, PasswordKey, RefusalReason, Refusals } from './app-password.ts';
import { newest, type Pending, writeEvery } from './pending-refusals.ts';

/** What counting refusals needs. */
export type RefusalPorts = Pick<Ports, 'passwords' | 'clock' | 'pendingRefusals'>;

/** Credentials that were refused. */
export interface Refused {
  readonly reason: RefusalReason;
  readonly person: PersonKey | null;
  /** The app password that it was, if it was one of this person's. */
  readonly found: Versioned<AppPassword> | undefined;
  readonly origin: VerifyOrigin;
  /** How long the answer took, in milliseconds. */
  readonly durationMs: number;
}

/** What follows a refusal, after the answer: the audit record, and the count that the owner reads. */
export async function noteRefusal(
  ports: RefusalPorts & Pick<Ports, 'audit' | 'wrong'>,
  { reason, person, found, origin, durationMs }: Refused,
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
  ports: RefusalPorts,
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
