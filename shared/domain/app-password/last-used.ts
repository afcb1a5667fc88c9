import type { VerifyOrigin } from '../gateway/gateway.ts';
import { touch } from '../person/change.ts';
import type { PersonKey } from '../person/person.ts';
import type { Ports } from '../ports.ts';
import type { Versioned } from '../versioned.ts';
import type { AppPassword, LastUsed, PasswordKey } from './app-password.ts';
import { type RefusalPorts, writeDueRefusals } from './refusals.ts';

/** How often, in milliseconds, the last use of a password is noted at most. */
export const noteEvery = 15 * 60_000;

/** What noting a use needs. */
export type UsePorts = RefusalPorts & Pick<Ports, 'audit' | 'queue'>;

/** An app password that was accepted. */
export interface Use {
  readonly person: PersonKey;
  readonly password: Versioned<AppPassword>;
  /** Where it belongs, if it lies under an older pepper than new passwords do. */
  readonly moveTo: PasswordKey | undefined;
  readonly origin: VerifyOrigin;
  /** How long the answer took, in milliseconds. */
  readonly durationMs: number;
}

/**
 * What follows an accepted password, after the answer: the audit record, the move under the newest pepper where it
 * lies under an older one, and `last used`, at most once in 15 minutes. A conflict or a fault drops both: the next use
 * does it, and a delete that runs at the same time wins.
 */
export async function noteUse(
  ports: UsePorts,
  { person, password, moveTo, origin, durationMs }: Use,
  signal: AbortSignal,
): Promise<void> {
  ports.audit.record({
    event: 'verify.accepted',
    person,
    appPassword: password.id,
    ...origin,
    durationMs,
  });
  const now = ports.clock.now();
  const { gateway, protocol, clientAddress } = origin;
  const lastUsed: LastUsed = { at: now, gateway, protocol, clientAddress };
  if (moveTo !== undefined) {
    // One after the other, as those of several devices at once would stop each other by the profile's version.
    const isMoved = await ports.queue(person, async () => {
      const profile = await ports.passwords.profile(person, signal);
      if (profile === undefined) return false;
      const move = { password, to: moveTo, lastUsed };
      return ports.passwords.commit(person, { profile: touch(profile), move }, signal);
    });
    if (isMoved) ports.audit.record({ event: 'app-password.rewritten', person, appPassword: password.id });
  } else if (password.lastUsed === null || now - password.lastUsed.at >= noteEvery) {
    await ports.passwords.used(person, { password, lastUsed }, signal);
  }
  await writeDueRefusals(ports, signal);
}
