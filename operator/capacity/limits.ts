import type { Given } from './figures.ts';
import { type Demand, type Load, loadOf } from './load.ts';

/** How much of one limit a demand uses. */
export interface Limit {
  readonly name: LimitName;
  readonly used: number;
  readonly limit: number;
  readonly unit: string;
  /** From how many people on it is passed, all else the same; null where people do not matter. */
  readonly people: number | null;
  /** What to do then. */
  readonly remedy: string;
}

export type LimitName = 'partition' | 'account' | 'vault' | 'instances' | 'audit events' | 'audit volume';

const kinds: readonly {
  readonly name: LimitName;
  readonly unit: string;
  readonly used: (load: Load) => number;
  readonly limit: (demand: Demand, given: Given) => number;
  readonly remedy: string;
}[] = [
  {
    name: 'account',
    unit: 'operations a second, at the peak',
    used: ({ operations }) => operations.peak,
    limit: (_, { accountOperations }) => accountOperations,
    remedy: 'longer intervals or IMAP IDLE at the gateways; then Cosmos DB for Table',
  },
  {
    name: 'partition',
    unit: 'operations a second of the busiest person',
    used: ({ busiestPartition }) => busiestPartition,
    limit: (_, { partitionOperations }) => partitionOperations,
    remedy: 'a limit of requests for each person at the gateways: no person needs so many',
  },
  {
    name: 'vault',
    unit: 'reads in 10 s, when all instances start at once',
    used: ({ vault }) => vault.startIn10s,
    limit: (_, { vaultOperations }) => vaultOperations,
    remedy: 'fewer gateway keys, or always ready instances, so that fewer start at once',
  },
  {
    name: 'instances',
    unit: 'instances, at the peak',
    used: ({ instances }) => instances.peak,
    limit: ({ instances }, { regionalInstances }) => Math.min(instances, regionalInstances),
    remedy: 'allow the deployment more, up to 1,000; ask for a larger quota in the region',
  },
  {
    name: 'audit events',
    unit: 'events a second, at the peak',
    used: ({ telemetry }) => telemetry.peakEvents,
    limit: (_, { telemetryEvents }) => telemetryEvents,
    remedy: 'ask for more; records that are not taken are lost, and logged as lost',
  },
  {
    name: 'audit volume',
    unit: 'GB a day',
    used: ({ telemetry }) => telemetry.gbDay,
    limit: (_, { telemetryGbDay }) => telemetryGbDay,
    remedy: 'raise the daily cap before that day: beyond it the audit trail stops until the next',
  },
];

/** All limits, the one that is nearest first. Pure. */
export function limitsOf(demand: Demand, given: Given): Limit[] {
  const load = loadOf(demand, given);
  return kinds
    .map(({ name, unit, used, limit, remedy }) => {
      const most = limit(demand, given);
      const usedBy = (people: number) => used(loadOf({ ...demand, people }, given));
      return { name, unit, remedy, used: used(load), limit: most, people: firstBeyond(usedBy, most) };
    })
    .sort((a, b) => b.used / b.limit - a.used / a.limit);
}

const mankind = 1e10;

/** The smallest number of people whose use is beyond the limit; use never falls as people are added. */
function firstBeyond(usedBy: (people: number) => number, limit: number): number | null {
  if (usedBy(1) === usedBy(mankind) || usedBy(mankind) <= limit) return null;
  let [within, beyond] = [0, mankind];
  while (beyond - within > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (usedBy(middle) > limit) beyond = middle;
    else within = middle;
  }
  return beyond;
}
