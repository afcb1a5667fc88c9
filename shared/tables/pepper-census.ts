import type { TableClient } from '@azure/data-tables';
import type { PersonKey } from '../domain/person/person.ts';
import { answer } from './answer.ts';

/** Where live passwords lie: for each version of the pepper, each person with the number of passwords under it. */
export type Census = ReadonlyMap<string, ReadonlyMap<PersonKey, number>>;

/**
 * Counts all live passwords by the pepper's version, in one scan of the table.
 *
 * @throws Unavailable when storage is away.
 */
export async function census(table: TableClient): Promise<Census> {
  const counts = new Map<string, Map<PersonKey, number>>();
  const queryOptions = {
    filter: "state eq 'active' or state eq 'suspended'",
    select: ['PartitionKey', 'RowKey'],
  };
  const rows = await answer(
    Array.fromAsync(table.listEntities<{ rowKey: string; partitionKey: string }>({ queryOptions })),
  );
  for (const { partitionKey, rowKey } of rows) {
    const version = rowKey.split('.', 1)[0] ?? '';
    const people = counts.get(version) ?? new Map<PersonKey, number>();
    people.set(partitionKey as PersonKey, (people.get(partitionKey as PersonKey) ?? 0) + 1);
    counts.set(version, people);
  }
  return counts;
}
