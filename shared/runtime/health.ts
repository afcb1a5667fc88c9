import type { Ports } from '../domain/ports.ts';
import type { Username } from '../domain/username/username.ts';
import type { GatewayKeys } from '../key-vault/gateway-keys.ts';

const kept = 5_000;
const nobodysName = '\0health' as Username;

/**
 * Whether this instance can answer: it holds the pepper and the gateway keys, and both tables answer. A look at
 * them serves for 5 seconds, so that anybody may ask.
 *
 * @returns a function that throws Unavailable when it cannot.
 */
export function healthOf(
  ports: Pick<Ports, 'pepper' | 'usernames' | 'policy' | 'clock'>,
  gatewayKeys: GatewayKeys,
): (signal: AbortSignal) => Promise<void> {
  let look: { at: number; answer: Promise<unknown> } | undefined;
  return async (signal) => {
    await Promise.all([ports.pepper.read(signal), gatewayKeys.ready(signal)]);
    const now = ports.clock.now();
    if (look === undefined || now - look.at >= kept) {
      const answer = Promise.all([ports.usernames.read(nobodysName, signal), ports.policy.stored(signal)]);
      look = { at: now, answer };
    }
    await look.answer;
  };
}
