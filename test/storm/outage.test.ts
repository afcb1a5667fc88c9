import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { serve } from '../../shared/app.ts';
import type { App } from '../../shared/composition.ts';
import { forAnyone } from '../../shared/http/handlers.ts';
import { type Answer, gateway, persist, strangePassword } from '../../testing/api.ts';
import { quietPorts } from '../../testing/ports.ts';
import { type Service, startService } from '../../testing/service.ts';
import { type Mode, startTcpProxy, type TcpProxy, tablePort, through } from '../../testing/tcp-proxy.ts';
import { startWorldClock, type WorldClock } from '../../testing/world-clock.ts';
import {
  draw,
  type Entry,
  expectAsModelled,
  full,
  type Heard,
  make,
  on,
  PersonModel,
  people,
  somebody,
} from './model.ts';
import { type Step, step, take } from './worker.ts';

/** What clients wait for an answer, in milliseconds, at the most. */
const deadline = 3_000;
/** The last one comes ten times as late as anybody waits for it, and then it comes. */
const outages: Mode[] = ['away', 'hang', 'lose', 'half-close', { delay: full ? 30_000 : 6_000 }];
const persons = full ? 6 : 2;
/** How many answers each of those who ask hears before the weather changes. */
const answersInEach = full ? 6 : 2;

let clock: WorldClock;
let service: Service;
let tables: TcpProxy;
let vault: TcpProxy;
let hosts: readonly [HostProcess, HostProcess];
let known = 0;

beforeAll(async () => {
  clock = startWorldClock();
  service = await startService({
    users: people(100),
    vaultNow: clock.now,
    settings: async (stack) => {
      tables = await startTcpProxy(tablePort(stack.tables));
      vault = await startTcpProxy(Number(new URL(stack.settings.KEY_VAULT_URL as string).port));
      return {
        ...clock.settings,
        TABLES_CONNECTION_STRING: through(tables, stack.tables),
        KEY_VAULT_URL: `https://127.0.0.1:${vault.port}`,
      };
    },
  });
  hosts = [service.host, await service.anotherHost()];
});

beforeEach(() => heal());

afterAll(async () => {
  await service.close();
  tables.close();
  vault.close();
  clock.close();
});

function heal() {
  tables.mode('pass');
  vault.mode('pass');
}

/** Sends a request; whatever becomes of it, its answer comes in time, and a fault says when to try again. */
async function timely(request: () => Promise<Answer>): Promise<Answer> {
  const since = performance.now();
  const answer = await request();
  expect(performance.now() - since).toBeLessThan(deadline);
  if (answer.status === 503) expect(answer.headers.get('retry-after')).toBe('5');
  return answer;
}

/** Somebody with a password that works, one that was deleted, and a model of all that comes. */
async function owner() {
  const who = await somebody(service, known++);
  const me = on(hosts[0], service, who);
  const model = new PersonModel();
  const create = () => model.create('create', undefined, (name) => make(me, name));
  const [kept, gone] = [await create(), await create()];
  await model.remove(gone, (id) => persist(() => me.remove(id)));
  return { ...who, model, kept: kept.secret as string, gone: gone.secret as string };
}
type Owner = Awaited<ReturnType<typeof owner>>;

/** What a gateway may hear in the worst weather, of each kind of credentials. */
function checks(host: HostProcess, { username, kept, gone }: Owner) {
  const { verify } = gateway(host.origin, service.gatewayKey);
  return [
    [() => verify(username, kept), [200, 503]],
    [() => verify(username, strangePassword()), [401, 503]],
    [() => verify(username, gone), [401, 503]],
    [() => verify('nobody@example.com', strangePassword()), [401, 503]],
    [() => verify(username, 'correct horse battery staple'), [401]],
  ] as const;
}

/** Everybody asks both hosts for everything, without a pause, until they are told to stop. */
function load(owners: readonly Owner[], salt: number) {
  const counts: number[] = [];
  let faults = 0;
  let stopped = false;

  async function ask(each: (heard: (request: () => Promise<Answer>) => Promise<Answer>) => Promise<void>) {
    const index = counts.push(0) - 1;
    const heard = async (request: () => Promise<Answer>) => {
      const answer = await timely(request);
      counts[index] = (counts[index] ?? 0) + 1;
      if (answer.status === 503) faults++;
      return answer;
    };
    while (!stopped) await each(heard);
  }

  const all = owners.flatMap((who, person) =>
    hosts.flatMap((host, number) => {
      const me = on(host, service, who);
      const own: Entry[] = [];
      const plan = draw(fc.array(step, { minLength: 50, maxLength: 50 }), salt * 1_000 + person * 2 + number);
      let next = 0;
      return [
        ask(async (heard) => {
          for (const [request, allowed] of checks(host, who))
            expect(allowed).toContain((await heard(request)).status);
        }),
        ask((heard) => {
          const answered = async (request: Promise<Answer>): Promise<Heard> => {
            const answer = await heard(() => request);
            return answer.status === 503 ? undefined : answer;
          };
          return take(plan[next++ % plan.length] as Step, own, who.model, me, answered);
        }),
      ];
    }),
  );
  return {
    /** Until each of them has heard that many answers more. */
    async hears(answers: number): Promise<void> {
      const since = [...counts];
      const enough = () => counts.every((count, index) => count >= (since[index] ?? 0) + answers);
      await Promise.race([
        vi.waitUntil(enough, { timeout: 120_000, interval: 20 }),
        // What goes wrong in one of them ends the test.
        Promise.all(all),
      ]);
    },
    faults: () => faults,
    async stop(): Promise<void> {
      stopped = true;
      await Promise.all(all);
    },
  };
}

