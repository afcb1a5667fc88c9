import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { type Answer, gateway, persist, strangePassword } from '../../testing/api.ts';
import { operator } from '../../testing/operator.ts';
import { type Service, startService } from '../../testing/service.ts';
import { type Fate, startTableProxy, type TableProxy } from '../../testing/table-proxy.ts';
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts';
import { startWorldClock, type WorldClock } from '../../testing/world-clock.ts';
import {
  draw,
  type Entry,
  expectAsModelled,
  full,
  make,
  on,
  PersonModel,
  people,
  type Somebody,
  somebody,
  stored,
} from './model.ts';
import { type Step, step, take } from './worker.ts';

const persons = full ? 8 : 2;
/** How many passwords of each are never deleted. */
const keptByEach = full ? 12 : 5;
/** How many minutes pass at once; a host looks anew at Key Vault after five. */
const stride = full ? 1 : 3;

interface World {
  readonly clock: WorldClock;
  readonly service: Service;
  /** Two hosts that read Key Vault at different minutes; the second one through a proxy. */
  readonly hosts: readonly [HostProcess, HostProcess];
  readonly vault: TcpProxy;
  /** Between the first host and storage. */
  readonly tables: TableProxy;
  /** Lets minutes pass, and something happen between them. */
  pass(minutes: number, meanwhile: () => Promise<void>): Promise<void>;
  run(command: 'pepper' | 'gateway', ...args: string[]): ReturnType<typeof operator>;
  close(): Promise<void>;
}

/** A world of its own for a test that rotates something. */
async function worldOfItsOwn(): Promise<World> {
  const world = await startWorld();
  onTestFinished(world.close);
  return world;
}

async function startWorld(): Promise<World> {
  const clock = startWorldClock();
  const proxy = Promise.withResolvers<TableProxy>();
  const service = await startService({
    users: people(20),
    vaultNow: clock.now,
    settings: async (stack) => {
      proxy.resolve(await startTableProxy(stack.tables));
      return { ...clock.settings, TABLES_CONNECTION_STRING: (await proxy.promise).connectionString };
    },
  });
  const settings = { ...service.stack.settings, ...clock.settings };
  const vault = await startTcpProxy(Number(new URL(service.stack.settings.KEY_VAULT_URL as string).port));
  await warm(service, service.host);
  // The stack's pepper becomes old enough to be written under; and the hosts are out of step.
  clock.advance({ minutes: 3 });
  const second = await service.anotherHost({
    KEY_VAULT_URL: `https://127.0.0.1:${vault.port}`,
    TABLES_CONNECTION_STRING: service.stack.tables,
  });
  await warm(service, second);
  const tables = await proxy.promise;
  return {
    clock,
    service,
    vault,
    tables,
    hosts: [service.host, second],
    async pass(minutes, meanwhile) {
      for (let left = minutes; left > 0; left -= stride) {
        clock.advance({ minutes: Math.min(left, stride) });
        await meanwhile();
      }
    },
    run: (command, ...args) => operator(command, settings, ...args),
    async close() {
      await service.close();
      await tables.close();
      vault.close();
      clock.close();
    },
  };
}

/** A host reads pepper and gateway keys on its first request. */
async function warm({ gatewayKey }: Service, { origin }: HostProcess): Promise<void> {
  const { verify } = gateway(origin, gatewayKey);
  expect((await verify('nobody@example.com', strangePassword())).status).toBe(401);
}

type Owner = Somebody & { readonly model: PersonModel; readonly kept: Entry[]; readonly gone: Entry };

async function owner({ service, hosts }: World, index: number): Promise<Owner> {
  const who = await somebody(service, index);
  const me = on(hosts[0], service, who);
  const model = new PersonModel();
  const create = () => model.create('create', undefined, me.create);
  const kept: Entry[] = [];
  for (let i = 0; i < keptByEach; i++) kept.push(await create());
  const gone = await create();
  await model.remove(gone, me.remove);
  return { ...who, model, kept, gone };
}

/**
 * Everybody's passwords are used, made, renamed and deleted on both hosts once around, each right one accepted.
 *
 * @param refused the statuses that wrong credentials may get, and `right` those of right ones
 */
