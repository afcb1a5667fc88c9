import { openBackup } from '../operator/backup/file.ts';
import type { Row } from '../operator/backup/rows.ts';
import type { PersonKey } from '../shared/domain/person/person.ts';
import { systemClock } from '../shared/runtime/system.ts';
import type { Doing, Doings } from './come-and-go.ts';
import type { SeededPerson } from './seed.ts';

/** What a file has of one person. */
export interface Exported {
  /** When the person was read, in milliseconds since the epoch. */
  readonly at: number;
  readonly rows: readonly Row[];
  /** The ids of the app passwords that work. */
  readonly live: ReadonlySet<string>;
}

/** Everybody in a file. */
export async function exportedIn(file: string): Promise<Map<PersonKey, Exported>> {
  const everybody = new Map<PersonKey, Exported>();
  await using backup = await openBackup(file, new Map(), systemClock);
  for await (const record of backup.records())
    if (record.kind === 'person')
      everybody.set(record.person as PersonKey, {
        at: Date.parse(record.at),
        rows: record.rows,
        live: new Set(
          record.rows
            .filter(({ columns }) => columns.state?.value === 'active')
            .map(({ columns }) => columns.id?.value ?? ''),
        ),
      });
  return everybody;
}

/**
 * Holds a file to the moment of a person while people came and went. What was under way at that moment may be in it or not.
 *
 * @returns ids that were live and are missing, and ids that were deleted before and are live
 */
export function wrongAtMoment(
  who: SeededPerson,
  { at, live }: Exported,
  { created, deleted }: Doings,
): { missing: string[]; undead: string[] } {
  const isOwn = ({ oid }: Doing) => oid === who.oid;
  const gone = deleted.filter(isOwn);
  const mayBeGone = new Set(gone.map(({ id }) => id));
  const made = created.filter((doing) => isOwn(doing) && doing.answeredAt <= at);
  const deletedBefore = [...who.deleted, ...gone.filter(({ answeredAt }) => answeredAt <= at)];
  return {
    missing: [...who.live, ...made].map(({ id }) => id).filter((id) => !mayBeGone.has(id) && !live.has(id)),
    undead: deletedBefore.map(({ id }) => id).filter((id) => live.has(id)),
  };
}

/** The ids of the app passwords that must work after an import during which people came and went. */
export function liveAfter(
  { live }: Exported,
  { oid }: SeededPerson,
  { created, deleted }: Doings,
): Set<string> {
  const gone = new Set(deleted.map(({ id }) => id));
  const made = created.filter((doing) => doing.oid === oid).map(({ id }) => id);
  return new Set([...live, ...made].filter((id) => !gone.has(id)));
}
