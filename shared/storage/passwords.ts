import { odata, type TableClient, TableTransaction } from '@azure/data-tables';
import type { PasswordKey, Person, PersonKey } from '../domain/person.ts';
import type { Change, Passwords } from '../domain/ports.ts';
import {
  type Entity,
  isPassword,
  profileKey,
  readPassword,
  readProfile,
  writeLastUsed,
  writePassword,
  writeProfile,
} from './entities.ts';
import { answer, answerUnless } from './outcome.ts';

/** The table `AppPasswords`: one partition a person, so that each change is one entity group transaction. */
export function passwordsIn(table: TableClient): Passwords {
  const read = (person: PersonKey, rowKey: string, abortSignal: AbortSignal): Promise<Entity | undefined> =>
    answerUnless([404], table.getEntity<Entity>(person, rowKey, { abortSignal }));

  return {
    async person(person, abortSignal) {
      const queryOptions = { filter: odata`PartitionKey eq ${person}` };
      const rows =
        (await answer(Array.fromAsync(table.listEntities<Entity>({ queryOptions, abortSignal })))) ?? [];
      return toPerson(rows);
    },

    async profile(person, signal) {
      const row = await read(person, profileKey, signal);
      return row && readProfile(row);
    },

    async find(person, key, signal) {
      const row = await read(person, key, signal);
      return row !== undefined && isPassword(row) ? readPassword(row) : undefined;
    },

    async commit(person, change, abortSignal) {
      const transaction = toTransaction(person, change);
      if (change.move !== undefined) {
        const { password, to, lastUsed } = change.move;
        // Without conversion, as columns of another version go over as they are, with their types.
        const options = { abortSignal, disableTypeConversion: true };
        const row = await answerUnless([404], table.getEntity<Entity>(person, password.key, options));
        if (row === undefined) return false;
        const { etag: _, timestamp: __, ...columns } = row;
        // A delete carries no ETag: the update of the profile beside it is what guards it.
        transaction.deleteEntity(person, password.key);
        transaction.createEntity({
          ...columns,
          partitionKey: person,
          rowKey: to,
          ...writeLastUsed(lastUsed),
        });
      }
      return (
        (await answerUnless(
          [404, 409, 412],
          table.submitTransaction(transaction.actions, { abortSignal }),
        )) !== undefined
      );
    },

    async used(person, password, lastUsed, abortSignal) {
      const row = {
        partitionKey: person,
        rowKey: password.key,
        ...writeLastUsed(lastUsed),
      };
      const noted = table.updateEntity(row, 'Merge', {
        etag: password.version,
        abortSignal,
      });
      return (await answerUnless([404, 412], noted)) !== undefined;
    },
  };
}

function toPerson(rows: readonly Entity[]): Person {
  const profile = rows.find(({ rowKey }) => rowKey === profileKey);
  return {
    profile: profile && readProfile(profile),
    passwords: rows.filter(isPassword).map(readPassword),
  };
}

function toTransaction(
  partitionKey: PersonKey,
  { profile, create, update, remove }: Change,
): TableTransaction {
  const transaction = new TableTransaction();
  const row = <T extends object>(rowKey: PasswordKey | typeof profileKey, columns: T) => ({
    partitionKey,
    rowKey,
    ...columns,
  });
  const profileRow = row(profileKey, writeProfile(profile.to, profile.from));
  if (profile.from === undefined) transaction.createEntity(profileRow);
  else
    transaction.updateEntity(profileRow, 'Merge', {
      etag: profile.from.version,
    });
  for (const password of create ?? []) transaction.createEntity(row(password.key, writePassword(password)));
  for (const { password, set } of update ?? []) {
    transaction.updateEntity(row(password.key, writePassword(set)), 'Merge', {
      etag: password.version,
    });
  }
  for (const { key } of remove ?? []) transaction.deleteEntity(partitionKey, key);
  return transaction;
}
