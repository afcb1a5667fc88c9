import { isIP, isIPv4, SocketAddress } from 'node:net';
import type { HttpRequest } from '@azure/functions';
import { type Gateway, protocolOf, type VerifyOrigin } from '../domain/gateway/gateway.ts';

/**
 * Where credentials come from, as a gateway whose key was right says: in the JSON body, in `X-Protocol` and
 * `X-Client-Address`, or in the headers that Dovecot sends. Never from `X-Forwarded-For`, which anybody can write.
 */
export function originOf(
  request: HttpRequest,
  gateway: Gateway,
  body: { readonly protocol?: string | undefined; readonly clientAddress?: string | undefined } = {},
): VerifyOrigin {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  const protocol = body.protocol ?? header('x-protocol') ?? header('x-dovecot-auth-service');
  const address = body.clientAddress ?? header('x-client-address') ?? header('x-dovecot-auth-remote');
  return {
    gateway: gateway.name,
    protocol: protocolOf(gateway, protocol),
    clientAddress: address === undefined ? null : parseAddress(address),
  };
}

/**
 * The address that asked, where the platform says it: its front end appends it to `X-Forwarded-For`. What comes before
 * that, or all of it where no front end is, anybody can write; so it may raise a question, and never answers one.
 */
export function remoteAddress(request: HttpRequest): string | null {
  const last = request.headers.get('x-forwarded-for')?.split(',').at(-1);
  return last === undefined ? null : parseAddress(last);
}

/**
 * An IP address, with or without a port after it, in its one spelling: that of RFC 5952, and as IPv4 where it is mapped
 * into IPv6. A zone is the gateway's own, and left out.
 *
 * @returns null for anything else, also a link-local address with a zone, which is nothing without it (RFC 4007)
 */
function parseAddress(text: string): string | null {
  const trimmed = text.trim();
  const withoutPort = trimmed.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  const given = [trimmed, withoutPort].find((address) => isIP(address) !== 0);
  if (given === undefined || isIPv4(given)) return given ?? null;
  const [withoutZone = '', zone] = given.split('%', 2);
  const { address } = new SocketAddress({ address: withoutZone, family: 'ipv6' });
  if (zone !== undefined && /^fe[89ab]/.test(address)) return null;
  return address.replace(/^::ffff:(?=\d+\.)/, '');
}
