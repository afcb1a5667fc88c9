import type { TableClient } from '@azure/data-tables';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../domain/clock.ts';
import { isNoHolder } from '../domain/person/person.ts';
import type { Usernames } from '../domain/ports.ts';
import { isKnown } from '../domain/username/former-username.ts';
import { keyOf, type UsernameKey } from '../domain/username/username.ts';
import type { FormerUsername, UsernameClaim, UsernameHolder } from '../domain/username/username-claim.ts';
import type { Versioned } from '../domain/versioned.ts';
import { answer, answerUnless } from './answer.ts';
import { type Entity, isPartitionKey, readClaim, writeClaim } from './rows.ts';

/** How long, in milliseconds, a username is remembered. */
export const remembered = 10_000;
const names = 10_000;

/**
 * The table `Usernames`, one partition a username. Verify looks usernames up through a cache that keeps known and unknown
 * ones alike for 10 seconds; whoever writes a username here drops it from this process's cache.
 */
export function usernamesIn(table: TableClient, clock: Clock): Usernames {
  const cache = new LRUCache<UsernameKey, { holder: UsernameHolder | undefined }>({
    max: names,
    ttl: remembered,
    ttlResolution: 0,
    perf: clock,
  });
  // A look-up that began before a write must not put the old holder back after it.
  let writes = 0;

  const read = async (key: UsernameKey, abortSignal: AbortSignal) => {
    const row = await answerUnless([404], table.getEntity<Entity>(key, key, { abortSignal }));
    return row && readClaim(row);
  };

  const written = async (key: UsernameKey, request: Promise<unknown>) => {
    try {
      return (await answerUnless([404, 409, 412], request)) !== undefined;
    } finally {
      writes++;
      cache.delete(key);
    }
  };

  return {
    async holder(key, signal) {
      const cached = cache.get(key);
      if (cached !== undefined) return cached.holder;
      const before = writes;
      const found = await read(key, signal);
      // A row that does not hold what its key says proves nothing.
      const isTrue = found !== undefined && keyOf(found.username) === key;
      const holder = isTrue ? holderIn(found, clock.now()) : undefined;
      if (writes === before) cache.set(key, { holder });
      return holder;
    },

    read: (username, signal) => read(keyOf(username), signal),

    write(claim, over, abortSignal) {
      const key = keyOf(claim.username);
      const row = { partitionKey: key, rowKey: key, ...writeClaim(claim) };
      const request =
        over === undefined
          ? table.createEntity(row, { abortSignal })
          : table.updateEntity(row, 'Merge', {
              etag: over.version,
              abortSignal,
            });
      return written(key, request);
    },

    remove({ username, version }, abortSignal) {
      const key = keyOf(username);
      return written(key, table.deleteEntity(key, key, { etag: version, abortSignal }));
    },

    async *former(abortSignal) {
      const queryOptions = { filter: "formerHolder gt ''" };
      const rows = table.listEntities<Entity>({ queryOptions, abortSignal })[Symbol.asyncIterator]();
      for (let row = await answer(rows.next()); !row.done; row = await answer(rows.next())) {
        const claim = readClaim(row.value);
        if (isFormer(claim)) yield claim;
      }
    },
  };
}

function holderIn(claim: UsernameClaim, now: number): UsernameHolder | undefined {
  const { person, username, aliasOf, former } = claim;
  if (!isNoHolder(person))
    return isPartitionKey(person) ? { person, username: aliasOf ?? username } : undefined;
  return former !== null && isKnown(former, now) ? { person: former.person, username: null } : undefined;
}

function isFormer(claim: Versioned<UsernameClaim>): claim is Versioned<FormerUsername> {
  return claim.former !== null;
}
