import type { CountedGuesses } from '../domain/audit-record.ts';
import type { VerifyOrigin } from '../domain/gateway/gateway.ts';
import { networkOf } from '../domain/gateway/network.ts';
import type { Audit, Ports } from '../domain/ports.ts';

/** How long, in milliseconds, guesses are counted until they are recorded. */
const countFor = 60_000;
/** How many wrong app passwords of one gateway are records of their own in that time. */
const recordedSingly = 300;
/** How many networks of a gateway are told apart at once, and how many of them are recorded. */
const networksHeld = 1_000;
const networksTold = 10;

/** What came through one gateway for one reason since the last record. */
interface Counts extends Pick<CountedGuesses, 'gateway' | 'reason'> {
  /** How many were recorded by themselves. */
  singly: number;
  count: number;
  readonly networks: Map<string, number>;
}

export interface Guesses extends Pick<Ports, 'junk' | 'wrong'> {
  /** Records what was counted and is not recorded yet. */
  end(): void;
}

/**
 * Counts guesses for each gateway and network, as a stranger must neither fill the audit trail nor blind it. What
 * cannot be an app password is one record at once, then one for each minute. Of what nobody has, the first 300 of a
 * minute are records of their own, and the others one.
 */
export function countGuesses(audit: Pick<Audit, 'record'>): Guesses {
  const kinds = new Map<string, Counts>();

  function find(gateway: string, reason: Counts['reason']): Counts | undefined {
    return kinds.get(`${gateway} ${reason}`);
  }

  function begin(gateway: string, reason: Counts['reason']): Counts {
    const kind = `${gateway} ${reason}`;
    const counts: Counts = { gateway, reason, singly: 0, count: 0, networks: new Map() };
    kinds.set(kind, counts);
    setTimeout(() => {
      if (kinds.get(kind) !== counts) return;
      kinds.delete(kind);
      if (record(counts)) begin(gateway, reason);
    }, countFor).unref();
    return counts;
  }

  /** Records what was counted; false where nothing was. */
  function record(counts: Counts): boolean {
    const { gateway, reason, count, networks } = counts;
    if (count === 0) return false;
    const most = [...networks].sort(([, a], [, b]) => b - a).slice(0, networksTold);
    audit.record({
      event: 'verify.refused',
      reason,
      gateway,
      count,
      networks: most.map(([network, times]) => ({ network, count: times })),
    });
    counts.count = 0;
    networks.clear();
    return true;
  }

  return {
    junk(origin) {
      const counts = find(origin.gateway, 'not-an-app-password');
      if (counts !== undefined) return add(counts, origin);
      const first = begin(origin.gateway, 'not-an-app-password');
      add(first, origin);
      record(first);
    },
    wrong(refusal) {
      const { gateway, reason } = refusal;
      const counts = find(gateway, reason) ?? begin(gateway, reason);
      if (counts.singly === recordedSingly) return add(counts, refusal);
      counts.singly++;
      audit.record(refusal);
    },
    end() {
      for (const counts of kinds.values()) record(counts);
      kinds.clear();
    },
  };
}

function add(counts: Counts, { clientAddress }: Pick<VerifyOrigin, 'clientAddress'>): void {
  counts.count++;
  const network = clientAddress === null ? undefined : networkOf(clientAddress);
  if (network === undefined) return;
  const { networks } = counts;
  if (networks.has(network) || networks.size < networksHeld)
    networks.set(network, (networks.get(network) ?? 0) + 1);
}
