import { createHmac, createSecretKey } from 'node:crypto';
import type { SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../domain/clock.ts';
import type { Pepper, Peppers, PepperVersion } from '../domain/pepper.ts';
import { Unavailable } from '../domain/unavailable.ts';
import { Refreshed } from '../runtime/refreshed.ts';
import { readEnabled, type SecretVersion } from './secret-versions.ts';

/** The Key Vault secret that holds the pepper. */
export const pepperSecret = 'app-password-pepper';

/** How old, in milliseconds, a version must be before it is written under: by then every instance has read it. */
const writtenUnderAfter = 20 * 60_000;

interface Held {
  readonly secrets: readonly SecretVersion[];
  readonly versions: readonly PepperVersion[];
}

/**
 * The pepper: a key beside none of the data, under which passwords are hashed.
 *
 * @param failed is told why Key Vault could not be read
 */
export function pepperIn(vault: SecretClient, clock: Clock, failed: (error: unknown) => void): Pepper {
  const load = async (held: Held | undefined, signal: AbortSignal): Promise<Held> => {
    const secrets = await readEnabled(vault, { name: pepperSecret, known: held?.secrets }, signal);
    if (secrets.length === 0)
      throw new Unavailable('there is no pepper yet: make one with "npm run pepper -- init"');
    return { secrets, versions: secrets.map(pepperVersion) };
  };
  const refreshed = new Refreshed(load, { clock, failed });

  return {
    async read(signal): Promise<Peppers> {
      const { value, stale } = await refreshed.read(signal);
      const enabled = value.versions as Peppers['enabled'];
      const ripe = value.secrets.findIndex(({ createdAt }) => clock.now() - createdAt >= writtenUnderAfter);
      return { enabled, writing: enabled.at(ripe) as PepperVersion, stale };
    },
  };
}

/** A version of the pepper under which messages can be hashed. */
export function pepperVersion({ version, value }: Pick<SecretVersion, 'version' | 'value'>): PepperVersion {
  // Made once: to make it anew from bytes for each message takes longer than the hash.
  const key = createSecretKey(value);
  return { version, digest: (message) => createHmac('sha256', key).update(message).digest('base64url') };
}
