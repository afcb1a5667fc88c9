import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { type Answer, persist } from '../../testing/api.ts';
import { type Service, startService } from '../../testing/service.ts';
import { draw, full, make, on, people, type Somebody, somebody, stored } from './model.ts';

const atOnce = 200;
const limit = 40;
/** People who storm at the same time. */
const crowd = full ? 3 : 1;

let service: Service;
let hosts: HostProcess[];
let known = 0;

beforeAll(async () => {
  service = await startService({ users: people(60) });
  hosts = [service.host, await service.anotherHost()];
});

afterAll(() => service.close());

/** People whom no other test knows. */
function strangers(count: number): Promise<Somebody[]> {
  return Promise.all(Array.from({ length: count }, () => somebody(service, known++)));
}

/** Somebody's calls on the two hosts. */
function onBoth(who: Somebody) {
  return hosts.map((host) => on(host, service, who)) as [ReturnType<typeof on>, ReturnType<typeof on>];
}

/** Sends `count` requests at once, to hosts that the seed picks; clients repeat what is answered with 503. */
function storm(
  who: Somebody,
  count: number,
  send: (me: ReturnType<typeof on>, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const me = onBoth(who);
  const picks = draw(
    fc.array(fc.nat({ max: 1 }), { minLength: count, maxLength: count }),
    known * 1_000 + count,
  );
  return Promise.all(picks.map((pick, index) => persist(() => send(me[pick as 0 | 1], index))));
}

const kinds = (answers: readonly Answer[]) => [
  ...new Set(answers.map(({ status, body }) => `${status} ${status === 409 ? body.type : ''}`.trim())),
];
const created = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 201);
const idsOf = (answers: readonly Answer[]): string[] => answers.map(({ body }) => body.id).sort();

/** Holds what is listed to what is stored. */
async function listed(who: Somebody): Promise<string[]> {
  const { appPasswords, remaining } = (await persist(onBoth(who)[0].list)).body;
  const ids: string[] = appPasswords.map(({ id }: { id: string }) => id).sort();
  const { count, live } = await stored(service, who);
  expect({ count, remaining, live: live.sort() }).toEqual({
    count: ids.length,
    remaining: limit - ids.length,
    live: ids,
  });
  return ids;
}

/** What both hosts say of each secret. */
async function verified(who: Somebody, secrets: readonly string[]): Promise<number[]> {
  const me = onBoth(who);
  return Promise.all(
    secrets.map(async (secret, i) => (await persist(() => me[(i % 2) as 0 | 1].verify(secret))).status),
  );
}

describe('The limit', () => {
  test('200 creates at once on two hosts leave exactly 40, every answered one works, and a second storm adds none', async () => {
    await Promise.all(
      (await strangers(crowd)).map(async (who) => {
        const seen: Answer[] = [];
        const answers = await storm(who, atOnce, async (me, i) => {
          const answer = await me.create(`Device ${i}`);
          seen.push(answer);
          return answer;
        });
        const allowed = ['201', '409 /problems/limit-reached', '503'];
        expect(allowed).toEqual(expect.arrayContaining(kinds(seen)));
        const ids = await listed(who);
        expect(ids).toHaveLength(limit);
        expect(ids).toEqual(expect.arrayContaining(idsOf(created(answers))));
        // A 503 may stand for a password that was made; only then fewer than 40 were handed out.
        const lost = limit - created(answers).length;
        expect(lost).toBeLessThanOrEqual(seen.filter(({ status }) => status === 503).length);
        const secrets = created(answers).map(({ body }) => body.password);
        expect(await verified(who, secrets)).toEqual(secrets.map(() => 200));

        const second = await storm(who, atOnce, (me, i) => me.create(`Another ${i}`));
        expect(kinds(second)).toEqual(['409 /problems/limit-reached']);
        expect(await listed(who)).toEqual(ids);
      }),
    );
  });

  test('200 clients of one host that repeat what is answered with 503 hear of nothing but 40 passwords and the limit', async () => {
    await Promise.all(
      (await strangers(crowd)).map(async (who) => {
        const [me] = onBoth(who);
        const answers = await Promise.all(
          Array.from({ length: atOnce }, (_, i) => {
            return make(me, `Device ${i}`);
          }),
        );
        expect(kinds(answers).sort()).toEqual(['201', '409 /problems/limit-reached']);
        expect(created(answers)).toHaveLength(limit);
        expect(await listed(who)).toEqual(idsOf(created(answers)));
      }),
    );
  });
});

describe('The first password', () => {
  test('200 registers at once on two hosts hand out exactly one', async () => {
    await Promise.all(
      (await strangers(crowd)).map(async (who) => {
        const again = Array.from({ length: atOnce }, () => ({ 'idempotency-key': crypto.randomUUID() }));
        const answers = await storm(who, atOnce, (me, i) => me.register(`Device ${i}`, again[i]));
        expect(kinds(answers).sort()).toEqual(['200', '201']);
        const given = created(answers);
        expect(given).toHaveLength(1);
        expect(await listed(who)).toEqual(idsOf(given));
        expect(await verified(who, [given[0]?.body.password])).toEqual([200]);
        const times = answers.flatMap(({ body }) => body.registeredAt ?? []);
        expect(new Set(times).size).toBe(1);
      }),
    );
  });
});

