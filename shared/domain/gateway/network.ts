import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The network that a client's address is taken to belong to: /24 of IPv4, /48 of IPv6.
 *
 * @param address in its one spelling, as `originOf` and `remoteAddress` give it
 * @returns in CIDR notation, of IPv6 with its three groups also where they are 0
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return `${address.replace(/\d+$/, '0')}/24`;
  const groups = ipaddr.IPv6.parse(address).parts.slice(0, 3);
  return `${groups.map((group) => group.toString(16)).join(':')}::/48`;
}