describe('Storage', () => {
  test.each(outages)(
    'that fails under load (%j) makes faults and no wrong answer, each in time, and all is right again by itself',
    async (outage) => {
      const owners = await Promise.all(Array.from({ length: persons }, owner));
      const asking = load(owners, known);
      await asking.hears(answersInEach);
      // Two hosts that change the same person now and then run out of time.
      const before = asking.faults();
      tables.mode(outage);
      await asking.hears(answersInEach);
      expect(asking.faults()).toBeGreaterThan(before);
      heal();
      await asking.hears(answersInEach);
      await asking.stop();
      for (const who of owners) {
        for (const host of hosts) {
          const { verify } = on(host, service, who);
          expect((await persist(() => verify(who.kept))).status).toBe(200);
        }
        await expectAsModelled(who.model, service, who, hosts);
      }
    },
  );
});

describe('Key Vault', () => {
  test.each(outages)(
    'that fails (%j) stops no running instance, and a new one says that it cannot tell until it can',
    async (outage) => {
      const who = await owner();
      vault.mode(outage);
      const cold = await service.anotherHost();
      const [warmly, coldly] = [on(hosts[0], service, who), on(cold, service, who)];

      for (const [request, [allowed]] of checks(hosts[0], who))
        expect((await timely(request)).status).toBe(allowed);
      expect((await timely(() => warmly.create('Warm'))).status).toBe(201);

      const asked = checks(cold, who).map(([request]) => timely(request));
      for (const { status } of await Promise.all(asked)) expect(status).toBe(503);
      expect((await timely(() => coldly.create('Cold'))).status).toBe(503);
      expect((await timely(() => coldly.register('Cold'))).status).toBe(503);
      // What needs neither pepper nor gateway keys goes on.
      const { appPasswords } = (await timely(coldly.list)).body;
      expect(appPasswords).toHaveLength(2);
      expect((await timely(() => coldly.remove(appPasswords[0].id))).status).toBe(204);

      heal();
      for (const [request, [allowed]] of checks(cold, who))
        expect((await persist(request)).status).toBe(allowed);
      expect((await persist(() => coldly.create('Cold'))).status).toBe(201);
      await cold.stop();
    },
  );

  test('that is away for 20 minutes leaves hits and the list as they are, and makes faults of what nobody can tell', async () => {
    const who = await owner();
    const { username, kept, gone } = who;
    // Both read Key Vault anew now, as they have not for more than 15 minutes.
    clock.advance({ minutes: 16 });
    for (const host of hosts) expect((await on(host, service, who).verify(kept)).status).toBe(200);
    const everywhere = async (check: (host: HostProcess, me: ReturnType<typeof on>) => Promise<unknown>) => {
      await Promise.all(hosts.map((host) => check(host, on(host, service, who))));
    };

    vault.mode('away');
    for (const minutes of [4, 4, 4, 2]) {
      clock.advance({ minutes });
      await everywhere(async (host) => {
        for (const [request, [allowed]] of checks(host, who))
          expect((await timely(request)).status).toBe(allowed);
      });
    }
    clock.advance({ minutes: 6 });
    await everywhere(async (host, me) => {
      const { verify } = gateway(host.origin, service.gatewayKey);
      const statusOf = async (request: () => Promise<Answer>) => (await timely(request)).status;
      expect(await statusOf(() => verify(username, kept))).toBe(200);
      expect(await statusOf(() => verify(username, 'correct horse battery staple'))).toBe(401);
      for (const [name, secret] of [
        [username, strangePassword()],
        [username, gone],
        ['nobody@example.com', strangePassword()],
      ] as const) {
        expect(await statusOf(() => verify(name, secret))).toBe(503);
      }
      expect(
        await timely(() => gateway(host.origin, strangePassword()).verify(username, kept)),
      ).toMatchObject({
        status: 503,
        body: { type: '/problems/temporarily-unavailable' },
      });
      expect(await statusOf(() => me.create('Not now'))).toBe(503);
      expect(await statusOf(() => me.register('Not now'))).toBe(503);
      expect(await statusOf(me.list)).toBe(200);
    });
    const [me] = hosts.map((host) => on(host, service, who));
    const { appPasswords } = (await (me as ReturnType<typeof on>).list()).body;
    expect((await me?.rename(appPasswords[0].id, 'Renamed'))?.status).toBe(200);

    heal();
    clock.advance({ seconds: 31 });
    await everywhere(async (host, me) => {
      for (const [request, [allowed]] of checks(host, who))
        expect((await persist(request)).status).toBe(allowed);
      expect((await persist(() => me.create('Now'))).status).toBe(201);
    });
  });
});

test('Storage and Key Vault that are both away, and back, leave a new instance as right as any', async () => {
  const who: Owner = await owner();
  tables.mode('hang');
  vault.mode('hang');
  const cold = await service.anotherHost();
  const me = on(cold, service, who);
  const asked = [...checks(cold, who).map(([request]) => request), me.list, () => me.create('Now')];
  for (const { status } of await Promise.all(asked.map(timely))) expect(status).toBe(503);
  heal();
  for (const [request, [allowed]] of checks(cold, who)) expect((await persist(request)).status).toBe(allowed);
});

test('An answer that never comes is a fault before the deadline, by the clock', async () => {
  vi.useFakeTimers();
  try {
    serve({ ...quietPorts() } as unknown as App);
    const { handler: never } = forAnyone(() => new Promise(() => {}));
    const context = { error: () => {} } as unknown as Parameters<typeof never>[1];
    const answered = vi.fn();
    const answer = Promise.resolve(never({} as Parameters<typeof never>[0], context)).then(answered);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(answered).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(deadline - 2_000 - 1);
    await answer;
    expect(answered).toHaveBeenCalledWith(expect.objectContaining({ status: 503 }));
  } finally {
    vi.useRealTimers();
  }
});