async function around(
  { service, hosts }: World,
  owners: readonly (Owner & { plans: Step[][]; own: Entry[][] })[],
  turn: number,
  { right = [200], refused = [401] } = {},
): Promise<void> {
  await Promise.all(
    owners.flatMap((who, person) =>
      hosts.map(async (host, number) => {
        const me = on(host, service, who);
        // Not all at each turn, so that some passwords move early and some late.
        const some = who.kept.filter((_, i) => (i + turn + person) % 3 === number);
        for (const { secret } of some) expect(right).toContain((await me.verify(secret as string)).status);
        expect(refused).toContain((await me.verify(who.gone.secret as string)).status);
        expect(refused).toContain((await me.verify(strangePassword())).status);
        const heard = async (request: Promise<Answer>) => {
          const answer = await request;
          return answer.status === 503 ? undefined : answer;
        };
        const [plan, own] = [who.plans[number] as Step[], who.own[number] as Entry[]];
        for (let i = 0; i < 3; i++)
          await take(plan[(turn * 3 + i) % plan.length] as Step, own, who.model, me, heard);
      }),
    ),
  );
}

async function crowd(world: World) {
  const owners = await Promise.all(Array.from({ length: persons }, (_, index) => owner(world, index)));
  return owners.map((who, person) => ({
    ...who,
    own: [[], []] as Entry[][],
    plans: [0, 1].map((number) =>
      draw(fc.array(step, { minLength: 60, maxLength: 60 }), person * 2 + number),
    ),
  }));
}

async function counts({ run }: World): Promise<number[]> {
  const { stdout } = await run('pepper', 'status');
  return [...stdout.matchAll(/ (\d+) passwords$/gm)].map(([, count]) => Number(count));
}

/** Uses everything that is live, as the owners do in the long run. */
async function useAll({ service, hosts }: World, owners: readonly Owner[]): Promise<void> {
  await Promise.all(
    owners.map(async (who, index) => {
      const { verify } = on(hosts[index % 2] as HostProcess, service, who);
      for (const entry of who.model.live().filter(({ secret }) => secret !== undefined))
        await who.model.verify(entry, verify);
    }),
  );
}

test('A pepper that is rotated under load on two hosts out of step refuses no right password; all move by use, and its end changes nothing', {
  timeout: 180_000,
}, async () => {
  const world = await worldOfItsOwn();
  const { pass, run, service, hosts } = world;
  const owners = await crowd(world);
  let turn = 0;
  const minutes = (count: number) => pass(count, () => around(world, owners, turn++));
  await minutes(2);
  expect(await run('pepper', 'rotate')).toMatchObject({ code: 0 });
  expect((await counts(world))[0]).toBe(0);

  // Nobody writes under the new version before everybody has read it.
  await minutes(19);
  expect((await counts(world))[0]).toBe(0);
  expect(await run('pepper', 'finish')).toMatchObject({ code: 1 });
  await minutes(12);
  const [moved, left] = await counts(world);
  expect(moved).toBeGreaterThan(0);
  if ((left ?? 0) > 0) expect(await run('pepper', 'finish')).toMatchObject({ code: 1 });

  await vi.waitFor(async () => {
    await useAll(world, owners);
    expect((await counts(world))[1]).toBe(0);
  }, 30_000);
  expect(await run('pepper', 'finish')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('; 0 passwords died'),
  });
  await minutes(18);

  const cold = await service.anotherHost();
  for (const { model, ...who } of owners) await expectAsModelled(model, service, who, [...hosts, cold]);
  for (const who of owners) {
    const { verify } = on(cold, service, who);
    for (const { secret } of who.kept) expect((await verify(secret as string)).status).toBe(200);
    expect((await verify(who.gone.secret as string)).status).toBe(401);
  }
});

test('A host that cannot read Key Vault while the pepper is rotated says that it cannot tell, and never that a right password is wrong', {
  timeout: 120_000,
}, async () => {
  const world = await worldOfItsOwn();
  const { clock, pass, run, vault } = world;
  const owners = await crowd(world);
  await run('pepper', 'rotate');
  vault.mode('away');
  let turn = 0;
  let faults = 0;
  await pass(30, () => around(world, owners, turn++, { right: [200, 503], refused: [401, 503] }));
  // By now the other host has moved passwords to where this one cannot see them.
  await useAll(world, owners);
  await vi.waitFor(async () => expect((await counts(world))[0]).toBeGreaterThan(0), 30_000);
  const [, blind] = world.hosts;
  for (const who of owners) {
    const { verify } = on(blind, world.service, who);
    for (const { secret } of who.kept) {
      const { status } = await verify(secret as string);
      expect([200, 503]).toContain(status);
      if (status === 503) faults++;
    }
    expect((await verify(strangePassword())).status).toBe(503);
  }
  expect(faults).toBeGreaterThan(0);

  vault.mode('pass');
  clock.advance({ seconds: 31 });
  for (const who of owners) {
    const { verify } = on(blind, world.service, who);
    for (const { secret } of who.kept)
      expect((await persist(() => verify(secret as string))).status).toBe(200);
  }
});

