import type { AppPassword, LastUsed } from '../app-password/app-password.ts';
import { day, effective } from '../app-password/effective-state.ts';
import { type Protocol, protocols } from '../gateway/protocol.ts';
import { isErased, type Profile } from '../person/profile.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * How the tenant's app passwords stand. Everything in it is a number of things, so that the counts of two parts of the
 * tenant add up to those of both.
 */
export interface Counts {
  readonly people: number;
  readonly disabledPeople: number;
  readonly peopleWithAppPasswords: number;
  /** Those that are not deleted. */
  readonly appPasswords: number;
  readonly active: number;
  readonly suspended: number;
  readonly expired: number;
  readonly neverUsed: number;
  /** Used once, but not within so many days. */
  readonly unused30Days: number;
  readonly unused90Days: number;
  readonly unused365Days: number;
  readonly expiringIn30Days: number;
  readonly createdWithin30Days: number;
  readonly createdWithin90Days: number;
  readonly createdWithin365Days: number;
  readonly olderThan365Days: number;
  /** Those that are not for every protocol. */
  readonly restricted: number;
  /** App passwords that were refused, also deleted ones, and how often in all. */
  readonly refused: number;
  readonly refusals: number;
  /** Used ones, by the protocol of the last use. */
  readonly lastProtocols: Readonly<Record<Protocol | 'unknown', number>>;
}

/** The counts of nothing. */
export const noCounts: Counts = {
  people: 0,
  disabledPeople: 0,
  peopleWithAppPasswords: 0,
  appPasswords: 0,
  active: 0,
  suspended: 0,
  expired: 0,
  neverUsed: 0,
  unused30Days: 0,
  unused90Days: 0,
  unused365Days: 0,
  expiringIn30Days: 0,
  createdWithin30Days: 0,
  createdWithin90Days: 0,
  createdWithin365Days: 0,
  olderThan365Days: 0,
  restricted: 0,
  refused: 0,
  refusals: 0,
  lastProtocols: {
    ...(Object.fromEntries(protocols.map((name) => [name, 0])) as Record<Protocol, number>),
    unknown: 0,
  },
};

/** The counts of two parts together. */
export function addCounts(a: Counts, b: Counts): Counts {
  const sum = <T extends object>(x: T, y: T): T =>
    Object.fromEntries(
      Object.entries(x).map(([name, value]) => {
        const other = (y as Record<string, unknown>)[name];
        return [name, typeof value === 'number' ? value + (other as number) : sum(value, other as object)];
      }),
    ) as T;
  return sum(a, b);
}

/** What of a profile, and of an app password, the report looks at. */
export type CountedProfile = Pick<Profile, 'username' | 'account' | 'count'>;
export type CountedPassword = Omit<AppPassword, 'deletedAt' | 'proof' | 'requestKey'>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends number ? number : Mutable<T[K]> };

/** Counts in place, as a report looks at tens of thousands of rows. */
export class Tally {
  readonly #policy: Policy;
  readonly #now: number;
  readonly #counts: Mutable<Counts> = structuredClone(noCounts);

  /** @param now the moment at which everything is looked at, in milliseconds since the epoch */
  constructor(policy: Policy, now: number) {
    this.#policy = policy;
    this.#now = now;
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** Counts one person; somebody who was erased counts no more. */
  addProfile(profile: CountedProfile): void {
    if (isErased(profile)) return;
    const { account, count } = profile;
    this.#counts.people++;
    if (account === 'disabled') this.#counts.disabledPeople++;
    if (count > 0) this.#counts.peopleWithAppPasswords++;
  }

  /** Counts one app password; of a deleted one only the refusals. @returns it as it stands under the policy. */
  createPassword(password: CountedPassword): CountedPassword {
    const stood = effective(password, this.#policy, this.#now);
    const counts = this.#counts;
    if (stood.refusals !== null) {
      counts.refused++;
      counts.refusals += stood.refusals.count;
    }
    if (stood.state === 'deleted') return stood;
    counts.appPasswords++;
    counts[stood.state]++;
    counts[ageGroup(this.#now - stood.createdAt)]++;
    if (stood.protocols !== null) counts.restricted++;
    if (this.#isExpiring(stood)) counts.expiringIn30Days++;
    this.#addUse(stood.lastUsed);
    return stood;
  }

  #isExpiring({ state, expiresAt }: CountedPassword): boolean {
    return state !== 'expired' && expiresAt !== null && expiresAt - this.#now <= 30 * day;
  }

  #addUse(lastUsed: LastUsed | null): void {
    const counts = this.#counts;
    if (lastUsed === null) {
      counts.neverUsed++;
      return;
    }
    const unused = this.#now - lastUsed.at;
    if (unused > 30 * day) counts.unused30Days++;
    if (unused > 90 * day) counts.unused90Days++;
    if (unused > 365 * day) counts.unused365Days++;
    counts.lastProtocols[lastUsed.protocol ?? 'unknown']++;
  }
}

function ageGroup(age: number) {
  if (age <= 30 * day) return 'createdWithin30Days';
  if (age <= 90 * day) return 'createdWithin90Days';
  return age <= 365 * day ? 'createdWithin365Days' : 'olderThan365Days';
}
