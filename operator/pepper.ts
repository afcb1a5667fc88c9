import { parseArgs } from 'node:util';
import type { SecretClient } from '@azure/keyvault-secrets';
import { lineAudit } from '../shared/audit/lines.ts';
import { type DeletePorts, deleteWhere } from '../shared/domain/app-password/delete.ts';
import type { PersonKey } from '../shared/domain/person/person.ts';
import { pepperSecret } from '../shared/key-vault/pepper.ts';
import { listEnabled } from '../shared/key-vault/secret-versions.ts';
import { systemClock, systemRandom } from '../shared/runtime/system.ts';
import { passwordsIn } from '../shared/tables/passwords.ts';
import { census } from '../shared/tables/pepper-census.ts';
import type { Tables } from '../shared/tables/tables.ts';
import { readMark } from './backup/mark.ts';
import { disablePepper, enabledPeppers, expectInUse, initPepper, rotatePepper } from './pepper-rotation.ts';
import { Refused } from './refused.ts';
import { openStores, run } from './stores.ts';

const usage = `Usage: npm run pepper -- COMMAND
  init            makes the first version
  rotate          makes a new version beside the one in use
  status          shows the versions, and how many passwords lie under each
  finish          disables the old version once nothing lies under it
  finish --force  deletes what still lies under it, and disables it;
                  also deletes what lies under versions that are disabled or gone`;

/** Manages the key under which passwords are hashed. It never prints one. */
await run(usage, async () => {
  const { values, positionals } = parseArgs({
    options: { force: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [command] = positionals;
  if (positionals.length !== 1 || (values.force && command !== 'finish')) return false;
  const { vault, tables } = openStores();
  switch (command) {
    case 'init':
      console.log(`Made version ${await initPepper(vault)}.`);
      return true;
    case 'rotate':
      console.log(`Made version ${await rotatePepper(vault)}. New passwords go under it in 20 minutes, old ones as they are used.
When "status" shows none under the old version, and in 30 minutes at the earliest: npm run pepper -- finish`);
      return true;
    case 'status':
      await status(vault, tables.passwords);
      return true;
    case 'finish':
      await finish(vault, tables.passwords, values.force === true);
      return true;
    default:
      return false;
  }
});

async function status(vault: SecretClient, table: Tables['passwords']): Promise<void> {
  const counts = await census(table);
  const enabled = await listEnabled(vault, pepperSecret);
  for (const { version, createdOn } of enabled) {
    console.log(`${version}  made ${createdOn.toISOString()}  ${total(counts.get(version))} passwords`);
  }
  const lost = [...counts].filter(([version]) => !enabled.some((it) => it.version === version));
  for (const [version, people] of lost)
    console.log(`${version}  disabled or gone  ${total(people)} passwords that do not work`);
}

async function finish(vault: SecretClient, table: Tables['passwords'], force: boolean): Promise<void> {
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
  expectInUse(newest, systemClock.now());
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
  if (force) for (const [version, people] of left) await deleteUnder(version, people, table);
  if (outgoing !== undefined) await disablePepper(vault, outgoing.version);
  console.log(
    outgoing === undefined
      ? `Deleted ${all} passwords of versions that are disabled or gone.`
      : `Disabled version ${outgoing.version}; ${force ? all : 0} passwords died with it.`,
  );
}

async function deleteUnder(
  version: string,
  people: ReadonlyMap<PersonKey, number>,
  table: Tables['passwords'],
): Promise<void> {
  for (const person of people.keys()) {
    const { count } = await deleteWhere(
      operatorPorts(table),
      { actor: { kind: 'operator' }, person, which: ({ key }) => key.startsWith(`${version}.`) },
      AbortSignal.timeout(60_000),
    );
    console.log(`Deleted ${count} of ${person}.`);
  }
}

function operatorPorts(table: Tables['passwords']): DeletePorts {
  return {
    passwords: passwordsIn(table),
    clock: systemClock,
    random: systemRandom,
    audit: lineAudit,
    queue: (_person, task) => task(),
  };
}

function total(people: ReadonlyMap<string, number> | undefined): number {
  return [...(people?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}
