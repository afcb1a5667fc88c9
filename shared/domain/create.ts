import { type AddRefusal, addPassword, type Created } from './app-password/create.ts';
import type { Request } from './app-password/new-app-password.ts';
import type { Caller } from './person/caller.ts';
import type { Ports } from './ports.ts';

/**
 * Creates an app password for the caller. It needs no registration.
 *
 * @throws Unavailable when storage or the pepper is away.
 */
export function createAppPassword(
  ports: Ports,
  caller: Caller,
  request: Request,
  signal: AbortSignal,
): Promise<Created | AddRefusal> {
  return addPassword(ports, caller, 'create', request, signal);
}
