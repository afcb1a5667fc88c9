import type { AppPassword, Profile } from './person.ts';
import type { Policy } from './policy.ts';
import { type Protocol, protocols } from './protocol.ts';
import { day, standing } from './standing.ts';

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

/** The counts of one person's profile; somebody who was erased counts no more. */
export function countProfile({ username, account, count }: Profile): Counts {
  if (username === '') return noCounts;
  return {
    ...noCounts,
    people: 1,
    disabledPeople: Number(account === 'disabled'),
    peopleWithAppPasswords: Number(count > 0),
  };
}

/** The counts of one app password, as it stands at that moment. */
export function countPassword(password: AppPassword, policy: Policy, now: number): Counts {
  const { state, createdAt, lastUsed, expiresAt, protocols, refusals } = standing(password, policy, now);
  const counts = { ...noCounts, refused: Number(refusals !== null), refusals: refusals?.count ?? 0 };
  if (state === 'deleted') return counts;
  const age = (now - createdAt) / day;
  const unused = lastUsed === null ? -1 : (now - lastUsed.at) / day;
  const isExpiring = state !== 'expired' && expiresAt !== null && expiresAt - now <= 30 * day;
  return {
    ...counts,
    appPasswords: 1,
    [state]: 1,
    neverUsed: Number(lastUsed === null),
    unused30Days: Number(unused > 30),
    unused90Days: Number(unused > 90),
    unused365Days: Number(unused > 365),
    expiringIn30Days: Number(isExpiring),
    [age <= 30
      ? 'createdWithin30Days'
      : age <= 90
        ? 'createdWithin90Days'
        : age <= 365
          ? 'createdWithin365Days'
          : 'olderThan365Days']: 1,
    restricted: Number(protocols !== null),
    ...(lastUsed && {
      lastProtocols: { ...noCounts.lastProtocols, [lastUsed.protocol ?? 'unknown']: 1 },
    }),
  };
}
