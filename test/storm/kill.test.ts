import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import type { Answer } from '../../testing/api.ts';
import { type Service, startService } from '../../testing/service.ts';
import { startTableProxy, type TableProxy } from '../../testing/table-proxy.ts';
import {
  type Entry,
  expectAsModelled,
  full,
  type Heard,
  on,
  PersonModel,
  people,
  type Somebody,
  seed,
  somebody,
} from './model.ts';
import { step, take } from './worker.ts';

const kills = full ? 50 : 3;
const persons = 4;
/** At the same time for each person, half of them on each of two hosts. */
const workers = 4;

let service: Service;
let proxy: TableProxy;
let hosts: HostProcess[];
let crowd: (Somebody & { model: PersonModel })[];
/** What each worker made lately. */
const belongings: Entry[][] = Array.from({ length: persons * workers }, () => []);

beforeAll(async () => {
  service = await startService({
    users: people(persons),
    settings: async (stack) => {
      proxy = await startTableProxy(stack.tables);
      return { TABLES_CONNECTION_STRING: proxy.connectionString };
    },
  });
  hosts = [service.host, await service.anotherHost()];
  crowd = await Promise.all(
    Array.from({ length: persons }, async (_, i) => ({
      ...(await somebody(service, i)),
      model: new PersonModel(),
    })),
  );
});

afterAll(async () => {
  await service.close();
  await proxy.close();
});

const storm = fc.record({
  victim: fc.nat({ max: 1 }),
  /** The storage request at which it dies, and whether that request still gets through. */
  at: fc.nat({ max: 250 }),
  passes: fc.boolean(),
  plans: fc.array(fc.array(step, { minLength: 10, maxLength: 10 }), {
    minLength: persons * workers,
    maxLength: persons * workers,
  }),
});

test(`${kills} kills of a host in a storm leave nothing in half: what was answered holds, what was not is all there or not at all`, {
  timeout: 300_000,
}, async () => {
  let unanswered = 0;
  const property = fc.asyncProperty(storm, async ({ victim, at, passes, plans }) => {
    const doomed = hosts[victim] as HostProcess;
    let killed = false;
    const kill = () => {
      killed = true;
      process.kill(doomed.pid, 'SIGKILL');
    };
    proxy.fate((index) => {
      if (index !== at) return 'pass';
      kill();
      return passes ? 'pass' : 'cut';
    });
    await Promise.all(
      plans.map(async (plan, index) => {
        const who = crowd[index % persons] as (typeof crowd)[number];
        const host = hosts[Math.floor(index / persons) % 2] as HostProcess;
        const me = on(host, service, who);
        let alive = true;
        const heard = (request: Promise<Answer>): Promise<Heard> =>
          request.catch((error: unknown) => {
            const isLost = error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message);
            if (!isLost || !killed || host !== doomed) throw error;
            alive = false;
            unanswered++;
            return undefined;
          });
        const own = belongings[index] as Entry[];
        for (const next of plan) if (alive) await take(next, own, who.model, me, heard);
      }),
    );
    proxy.fate(() => 'pass');
    if (!killed) kill();
    await doomed.exited;
    hosts[victim] = await service.anotherHost();

    belongings.forEach((own, index) => {
      belongings[index] = own.filter((entry, i) => entry.live !== false || i >= own.length - 6);
    });
    const revived = hosts[victim] as HostProcess;
    await Promise.all(
      crowd.map(async ({ model, ...who }, number) => {
        // Whoever got no answer asks again with the same key, after every other kill: the rest shows what a kill leaves.
        const me = on(revived, service, who);
        for (const own of belongings.filter((_, index) => at % 2 === 1 && index % persons === number)) {
          const open = own.filter(({ live, key }) => live === undefined && key !== undefined);
          const last = open.at(-1);
          if (last !== undefined) own.push(await model.create(last.operation, last.key, me[last.operation]));
        }
        await expectAsModelled(model, service, who, [revived, hosts[1 - victim] as HostProcess]);
      }),
    );
  });
  await fc.assert(property, { seed, numRuns: kills, endOnFailure: true });
  expect(unanswered).toBeGreaterThan(kills);

  // Once more all that ever was deleted, long after.
  for (const { model, ...who } of crowd) {
    for (const entry of model.entries) entry.refused &&= model.entries.indexOf(entry) % 10 !== 0;
    await expectAsModelled(model, service, who, hosts);
  }
});
