import { odata, type TableClient } from '@azure/data-tables';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/clock.ts';
import type { Gateway } from '../domain/gateway/gateway.ts';
import { networkOf } from '../domain/gateway/network.ts';
import type { Ports } from '../domain/ports.ts';
import { Unavailable } from '../domain/unavailable.ts';
import { answer, answerUnless } from './answer.ts';
import { networkPlace } from './rows.ts';

const { partitionKey } = networkPlace;
const networksHeld = 10_000;
/** How long, in milliseconds, a network is left alone that could not be noted. */
const pauseAfterFailure = 30_000;

/**
 * Notes from which networks the key of a gateway is used, after the answer, and records one from which it never was
 * before, until the audit trail has taken that: the key may have leaked. They are kept in the table `AppPasswords`, in
 * a partition beside those of the people.
 *
 * @returns notes the use of a gateway's key from an IP address; null where it is not known
 */
export function gatewayNetworksIn(
  table: TableClient,
  { audit, later, clock }: Pick<Ports, 'audit' | 'later'> & { readonly clock: Pick<Clock, 'now'> },
): (gateway: Gateway, address: string | null) => void {
  const known = new LRUCache<string, true>({ max: networksHeld, ttlResolution: 0, perf: clock });

  async function note(gateway: string, network: string, abortSignal: AbortSignal) {
    const rowKey = networkPlace.rowKey(gateway, network);
    const found = await answerUnless([404], table.getEntity(partitionKey, rowKey, { abortSignal }));
    if (found !== undefined) return;
    const { from, to } = networkPlace.range(gateway);
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${from} and RowKey lt ${to}`;
    const others = table.listEntities({ queryOptions: { filter }, abortSignal });
    const isFirst = (await answer(others.next())).done === true;
    audit.record({ event: 'gateway.new-network', gateway, network, isFirst });
    // Once the row is there, nobody records it again.
    if (!(await audit.flush())) throw new Unavailable('the record of a new network was not taken');
    await answerUnless([409], table.createEntity({ partitionKey, rowKey }, { abortSignal }));
  }

  return ({ name: gateway }, address) => {
    if (address === null) return;
    const network = networkOf(address);
    const rowKey = networkPlace.rowKey(gateway, network);
    if (known.get(rowKey)) return;
    known.set(rowKey, true);
    later(async (signal) => {
      try {
        await note(gateway, network, signal);
      } catch (error) {
        known.set(rowKey, true, { ttl: pauseAfterFailure });
        throw error;
      }
    });
  };
}
