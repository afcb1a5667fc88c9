import { hash } from 'node:crypto';
import type { Protocol } from '../gateway/protocol.ts';
import type { Caller } from '../person/caller.ts';
import type { Ports } from '../ports.ts';
import { Unavailable } from '../unavailable.ts';
import { type AppPassword, passwordKey } from './app-password.ts';
import { day } from './effective-state.ts';
import { formatPassword, generatePassword } from './password.ts';

/** A new app password, made once for a request, and tried until it is stored. */
export interface Generated {
  readonly appPassword: AppPassword;
  /** The password as people read it: five groups of four letters. */
  readonly password: string;
}

/** What a request for a new app password says. */
export interface NewAppPassword {
  readonly name: string;
  /** When it is to stop working by itself. */
  readonly expiresAt: number | null;
  /** After how many days it is to stop working by itself; null where `expiresAt` says when, and for never. */
  readonly lifetimeDays: number | null;
  /** The only protocols that it is to be for. */
  readonly protocols: readonly Protocol[] | null;
  /** A UUID by which a repeat after a lost answer is recognized. */
  readonly idempotencyKey: string | undefined;
}

/**
 * Makes the password of a request for `operation`.
 *
 * @throws Unavailable where the pepper is not known well enough to write under it.
 */
export async function generateAppPassword(
  ports: Pick<Ports, 'pepper' | 'random' | 'clock'>,
  {
    caller: { person, proof },
    operation,
    wanted: { name, expiresAt, lifetimeDays, protocols, idempotencyKey },
  }: {
    readonly caller: Pick<Caller, 'person' | 'proof'>;
    readonly operation: 'create' | 'register';
    readonly wanted: NewAppPassword;
  },
  signal: AbortSignal,
): Promise<Generated> {
  const peppers = await ports.pepper.read(signal);
  if (peppers.stale) throw new Unavailable('the list of peppers is too old to write under');
  const password = generatePassword(ports.random);
  const createdAt = ports.clock.now();
  return {
    password: formatPassword(password),
    appPassword: {
      key: passwordKey(peppers.writing, person, password),
      id: ports.random.uuid(),
      name,
      createdAt,
      expiresAt: lifetimeDays === null ? expiresAt : createdAt + lifetimeDays * day,
      protocols,
      state: 'active',
      suspendedFor: [],
      deletedAt: null,
      revivedAt: null,
      lastUsed: null,
      refusals: null,
      proof,
      requestKey:
        idempotencyKey === undefined
          ? null
          : requestKey(`${operation}\0${person}\0${idempotencyKey.toLowerCase()}`),
    },
  };
}

function requestKey(text: string): string {
  return hash('sha256', text, 'base64url');
}
