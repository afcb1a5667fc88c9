import { odata, type TableClient } from '@azure/data-tables';
import { LRUCache } from 'lru-cache';
import { networkOf } from '../domain/gateway/network.ts';
import type { Gateway } from '../domain/gateway/protocol.ts';
import { type Audit, type Clock, type Ports, Unavailable } from '../domain/ports.ts';
import { answer, answerUnless } from './answer.ts';

const partitionKey = 'gateways';
const networksHeld = 10_000;
/** How long, in milliseconds, a network is left alone that could not be noted. */
const pauseAfterFailure = 30_000;

/**
 * Notes from which networks the key of a gateway is used, after the answer, and records one from which it never was
 * before, until the audit trail has taken that: the key may have leaked. They are kept in the table `AppPasswords`, in
 * a partition beside those of the people.
 *
 * @param later runs a task after the answer
 * @returns notes the use of a gateway's key from an IP address; null where it is not known
 */
export function gatewayNetworksIn(
  table: TableClient,
  audit: Audit,
  later: Ports['later'],
  clock: Pick<Clock, 'now'>,
): (gateway: Gateway, address: string | null) => void {
  const known = new LRUCache<string, true>({ max: networksHeld, ttlResolution: 0, perf: clock });

  async function note(gateway: string, network: string, rowKey: string, abortSignal: AbortSignal) {
    const found = await answerUnless([404], table.getEntity(partitionKey, rowKey, { abortSignal }));
    if (found !== undefined) return;
    // A dot follows the name of this gateway, and comes before a slash.
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${`${gateway}.`} and RowKey lt ${`${gateway}/`}`;
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
    // A key of Table Storage holds no slash.
    const rowKey = `${gateway}.${network.replace('/', '-')}`;
    if (known.get(rowKey)) return;
    known.set(rowKey, true);
    later(async (signal) => {
      try {
        await note(gateway, network, rowKey, signal);
      } catch (error) {
        known.set(rowKey, true, { ttl: pauseAfterFailure });
        throw error;
      }
    });
  };
}
