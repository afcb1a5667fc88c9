import { isIP } from 'node:net';
import type { HttpRequest } from '@azure/functions';
import type { VerifyOrigin } from '../domain/ports.ts';
import { type Gateway, protocolOf } from '../domain/protocol.ts';

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

/** An IP address, with or without a port after it; null for anything else, also one with a zone of the gateway's own. */
function parseAddress(text: string): string | null {
  const trimmed = text.trim();
  const withoutPort = trimmed.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return [trimmed, withoutPort].find((address) => isIP(address) !== 0 && !address.includes('%')) ?? null;
}
