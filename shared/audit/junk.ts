import type { Audit, Ports } from '../domain/ports.ts';
import { networkOf } from '../gateway/networks.ts';

/** How long, in milliseconds, junk is counted until it is recorded. */
const countFor = 60_000;
/** How many networks of a gateway are told apart at once, and how many of them are recorded. */
const networksHeld = 1_000;
const networksTold = 10;

/** What came through one gateway since the last record. */
interface Counts {
  count: number;
  readonly networks: Map<string, number>;
}

export interface Junk {
  readonly count: Ports['junk'];
  /** Records what was counted and is not recorded yet. */
  end(): void;
}

/**
 * Counts what cannot be an app password, for each gateway and network: the first one is recorded at once, then what came
 * in each minute as one record, as a stranger must neither fill the audit trail nor blind it.
 */
export function countJunk(audit: Pick<Audit, 'record'>): Junk {
  const gateways = new Map<string, Counts>();

  function record(gateway: string, { count, networks }: Counts): void {
    const most = [...networks].sort(([, a], [, b]) => b - a).slice(0, networksTold);
    audit.record({
      event: 'verify.refused',
      reason: 'not-an-app-password',
      gateway,
      count,
      networks: most.map(([network, times]) => ({ network, count: times })),
    });
  }

  function begin(gateway: string): void {
    gateways.set(gateway, { count: 0, networks: new Map() });
    setTimeout(() => {
      const counts = gateways.get(gateway);
      gateways.delete(gateway);
      if (counts === undefined || counts.count === 0) return;
      record(gateway, counts);
      begin(gateway);
    }, countFor).unref();
  }

  return {
    count({ gateway, clientAddress }) {
      const network = clientAddress === null ? undefined : networkOf(clientAddress);
      const counts = gateways.get(gateway);
      if (counts === undefined) {
        record(gateway, { count: 1, networks: new Map(network === undefined ? [] : [[network, 1]]) });
        return begin(gateway);
      }
      counts.count++;
      if (network === undefined) return;
      const { networks } = counts;
      if (networks.has(network) || networks.size < networksHeld)
        networks.set(network, (networks.get(network) ?? 0) + 1);
    },
    end() {
      for (const [gateway, counts] of gateways) if (counts.count > 0) record(gateway, counts);
      gateways.clear();
    },
  };
}