test('A password that is deleted while its use moves it under a new pepper stays deleted, and the others stay', {
  timeout: 120_000,
}, async () => {
  const world = await worldOfItsOwn();
  const { clock, run, service, hosts } = world;
  const each = full ? 30 : 12;
  const owners = await Promise.all(
    Array.from({ length: persons }, async (_, index) => {
      const who = await somebody(service, index);
      const me = on(hosts[0], service, who);
      const made: { id: string; password: string }[] = [];
      for (let i = 0; i < each; i++) made.push((await make(me, `Device ${i}`)).body);
      return { ...who, made };
    }),
  );
  await run('pepper', 'rotate');
  clock.advance({ minutes: 21 });
  // Both have not looked for more than 15 minutes, so this waits until they have.
  for (const host of hosts) await warm(service, host);
  expect(await counts(world)).toEqual([0, persons * each]);

  const race = fc.record({ deletes: fc.boolean(), uses: fc.integer({ min: 1, max: 3 }), late: fc.boolean() });
  await Promise.all(
    owners.map(async ({ made, ...who }, person) => {
      const races = draw(fc.array(race, { minLength: each, maxLength: each }), person);
      const [here, there] = hosts.map((host) => on(host, service, who)) as [
        ReturnType<typeof on>,
        ReturnType<typeof on>,
      ];
      await Promise.all(
        made.map(async ({ id, password }, i) => {
          const { deletes, uses, late } = races[i] as (typeof races)[number];
          const use = async () => {
            for (let n = 0; n < uses; n++) {
              const { status } = await persist(() => here.verify(password));
              expect(deletes ? [200, 401] : [200]).toContain(status);
            }
          };
          if (late) await use();
          const using = use();
          if (deletes) expect((await persist(() => there.remove(id))).status).toBe(204);
          await using;
        }),
      );
      const kept = made.filter((_, i) => !races[i]?.deletes);
      const { count, live } = await stored(service, who);
      expect({ count, live: live.sort() }).toEqual({
        count: kept.length,
        live: kept.map(({ id }) => id).sort(),
      });
      for (const [i, { password }] of made.entries()) {
        const wanted = races[i]?.deletes ? 401 : 200;
        for (const me of [here, there])
          expect((await persist(() => me.verify(password))).status).toBe(wanted);
      }
    }),
  );
  const kept = (await Promise.all(owners.map((who) => stored(service, who)))).flatMap(({ live }) => live);
  await vi.waitFor(async () => expect(await counts(world)).toEqual([kept.length, 0]), 30_000);
});

