import { beforeEach, describe, expect, test } from 'vitest';
import type { AppPassword } from '../../shared/domain/app-password/app-password.ts';
import { erasePerson } from '../../shared/domain/person/erase.ts';
import { defaultPolicy } from '../../shared/domain/policy/policy.ts';
import { addCounts, type Counts, noCounts, Tally } from '../../shared/domain/report/counts.ts';
import { type Kept, reportOn } from '../../shared/domain/report/report.ts';
import { appPassword } from '../../testing/app-password.ts';
import { administrator, alice, bob, personOn, signal } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

const day = 24 * 3600_000;
const now = Date.UTC(2026, 10, 24);

describe('The counts at their limits', () => {
  const counted = (given: Partial<AppPassword>) => {
    const tally = new Tally(defaultPolicy, now);
    tally.createPassword(appPassword({ createdAt: now, ...given }));
    return tally.counts;
  };
  const used = (at: number) => ({ at, protocol: null, gateway: 'mail', clientAddress: null });

  test.each([
    ['created 30 days ago', { createdAt: now - 30 * day }, { createdWithin30Days: 1 }],
    [
      'a moment before',
      { createdAt: now - 30 * day - 1 },
      { createdWithin30Days: 0, createdWithin90Days: 1 },
    ],
    ['created 90 days ago', { createdAt: now - 90 * day }, { createdWithin90Days: 1 }],
    [
      'a moment before',
      { createdAt: now - 90 * day - 1 },
      { createdWithin90Days: 0, createdWithin365Days: 1 },
    ],
    ['created 365 days ago', { createdAt: now - 365 * day }, { createdWithin365Days: 1 }],
    ['a moment before', { createdAt: now - 365 * day - 1 }, { createdWithin365Days: 0, olderThan365Days: 1 }],
    ['created by a clock that is ahead', { createdAt: now + 1 }, { createdWithin30Days: 1 }],
    ['used 30 days ago', { lastUsed: used(now - 30 * day) }, { unused30Days: 0, neverUsed: 0 }],
    ['a moment before', { lastUsed: used(now - 30 * day - 1) }, { unused30Days: 1 }],
    ['used 90 days ago', { lastUsed: used(now - 90 * day) }, { unused90Days: 0 }],
    ['a moment before', { lastUsed: used(now - 90 * day - 1) }, { unused90Days: 1 }],
    ['used 365 days ago', { lastUsed: used(now - 365 * day) }, { unused365Days: 0 }],
    ['a moment before', { lastUsed: used(now - 365 * day - 1) }, { unused365Days: 1 }],
    ['expires in 30 days', { expiresAt: now + 30 * day }, { expiringIn30Days: 1, active: 1 }],
    ['a moment later', { expiresAt: now + 30 * day + 1 }, { expiringIn30Days: 0, active: 1 }],
    ['expires now', { expiresAt: now }, { expiringIn30Days: 0, active: 0, expired: 1 }],
    ['for no protocol', { protocols: [] }, { restricted: 1 }],
  ])('%s', (_, given, expected) => {
    expect(counted(given)).toMatchObject(expected);
  });
});

describe('The report', () => {
  let world: World;
  let instance: Instance;

  beforeEach(async () => {
    world = await memoryWorld();
    instance = instanceIn(world);
  });

  test('counts everybody, by what is kept of them', async () => {
    const [first, second] = [personOn(instance, alice), personOn(instance, bob)];
    const { secret } = await first.made();
    await first.made({ protocols: ['dav'] });
    await second.made();
    await first.opens(secret);
    await instance.settle();
    expect(await instance.app.report(undefined, signal)).toMatchObject({
      counts: {
        people: 2,
        peopleWithAppPasswords: 2,
        appPasswords: 3,
        active: 3,
        neverUsed: 2,
        restricted: 1,
        createdWithin30Days: 3,
        lastProtocols: { imap: 1 },
      },
      continuation: null,
    });
    await erasePerson(instance.ports, { actor: administrator, person: first.person }, signal);
    expect(await instance.app.report(undefined, signal)).toMatchObject({
      counts: { people: 1, appPasswords: 1 },
    });
  });

  test('comes in parts that add up, each as long as there is time', async () => {
    const kept: Kept[] = ['a', 'b', 'c'].map((person) => ({
      kind: 'profile',
      person: person as Kept['person'],
      profile: { username: `${person}@example.com` as never, account: 'enabled', count: 1 },
    }));
    const readPage = async (from: string | undefined) => {
      const index = Number(from ?? 0);
      const next = index + 1;
      return { kept: kept.slice(index, next), continuation: next < kept.length ? `${next}` : undefined };
    };
    // Each look at the clock is half a second later, so that two pages make a part.
    let time = now;
    const report = reportOn(readPage, instance.ports.policy, { now: () => (time += 500) });
    const parts: Counts[] = [];
    let continuation: string | undefined;
    do {
      const part = await report(continuation, signal);
      if (part === undefined) throw new Error('there is no part');
      parts.push(part.counts);
      continuation = part.continuation ?? undefined;
    } while (continuation !== undefined);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.reduce(addCounts, noCounts)).toMatchObject({ people: 3, peopleWithAppPasswords: 3 });
  });

  test('has no part that begins at what is no continuation', async () => {
    expect(await instance.app.report('x', signal)).toBeUndefined();
  });
});
