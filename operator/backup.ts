import { Option } from 'commander';
import { lineAudit } from '../shared/audit/lines.ts';
import { oidOf } from '../shared/domain/person/person.ts';
import { pepperSecret } from '../shared/key-vault/pepper.ts';
import { listEnabled } from '../shared/key-vault/secret-versions.ts';
import { systemRandom } from '../shared/runtime/system.ts';
import { exportBackup } from './backup/export.ts';
import { type Checked, openBackup } from './backup/file.ts';
import { abandonImport, type ImportChoices, type Imported, importBackup } from './backup/import.ts';
import { type MacKeys, macKeySecret, makeMacKey, readMacKeys } from './backup/mac-key.ts';
import { type ImportDecision, importDecisions } from './backup/mark.ts';
import type { Contents } from './backup/written.ts';
import { type Declare, type Environment, fileName, type Invocation } from './command.ts';
import { openStores } from './stores.ts';

/** How many more people are worth a line on the standard error. */
const stride = 1_000;

interface ImportOptions {
  readonly deletedSinceExport?: ImportDecision;
  readonly withoutMac?: boolean;
}

export const backup: Declare = (command, invocation) => {
  const { env, clock, print, note } = invocation;
  command.description(
    'Takes everything that the tables keep of people to a file, and back. An import or export that was stopped is run again.',
  );
  command
    .command('export')
    .description(
      "Writes everybody's app passwords, usernames and the policy to a new file, while the service runs.",
    )
    .argument('<FILE>', 'one that is killed leaves FILE.*.partial, which may go', fileName)
    .action(async (file: string) =>
      print(contentsText(await exportBackup(openStores(env), file, { clock, tell: progress(note) }))),
    );
  command
    .command('verify')
    .description(
      'Says whether a file is whole, what it holds, and whether its MAC is right, where the vault can be read.',
    )
    .argument('<FILE>', '', fileName)
    .action(async (file: string) => print(await verified(invocation, file)));
  command
    .command('import')
    .description(
      'Gives back what is missing in the store, also deletions, and changes nothing else that is there.',
    )
    .argument('<FILE>', '', fileName)
    .addOption(
      new Option(
        '--deleted-since-export <DECISION>',
        'into an empty store: what may have been deleted since comes back suspended, or with "accept" as it was',
      ).choices(importDecisions),
    )
    .option(
      '--without-mac',
      'also takes a file that has no MAC, as older versions wrote it, or whose key is gone; nobody can tell then who wrote it, and whoever could write to it may get into any mailbox and bring back what was deleted',
    )
    .action(async (file: string, { deletedSinceExport: decision, withoutMac = false }: ImportOptions) =>
      print(importedText(await importInto(invocation, file, { decision, withoutMac }))),
    );
  command
    .command('rotate-key')
    .description(
      'Makes a new key for the MACs of the files from then on; those under an older one stay good until that is disabled in the vault.',
    )
    .action(async () => {
      const { version } = await makeMacKey(openStores(env).vault);
      print(`Made version ${version}. Files from now on have their MAC under it.`);
    });
  command
    .command('abandon')
    .description(
      'Ends an import that was stopped and cannot go on; what came back stays as it is, and if anybody did, what an import brings back from then on comes back suspended.',
    )
    .action(async () => {
      await abandonImport(openStores(env).tables, clock);
      print(`The import is abandoned. What came back stays as it is. If anybody did, the store is not empty: what an import brings back
from now on comes back suspended. To begin anew, make the tables anew.`);
    });
};

async function importInto(
  { env, clock, print, note }: Invocation,
  file: string,
  choices: ImportChoices,
): Promise<Imported> {
  const { vault, tables } = openStores(env);
  const peppers = new Set((await listEnabled(vault, pepperSecret)).map(({ version }) => version));
  const macKeys = await readMacKeys(vault);
  const ports = { tables, peppers, macKeys, clock, random: systemRandom, audit: lineAudit(print) };
  return importBackup(ports, file, { ...choices, tell: progress(note) });
}

/** Tells now and then how far it is. */
function progress(note: Invocation['note']): (people: number) => void {
  let told = 0;
  return (people) => {
    if (people - told < stride) return;
    note(`${people} people so far`);
    told = people;
  };
}

/** Says what a file is, also where no vault is at hand. */
async function verified({ env, clock }: Invocation, path: string): Promise<string> {
  const keys = await keysAtHand(env);
  await using file = await openBackup(path, keys instanceof Error ? new Map() : keys, clock);
  const { exportedAt, tenantId, contents, authenticity } = await file.check();
  return [
    `The file is whole. Its export began at ${new Date(exportedAt).toISOString()}.`,
    macText(authenticity, keys),
    `Tenant ${tenantId}`,
    contentsText(contents),
  ].join('\n');
}

async function keysAtHand(env: Environment): Promise<MacKeys | Error> {
  try {
    return await readMacKeys(openStores(env).vault);
  } catch (error) {
    return error as Error;
  }
}

function macText(authenticity: Checked['authenticity'], keys: MacKeys | Error): string {
  if (authenticity.kind === 'authentic') return 'Its MAC is right: nobody changed it since.';
  if (authenticity.macKey === undefined)
    return 'It has no MAC, as an older version wrote it: nobody can tell whether it was changed since.';
  const why =
    keys instanceof Error
      ? `the vault could not be read (${keys.name}: ${keys.message})`
      : `version ${authenticity.macKey} of the secret ${macKeySecret} is not enabled in the vault`;
  return `Its MAC was not checked, so nobody can tell whether it was changed since: ${why}.`;
}

function contentsText({ people, appPasswords, deleted, usernames, peppers }: Contents): string {
  return [
    `${people} people, ${usernames} usernames, ${appPasswords} app passwords, ${deleted} deleted ones`,
    ...Object.entries(peppers).map(([version, count]) => `${count} under version ${version} of the pepper`),
  ].join('\n');
}

function importedText({ people, appPasswords, suspended, deleted, usernames, ...left }: Imported): string {
  return [
    `${people} people got something back: ${appPasswords} app passwords, ${suspended} of them suspended; and ${usernames} usernames came back`,
    ...(left.beyondLimit > 0 ? [`${left.beyondLimit} app passwords did not: no more than 40 fit`] : []),
    ...(left.withoutPepper > 0
      ? [
          `${left.withoutPepper} app passwords did not: their version of the pepper is not enabled, so they would never work, and their owners have to make new ones`,
        ]
      : []),
    ...(deleted > 0
      ? [`${deleted} app passwords were deleted, as they are in the file; the store had lost that`]
      : []),
    ...(left.notErased.length > 0
      ? [
          `${left.notErased.length} people are erased in the file and not in the store: ${left.notErased.map(oidOf).join(', ')}
What they had before works no more. Look at each in the administration, and erase them again: DELETE /api/admin/people/ID`,
        ]
      : []),
  ].join('\n');
}
