import type { GoesOnWith } from '../username/username.ts';

/** The protocols that a gateway can speak for. */
export const protocols = ['imap', 'pop3', 'smtp', 'sieve', 'eas', 'dav', 'radius', 'ldap'] as const;

export type Protocol = (typeof protocols)[number];

/** Reads the name of a protocol in any case; `submission` is `smtp`. Undefined for a name that is not known. */
export function parseProtocol(given: string): Protocol | undefined {
  const name = given.trim().toLowerCase();
  return protocols.find((protocol) => protocol === (name === 'submission' ? 'smtp' : name));
}

/** A gateway that proved itself: its name, the protocols that it may speak for, and the username that it goes on with. */
export interface Gateway {
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly goesOnWith: GoesOnWith;
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
