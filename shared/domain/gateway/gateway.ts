import type { GoesOnWith } from '../username/username.ts';
import { type Protocol, parseProtocol } from './protocol.ts';

/** A gateway that proved itself: its name, the protocols that it may speak for, and the username that it goes on with. */
export interface Gateway {
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly goesOnWith: GoesOnWith;
}

/** Where a username and password came from, as the gateway says. */
export interface VerifyOrigin {
  /** The gateway's name. */
  readonly gateway: string;
  readonly protocol: Protocol | null;
  readonly clientAddress: string | null;
}

/**
 * The protocol of one request. What the request names only chooses among those that the gateway may speak for;
 * a gateway with one protocol speaks that one by default.
 *
 * @returns the protocol, or null where it is missing, unknown or not among them.
 */
export function protocolOf(gateway: Gateway, named: string | undefined): Protocol | null {
  if (named === undefined || named === '')
    return gateway.protocols.length === 1 ? (gateway.protocols[0] ?? null) : null;
  const protocol = parseProtocol(named);
  return protocol !== undefined && gateway.protocols.includes(protocol) ? protocol : null;
}