describe('One idempotency key', () => {
  const keys = 3;
  const repeats = full ? 16 : 8;
  const rounds = full ? 5 : 1;

  test.each(['create', 'register'] as const)(
    'repeats of one %s at once on two hosts leave one password, and of all secrets that were answered only its own works',
    async (operation) => {
      for (let round = 0; round < rounds; round++) {
        await Promise.all(
          (await strangers(2)).map(async (who) => {
            const some = Array.from({ length: operation === 'create' ? keys : 1 }, () => crypto.randomUUID());
            await Promise.all(some.map((key) => repeatAtOnce(who, operation, key)));
            expect(await listed(who)).toHaveLength(some.length);
          }),
        );
      }
    },
  );

  async function repeatAtOnce(who: Somebody, operation: 'create' | 'register', key: string) {
    const again = { 'idempotency-key': key };
    const seen: Answer[] = [];
    await storm(who, repeats, async (me, i) => {
      const answer = await me[operation](`${key} ${i}`, again);
      seen.push(answer);
      return answer;
    });
    expect(['201', '503']).toEqual(expect.arrayContaining(kinds(seen)));
    const { appPasswords } = (await persist(onBoth(who)[1].list)).body;
    const live = appPasswords.filter(({ name }: { name: string }) => name.startsWith(key));
    expect(live).toHaveLength(1);
    const works = created(seen).filter(({ body }) => body.id === live[0].id);
    // A 503 may stand for the one that is live.
    if (kinds(seen).length === 1) expect(works).toHaveLength(1);
    const secrets = created(seen).map(({ body }) => body.password);
    expect(await verified(who, secrets)).toEqual(
      created(seen).map((one) => (works.includes(one) ? 200 : 401)),
    );

    if (works.length > 0) return;
    const last = await persist(() => onBoth(who)[0][operation](key, again));
    expect(last.status).toBe(201);
    expect(await verified(who, [last.body.password])).toEqual([200]);
  }
});

describe('Last used', () => {
  const devices = 24;
  const rounds = full ? 6 : 1;

  /** Before which verify of a password its deletion is asked for, on which hosts, and who verifies. */
  const plan = fc.record({
    after: fc.nat({ max: 3 }),
    by: fc.constantFrom([0], [1], [0, 1], [1, 0]),
    verifiers: fc.array(fc.nat({ max: 1 }), { minLength: 2, maxLength: 4 }),
  });

  test('a use that is noted while its password is deleted brings nothing back, and no verify that starts after the 204 succeeds', async () => {
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        (await strangers(3)).map(async (who, index) => {
          const me = onBoth(who);
          const plans = draw(
            fc.array(plan, { minLength: devices, maxLength: devices }),
            round * 10 + index + 1,
          );
          const made = await Promise.all(plans.map((_, i) => make(me[(i % 2) as 0 | 1], `Device ${i}`)));
          await Promise.all(
            made.map(({ body }, i) => useAndDelete(who, body, plans[i] as (typeof plans)[number])),
          );
          await usesAreNoted(who);
          const { live, count } = await stored(service, who);
          expect([live, count]).toEqual([[], 0]);
          const secrets = made.map(({ body }) => body.password);
          expect(await verified(who, secrets)).toEqual(secrets.map(() => 401));
          expect(await listed(who)).toEqual([]);
        }),
      );
    }
  });

  async function useAndDelete(
    who: Somebody,
    { id, password }: { id: string; password: string },
    { after, by, verifiers }: typeof plan extends fc.Arbitrary<infer T> ? T : never,
  ) {
    const me = onBoth(who);
    let uses = 0;
    let deleting: Promise<unknown> | undefined;
    let deleted = false;
    const remove = () =>
      Promise.all(
        by.map(async (host) => {
          expect((await persist(() => me[host as 0 | 1].remove(id))).status).toBe(204);
          deleted = true;
        }),
      );
    await Promise.all(
      verifiers.map(async (host) => {
        // Until one that started after the deletion was answered.
        for (let isLast = false; !isLast; ) {
          if (uses++ >= after) deleting ??= remove();
          isLast = deleted;
          const { status } = await persist(() => me[host as 0 | 1].verify(password));
          expect(deleting === undefined ? [200] : isLast ? [401] : [200, 401]).toContain(status);
        }
      }),
    );
    await deleting;
  }

  /** Uses one more password on each host until the list shows it: what was to be noted before has had its turn. */
  async function usesAreNoted(who: Somebody) {
    for (const me of onBoth(who)) {
      const { id, password } = (await make(me, 'Last')).body;
      for (let noted = false; !noted; ) {
        await me.verify(password);
        const { appPasswords } = (await persist(me.list)).body;
        noted = appPasswords.find((one: { id: string }) => one.id === id).lastUsed !== null;
      }
      await persist(() => me.remove(id));
    }
  }
});
