import type { TableClient } from '@azure/data-tables';
import type { AppPassword, PersonKey, Profile } from '../domain/person.ts';
import { type Entity, isPassword, profileKey, readPassword, readProfile } from './entities.ts';
import { answer } from './outcome.ts';

/** What the table keeps of everybody, in its order: each person's rows lie side by side. */
export type Kept =
  | { readonly kind: 'profile'; readonly person: PersonKey; readonly profile: Profile }
  | { readonly kind: 'password'; readonly person: PersonKey; readonly password: AppPassword };

export interface PageOfEverybody {
  readonly kept: readonly Kept[];
  /** Where the next page begins; none after the last one. */
  readonly continuation: string | undefined;
}

/** One page of the table `AppPasswords`. @throws Unavailable when storage is away. */
export async function pageOfEverybody(
  table: TableClient,
  continuation: string | undefined,
  abortSignal: AbortSignal,
): Promise<PageOfEverybody> {
  const pages = table
    .listEntities<Entity>({ abortSignal })
    .byPage({ maxPageSize: 1000, ...(continuation !== undefined && { continuationToken: continuation }) });
  const { value, done } = await answer(pages.next());
  if (done || value === undefined) return { kept: [], continuation: undefined };
  const kept = value.flatMap((row): Kept[] => {
    const person = row.partitionKey as PersonKey;
    if (row.rowKey === profileKey) return [{ kind: 'profile', person, profile: readProfile(row) }];
    return isPassword(row) ? [{ kind: 'password', person, password: readPassword(row) }] : [];
  });
  return { kept, continuation: value.continuationToken };
}
