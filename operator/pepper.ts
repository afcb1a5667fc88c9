import { lineAudit } from '../shared/audit/lines.ts';
import { deleteWhere } from '../shared/domain/app-password/delete.ts';
import type { ChangePorts } from '../shared/domain/person/change.ts';
import type { PersonKey } from '../shared/domain/person/person.ts';
import { pepperSecret } from '../shared/key-vault/pepper.ts';
import { listEnabled } from '../shared/key-vault/secret-versions.ts';
import { systemRandom } from '../shared/runtime/system.ts';
import { passwordsIn } from '../shared/tables/passwords.ts';
import { census } from '../shared/tables/pepper-census.ts';
import { readMark } from './backup/mark.ts';
import type { Declare, Invocation } from './command.ts';
import { disablePepper, enabledPeppers, expectInUse, initPepper, rotatePepper } from './pepper-rotation.ts';
import { Refused } from './refused.ts';
import { openStores, type Stores } from './stores.ts';

export const pepper: Declare = (command, { env, clock, print }) => {
  command.description('Manages the key under which passwords are hashed. It never prints one.');
  command
    .command('init')
    .description('Makes the first version.')
    .action(async () => print(`Made version ${await initPepper(openStores(env).vault)}.`));
  command
    .command('rotate')
    .description('Makes a new version beside the one in use.')
    .action(async () => {
      const version = await rotatePepper(openStores(env).vault);
      print(`Made version ${version}. New passwords go under it in 20 minutes, old ones as they are used.
When "status" shows none under the old version, and in 30 minutes at the earliest: npm run pepper -- finish`);
    });
  command
    .command('status')
    .description('Shows the versions, and how many passwords lie under each.')
    .action(() => status(openStores(env), print));
  command
    .command('finish')
    .description('Disables the old version once nothing lies under it.')
    .option(
      '--force',
      'deletes what still lies under it, and disables it; also deletes what lies under versions that are disabled or gone',
    )
    .action(({ force = false }: { force?: boolean }) => finish({ ...openStores(env), clock, print }, force));
};

async function status({ vault, tables }: Stores, print: Invocation['print']): Promise<void> {
  const counts = await census(tables.passwords);
  const enabled = await listEnabled(vault, pepperSecret);
  for (const { version, createdOn } of enabled) {
    print(`${version}  made ${createdOn.toISOString()}  ${total(counts.get(version))} passwords`);
  }
  const lost = [...counts].filter(([version]) => !enabled.some((it) => it.version === version));
  for (const [version, people] of lost)
    print(`${version}  disabled or gone  ${total(people)} passwords that do not work`);
}

type Work = Stores & Pick<Invocation, 'clock' | 'print'>;

async function finish(work: Work, force: boolean): Promise<void> {
  const { vault, tables, clock, print } = work;
  const table = tables.passwords;
  if ((await readMark(table)) !== undefined)
    throw new Refused(
      'An import is unfinished, and what it brings back may lie under any version: run it again, or end it by "npm run backup -- abandon".',
    );
  const { newest, outgoing } = await enabledPeppers(vault);
  const left = new Map(await census(table));
  left.delete(newest.version);
  const movable = total(outgoing && left.get(outgoing.version));
  const all = [...left.values()].map(total).reduce((sum, count) => sum + count, 0);
  if (outgoing === undefined && all === 0)
    throw new Refused('No rotation is under way: start one with "rotate".');
  expectInUse(newest, clock.now());
  if (!force && outgoing === undefined) {
    throw new Refused(
      `${all} passwords lie under versions that are disabled or gone, and do not work; "finish --force" deletes them.`,
    );
  }
  if (!force && movable > 0) {
    throw new Refused(
      `${movable} passwords still lie under the old version. They move when they are used; "finish --force" deletes them.`,
    );
  }
  if (force) for (const [version, people] of left) await deleteUnder(version, people, work);
  if (outgoing !== undefined) await disablePepper(vault, outgoing.version);
  print(
    outgoing === undefined
      ? `Deleted ${all} passwords of versions that are disabled or gone.`
      : `Disabled version ${outgoing.version}; ${force ? all : 0} passwords died with it.`,
  );
}

async function deleteUnder(
  version: string,
  people: ReadonlyMap<PersonKey, number>,
  work: Work,
): Promise<void> {
  for (const person of people.keys()) {
    const { count } = await deleteWhere(
      operatorPorts(work),
      { actor: { kind: 'operator' }, person, which: ({ key }) => key.startsWith(`${version}.`) },
      AbortSignal.timeout(60_000),
    );
    work.print(`Deleted ${count} of ${person}.`);
  }
}

function operatorPorts({ tables, clock, print }: Work): ChangePorts {
  return {
    passwords: passwordsIn(tables.passwords),
    clock,
    random: systemRandom,
    audit: lineAudit(print),
    queue: (_person, task) => task(),
  };
}

function total(people: ReadonlyMap<string, number> | undefined): number {
  return [...(people?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}
