import type { Caller } from '../person/caller.ts';
import type { Ports } from '../ports.ts';
import { type AddRefusal, addPassword, type Created } from './create.ts';
import type { Request } from './new-app-password.ts';

export interface AlreadyRegistered {
  readonly kind: 'already-registered';
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
}

/**
 * Notes that the caller registered for two-step verification, and hands out the first app password: once in a life,
 * except that a repeat with the same idempotency key, after a lost answer, gets another one in its place.
 *
 * @throws Unavailable when storage or the pepper is away.
 */
export function register(
  ports: Ports,
  caller: Caller,
  request: Request,
  signal: AbortSignal,
): Promise<Created | AlreadyRegistered | AddRefusal> {
  return addPassword<AlreadyRegistered>(
    ports,
    caller,
    'register',
    request,
    signal,
    ({ profile }, earlier) => {
      const registeredAt = profile?.registeredAt ?? null;
      return registeredAt !== null && earlier === undefined
        ? { kind: 'already-registered', registeredAt }
        : undefined;
    },
    (profile) => ({ registeredAt: profile.registeredAt ?? ports.clock.now() }),
  );
}
