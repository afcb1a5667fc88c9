import {
  type Created,
  type CreatePorts,
  type CreateRefusal,
  createPassword,
  type Operation,
  type Wanted,
} from './create.ts';

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
  ports: CreatePorts,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Created | AlreadyRegistered | CreateRefusal> {
  const registering: Operation<AlreadyRegistered> = {
    operation: 'register',
    instead({ profile }, earlier) {
      const registeredAt = profile?.registeredAt ?? null;
      return registeredAt !== null && earlier === undefined
        ? { kind: 'already-registered', registeredAt }
        : undefined;
    },
    note: (profile) => ({ registeredAt: profile.registeredAt ?? ports.clock.now() }),
  };
  return createPassword(ports, { ...wanted, ...registering }, signal);
}
