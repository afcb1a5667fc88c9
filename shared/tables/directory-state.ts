import { odata, type TableClient } from '@azure/data-tables';
import type { Clock } from '../domain/clock.ts';
import type { DirectoryState } from '../domain/directory/directory.ts';
import type { PersonKey } from '../domain/person/person.ts';
import { answer, answerUnless } from './answer.ts';
import {
  directoryPlace,
  type Entity,
  profileKey,
  readNewcomer,
  readProgress,
  writeProgress,
} from './rows.ts';

const { partitionKey, progressKey, newcomerPrefix, afterNewcomers } = directoryPlace;
const peopleAtOnce = 120;

/** What is kept of the directory in the table `AppPasswords`: a partition of its own, beside those of the people. */
export function directoryStateIn(table: TableClient, clock: Clock): DirectoryState {
  const read = (rowKey: string, abortSignal: AbortSignal) =>
    answerUnless([404], table.getEntity<Entity>(partitionKey, rowKey, { abortSignal }));

  return {
    async read(signal) {
      const row = await read(progressKey, signal);
      return row && readProgress(row);
    },

    async save(progress, over, abortSignal) {
      const row = { partitionKey, rowKey: progressKey, ...writeProgress(progress) };
      const saved = await answerUnless(
        [404, 409, 412],
        over === undefined
          ? table.createEntity(row, { abortSignal })
          : table.updateEntity(row, 'Merge', { etag: over.version, abortSignal }),
      );
      return saved?.etag === undefined ? undefined : { ...progress, version: saved.etag };
    },

    async restart(abortSignal) {
      await answerUnless([404], table.deleteEntity(partitionKey, progressKey, { abortSignal }));
    },

    async seen(person, abortSignal) {
      const rowKey = newcomerPrefix + person;
      const row = { partitionKey, rowKey, seenAt: new Date(clock.now()) };
      for (;;) {
        if (await answerUnless([409], table.createEntity(row, { abortSignal }))) return;
        // The note that is there may be about to be removed, as one that is old.
        const there = await read(rowKey, abortSignal);
        if (there === undefined) continue;
        const options = { etag: there.etag, abortSignal };
        if (await answerUnless([404, 412], table.updateEntity(row, 'Merge', options))) return;
      }
    },

    async newcomers(abortSignal) {
      const filter = odata`PartitionKey eq ${partitionKey} and RowKey ge ${newcomerPrefix} and RowKey lt ${afterNewcomers}`;
      const rows = table.listEntities<Entity>({ queryOptions: { filter }, abortSignal });
      return (await answer(Array.fromAsync(rows))).map(readNewcomer);
    },

    async forget({ person, version: etag }, abortSignal) {
      const options = { etag, abortSignal };
      await answerUnless([404, 412], table.deleteEntity(partitionKey, newcomerPrefix + person, options));
    },

    async people(continuationToken, abortSignal) {
      const queryOptions = { filter: odata`RowKey eq ${profileKey}`, select: ['PartitionKey'] };
      const pages = table
        .listEntities<{ partitionKey: string }>({ queryOptions, abortSignal })
        .byPage({ maxPageSize: peopleAtOnce, ...(continuationToken !== null && { continuationToken }) });
      const { value: page } = await answer(pages.next());
      const rows: { partitionKey: string }[] = page ?? [];
      return {
        people: rows.map((row) => row.partitionKey as PersonKey),
        continuation: page?.continuationToken ?? null,
      };
    },
  };
}