describe('While a password may move under the new pepper,', () => {
  let world: World;
  let owners: Owner[];

  beforeAll(async () => {
    world = await startWorld();
    owners = await Promise.all(Array.from({ length: 4 }, (_, index) => owner(world, index)));
    await world.run('pepper', 'rotate');
    world.clock.advance({ minutes: 21 });
    for (const host of world.hosts) await warm(world.service, host);
    return world.close;
  });

  beforeEach(() => world.tables.fate(() => 'pass'));

  /** Somebody whose passwords lie under the old version, at a time when their use moves them. */
  async function movable() {
    const { kept, ...who } = owners.pop() as Owner;
    const [first, ...others] = kept as [Entry, ...Entry[]];
    const [here, there] = world.hosts.map((host) => on(host, world.service, who));
    if (here === undefined || there === undefined) throw new Error('two hosts are needed');
    const places = async () => {
      const { rows } = await stored(world.service, who);
      return rows.filter(({ state }) => state === 'active').map(({ rowKey }) => `${rowKey}`.split('.')[0]);
    };
    const [old] = await places();
    const expectMoved = (count: number) =>
      vi.waitFor(
        async () => expect((await places()).filter((place) => place !== old)).toHaveLength(count),
        10_000,
      );
    return {
      first,
      others,
      here,
      there,
      expectMoved,
      id: first.id as string,
      secret: first.secret as string,
    };
  }

  test('all passwords of one person that are used at once move by that one use', async () => {
    const { first, others, here, expectMoved } = await movable();
    const all = [first, ...others];
    const answers = await Promise.all(all.map(({ secret }) => here.verify(secret as string)));
    expect(answers.map(({ status }) => status)).toEqual(all.map(() => 200));
    await expectMoved(all.length);
  });

  test('it is found also when it moves between the two reads of a verify', async () => {
    const { secret, here, there, expectMoved } = await movable();
    let reads = 0;
    world.tables.fate(async (_, request): Promise<Fate> => {
      // Both reads set out at once; the second one, of the old place, comes too late for it.
      if (request.includes('AppPasswords(') && reads++ === 1) {
        expect((await there.verify(secret)).status).toBe(200);
        await expectMoved(1);
      }
      return 'pass';
    });
    expect((await here.verify(secret)).status).toBe(200);
    expect(reads).toBeGreaterThan(2);
  });

  const isMove = (request: string) => request.startsWith('POST') && request.includes('$batch');

  test('a delete that overtakes its move wins', async () => {
    const { id, secret, others, here, there, expectMoved } = await movable();
    const overtaken = Promise.withResolvers<void>();
    world.tables.fate(async (_, request): Promise<Fate> => {
      if (!isMove(request)) return 'pass';
      expect((await there.remove(id)).status).toBe(204);
      overtaken.resolve();
      return 'pass';
    });
    expect((await here.verify(secret)).status).toBe(200);
    await overtaken.promise;
    world.tables.fate(() => 'pass');
    // The next move of this person comes after the one that was overtaken.
    expect((await here.verify(others[0]?.secret as string)).status).toBe(200);
    await expectMoved(1);
    for (const me of [here, there]) expect((await me.verify(secret)).status).toBe(401);
    const { appPasswords, remaining } = (await here.list()).body;
    expect([appPasswords.length, remaining]).toEqual([others.length, 40 - others.length]);
  });

  test('a delete that is overtaken by its move deletes it where it went', async () => {
    const { id, secret, here, there, expectMoved } = await movable();
    let isOvertaken = false;
    world.tables.fate(async (_, request): Promise<Fate> => {
      if (!isMove(request) || isOvertaken) return 'pass';
      isOvertaken = true;
      expect((await there.verify(secret)).status).toBe(200);
      await expectMoved(1);
      return 'pass';
    });
    expect((await persist(() => here.remove(id))).status).toBe(204);
    expect(isOvertaken).toBe(true);
    for (const me of [here, there]) expect((await me.verify(secret)).status).toBe(401);
  });
});

test('A gateway key that is rotated under load on two hosts out of step: both keys are good until the old one ends, and no right credentials are refused', async () => {
  const world = await worldOfItsOwn();
  const { pass, run, hosts } = world;
  const [who] = await crowd(world);
  if (who === undefined) throw new Error('nobody is here');
  const old = (await run('gateway', 'add', 'mail', '--protocols', 'imap')).stdout.trim();
  let keys = [old];
  const check = async () => {
    await Promise.all(
      hosts.flatMap(({ origin }) =>
        keys.flatMap((key) =>
          who.kept.map(async ({ secret }) => {
            const { verify } = gateway(origin, key);
            expect((await verify(who.username, secret as string)).status).toBe(200);
            expect((await verify(who.username, strangePassword())).status).toBe(401);
          }),
        ),
      ),
    );
  };
  await check();
  await pass(4, check);
  const fresh = (await run('gateway', 'rotate', 'mail')).stdout.trim();
  // Both hosts hear of the new key from the gateway that sends it.
  keys = [fresh, old];
  await pass(12, check);

  expect(await run('gateway', 'rotate', 'mail', '--finish')).toMatchObject({ code: 0 });
  keys = [fresh];
  await pass(16, check);
  for (const { origin } of hosts) {
    const answer = await gateway(origin, old).verify(who.username, who.kept[0]?.secret as string);
    expect(answer).toMatchObject({ status: 503, body: { type: '/problems/invalid-gateway-key' } });
  }
  await check();
});
