import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { importDecisions } from '../../operator/backup/mark.ts';
import { gateway, persist } from '../../testing/api.ts';
import { comeAndGo, type Doings } from '../../testing/come-and-go.ts';
import { type Exported, exportedIn, liveAfter, wrongAtMoment } from '../../testing/moments.ts';
import { operator, startOperator } from '../../testing/operator.ts';
import { type SeededPerson, seed } from '../../testing/seed.ts';
import { type Service, startService } from '../../testing/service.ts';
import { liveIn, type Rows, rowsIn, type Store, startStore, textOf } from '../../testing/store.ts';
import { startTableProxy, type TableProxy } from '../../testing/table-proxy.ts';
import { draw, full, people } from './model.ts';

const persons = full ? 125 : 40;
const each = { live: 30, deleted: 9 };
/** How many of the people make and delete app passwords all the time. */
const active = 6;
const kills = full ? { ofExport: 8, ofImport: 20 } : { ofExport: 1, ofImport: 2 };
/** Another one in each run: CI has no time for both. */
const decision = draw(fc.constantFrom(...importDecisions), 3);
const decided = `--deleted-since-export=${decision}`;

let service: Service;
let proxy: TableProxy;
let target: Store;
let targetProxy: TableProxy;
let targetHost: HostProcess;
let everybody: SeededPerson[];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  service = await startService({ users: people(active) });
  target = await startStore();
  [proxy, targetProxy] = [
    await startTableProxy(service.stack.tables),
    await startTableProxy(target.connectionString),
  ];
  targetHost = await service.anotherHost({ TABLES_CONNECTION_STRING: target.connectionString });
  everybody = await seed(service.tables, service.stack.vault, persons, each);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([proxy.close(), targetProxy.close()]);
  await service.close();
  await target.close();
});

const over = ({ connectionString }: { connectionString: string }) => ({
  ...service.stack.settings,
  TABLES_CONNECTION_STRING: connectionString,
});

/**
 * The storage request at which a command dies, and whether that request still gets through.
 *
 * @param each how many requests for a person a command surely makes
 */
const kill = (each: number) =>
  fc.record({ at: fc.integer({ min: 5, max: Math.floor(persons * each) }), passes: fc.boolean() });

/** Runs a command that dies. @param begun is told when the first few requests are through */
async function runKilled(
  through: TableProxy,
  { at, passes }: { at: number; passes: boolean },
  args: readonly string[],
  begun: () => void = () => {},
) {
  through.fate((index) => {
    if (index === 4) begun();
    if (index !== at) return 'pass';
    process.kill(running.pid, 'SIGKILL');
    return passes ? 'pass' : 'cut';
  });
  const running = startOperator('backup', over(through), ...args);
  expect((await running.ended).code).toBe(-1);
  through.fate(() => 'pass');
}

/** Has some people come and go until it is over. */
async function startDoings(host: Pick<HostProcess, 'origin'>, salt: number) {
  const doings: Doings = { created: [], deleted: [] };
  let isOver = false;
  const all = Promise.all(
    everybody.slice(0, active).map(async ({ username, oid }, index) => {
      const dice = draw(fc.infiniteStream(fc.nat()), salt + index);
      const below = (limit: number) => (dice.next().value as number) % limit;
      const token = await service.token(username);
      await comeAndGo(host.origin, { oid, token }, { doings, below, isOver: () => isOver });
    }),
  );
  return async () => {
    isOver = true;
    await all;
    return doings;
  };
}

const holders = async ({ tables }: Store) =>
  new Map([...(await rowsIn(tables.usernames))].map(([key, { person }]) => [key, textOf(person)]));
const untold = (rows: Rows) => new Map([...rows].filter(([, { kind }]) => textOf(kind) !== 'restored'));

test(`Killed ${kills.ofExport + kills.ofImport} times and run again, export and import (${decision}) of ${persons * 40} rows end the same, while people come and go`, {
  timeout: 300_000,
}, async () => {
  const file = join(folder, 'everybody');
  const stop = await startDoings(service, 1_000);
  for (const end of draw(fc.array(kill(0.96), { minLength: kills.ofExport, maxLength: kills.ofExport }), 1)) {
    await runKilled(proxy, end, ['export', file]);
    expect(existsSync(file)).toBe(false);
  }
  expect(await operator('backup', over(proxy), 'export', file)).toMatchObject({ code: 0 });
  const before = await stop();

  const exported = await exportedIn(file);
  expect(exported.size).toBe(persons);
  for (const who of everybody)
    expect(wrongAtMoment(who, exported.get(who.person) as Exported, before)).toEqual({
      missing: [],
      undead: [],
    });
  expect(before.created.length + before.deleted.length).toBeGreaterThan(2 * active);

  // One import that nothing disturbs shows how all must end.
  const calm = await startStore();
  onTestFinished(() => calm.close());
  expect(await operator('backup', over(calm), 'import', file, decided)).toMatchObject({ code: 0 });
  const undisturbed = await rowsIn(calm.tables.passwords);

  let stopAfter: ReturnType<typeof startDoings> | undefined;
  const ends = draw(fc.array(kill(2.8), { minLength: kills.ofImport, maxLength: kills.ofImport }), 2);
  for (const end of ends.sort((a, b) => a.at - b.at))
    await runKilled(targetProxy, end, ['import', file, decided], () => {
      stopAfter ??= startDoings(targetHost, 2_000);
    });
  expect(await operator('backup', over(targetProxy), 'import', file, decided)).toMatchObject({ code: 0 });
  const after = await (await (stopAfter as ReturnType<typeof startDoings>))();
  expect(after.deleted.length).toBeGreaterThan(active);

  const imported = await rowsIn(target.tables.passwords);
  expect([...imported.keys()].filter((key) => !key.includes('.'))).toEqual([]);
  expect(await holders(target)).toEqual(await holders(calm));
  for (const who of everybody.slice(active))
    expect([...untold(imported)].filter(([key]) => key.startsWith(`${who.person} `))).toEqual(
      [...untold(undisturbed)].filter(([key]) => key.startsWith(`${who.person} `)),
    );
  const live = liveIn(imported);
  for (const who of everybody) {
    const kept = liveAfter(exported.get(who.person) as Exported, who, after);
    const isNew = (id: string) => after.created.some((doing) => doing.id === id);
    const working = [...kept].filter((id) => decision === 'accept' || isNew(id));
    expect(live.get(who.person)).toEqual(new Set(working));
    expect(Number(textOf(imported.get(`${who.person} profile`)?.count))).toBe(kept.size);
  }
  expect(after.created.length).toBeGreaterThan(active);
  await expectVerified(live, before, after);
});

const isOf =
  ({ oid }: SeededPerson) =>
  (doing: { oid: string }) =>
    doing.oid === oid;

/** Asks for those who came and went about everything, and for the others about some. */
async function expectVerified(live: ReturnType<typeof liveIn>, before: Doings, after: Doings) {
  const { verify } = gateway(targetHost.origin, service.gatewayKey);
  await Promise.all(
    everybody.map(async (who, index) => {
      const own = [...before.created, ...after.created].filter(isOf(who));
      const known =
        index < active
          ? [...who.live, ...who.deleted, ...own]
          : [...who.live.slice(0, 2), ...who.deleted.slice(0, 1)];
      for (const { id, secret } of known) {
        const { status } = await persist(() => verify(who.username, secret));
        expect(status).toBe(live.get(who.person)?.has(id) ? 200 : 401);
      }
    }),
  );
}
