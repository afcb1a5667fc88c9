import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../domain/clock.ts';
import { defaultPolicy, type Policy } from '../domain/policy/policy.ts';
import type { Policies } from '../domain/ports.ts';
import { Unavailable } from '../domain/unavailable.ts';
import type { Versioned } from '../domain/versioned.ts';
import { type Ages, Refreshed } from '../runtime/refreshed.ts';
import { answerUnless } from './answer.ts';
import { type Entity, policyPlace, readPolicy, writePolicy } from './rows.ts';

/** The version of a policy that was never written. */
const unwritten = 'default';

/** A change holds everywhere within 60 seconds, with the time that reading takes. */
export const ages: Ages = { refresh: 30_000, wait: 55_000, pauseAfterFailure: 1_000 };

/**
 * The administrator's policy, in the table `AppPasswords`.
 *
 * @param failed is told why it could not be read
 */
export function policiesIn(table: TableClient, clock: Clock, failed: (error: unknown) => void): Policies {
  const load = async (abortSignal: AbortSignal): Promise<Versioned<Policy>> => {
    const request = table.getEntity<Entity>(policyPlace.partitionKey, policyPlace.rowKey, { abortSignal });
    const row = await answerUnless([404], request);
    return row === undefined
      ? { ...defaultPolicy, version: unwritten }
      : { ...readPolicy(row), version: row.etag };
  };
  const refreshed = new Refreshed<Policy>((_, signal) => load(signal), { clock, failed, ages });

  return {
    async read(signal) {
      const { value, stale } = await refreshed.read(signal);
      if (stale) throw new Unavailable('the policy could not be read for a minute');
      return value;
    },

    stored: load,

    async write(policy, over, abortSignal) {
      const row = { ...policyPlace, ...writePolicy(policy) };
      const request =
        over === unwritten
          ? table.createEntity(row, { abortSignal })
          : table.updateEntity(row, 'Replace', { etag: over, abortSignal });
      try {
        const done = await answerUnless([404, 409, 412], request);
        return done?.etag === undefined ? undefined : { ...policy, version: done.etag };
      } finally {
        refreshed.forget();
      }
    },
  };
}
