import type { TableClient } from '@azure/data-tables';
import type { Clock } from '../../shared/domain/clock.ts';
import { type PersonKey, tenantOf } from '../../shared/domain/person/person.ts';
import { policyPlace } from '../../shared/tables/rows.ts';
import type { Tables } from '../../shared/tables/tables.ts';
import { Refused } from '../refused.ts';
import type { Stores } from '../stores.ts';
import { inBatches } from './batches.ts';
import { writeBackup } from './file.ts';
import { newestMacKey } from './mac-key.ts';
import { readMark } from './mark.ts';
import { bare, firstPersonIn, peopleIn, rowsOf, rowsOfTable } from './rows.ts';
import type { BackupRecord, Contents, PersonRecord } from './written.ts';

/** How many people are read at once. */
const atOnce = 8;

/**
 * Writes everybody to a file, each person as at one moment. How far the directory was followed is left out: after an
 * import it is asked about everybody.
 *
 * @throws Refused while an import is unfinished, where nobody is in the store, and as {@link writeBackup}; Unavailable when
 *   storage is away, RestError when the vault is.
 */
export async function exportBackup(
  { vault, tables }: Stores,
  path: string,
  { clock, tell }: { readonly clock: Clock; readonly tell: (people: number) => void },
): Promise<Contents> {
  if ((await readMark(tables.passwords)) !== undefined)
    throw new Refused('An import is unfinished, and half of a store is no backup: run that import again.');
  const person = await firstPersonIn(tables.passwords, clock);
  if (person === undefined) throw new Refused('Nobody is in this store: is it the right one?');
  return writeBackup(path, recordsOf(tables, clock, tell), {
    exportedAt: clock.now(),
    tenantId: tenantOf(person),
    key: await newestMacKey(vault),
    clock,
  });
}

async function* recordsOf(
  { passwords, usernames }: Tables,
  clock: Clock,
  tell: (people: number) => void,
): AsyncGenerator<BackupRecord> {
  for (const row of await rowsOf(passwords, policyPlace.partitionKey))
    yield { kind: 'policy', row: bare(row) };
  let done = 0;
  for await (const people of inBatches(peopleIn(passwords, clock), atOnce)) {
    yield* await Promise.all(people.map((person) => readPerson(passwords, clock, person)));
    done += people.length;
    tell(done);
  }
  // After the people, so that a name by which somebody's app passwords worked when they were read is not missed
  // because it was claimed a moment before.
  for await (const row of rowsOfTable(usernames)) yield { kind: 'username', row: bare(row) };
}

async function readPerson(table: TableClient, clock: Clock, person: PersonKey): Promise<PersonRecord> {
  const at = new Date(clock.now()).toISOString();
  return { kind: 'person', person, at, rows: (await rowsOf(table, person)).map(bare) };
}
