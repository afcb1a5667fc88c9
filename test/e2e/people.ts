import { expect } from 'vitest';
import { gateway, person } from '../../testing/api.ts';
import { target } from '../../testing/service.ts';

export const aliceName = 'alice@example.com';
export const bobName = 'bob@example.com';

/** The service that is tested, its gateway, and two people with what each of them has there. */
export async function aliceAndBob() {
  const service = await target();
  const alice = person(service.origin, await service.token(aliceName));
  const bob = person(service.origin, await service.token(bobName));
  return {
    service,
    alice,
    bob,
    mail: gateway(service.origin, service.gatewayKey),
    /** Leaves neither of them an app password. */
    async clear() {
      for (const one of [alice, bob]) expect((await one.removeAll()).status).toBe(200);
    },
  };
}
