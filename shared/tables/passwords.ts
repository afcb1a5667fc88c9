import { odata, type TableClient, TableTransaction } from '@azure/data-tables';
import type { Refusals } from '../domain/app-password/app-password.ts';
import type { PersonKey } from '../domain/person/person.ts';
import type { Change, Passwords } from '../domain/ports.ts';
import { answer, answerUnless } from './answer.ts';
import { forgetIn, forgetInRefusals, type KeptSince } from './client-addresses.ts';
import {
  type Entity,
  isActivity,
  isPassword,
  profileKey,
  readActivity,
  readPassword,
  readProfile,
  writeActivity,
  writeErased,
  writeLastUsed,
  writePassword,
  writeProfile,
  writeRefusals,
} from './rows.ts';

/**
 * The table `AppPasswords`: one partition a person, so that each change is one entity group transaction.
 *
 * @param keptSince since when addresses of clients are written and shown; all by default
 */
export function passwordsIn(table: TableClient, keptSince: KeptSince = () => 0): Passwords {
  const read = (person: PersonKey, rowKey: string, abortSignal: AbortSignal): Promise<Entity | undefined> =>
    answerUnless([404], table.getEntity<Entity>(person, rowKey, { abortSignal }));

  const profileOf = (row: Entity) => forget(readProfile(row));
  const passwordOf = (row: Entity) => {
    const password = forget(readPassword(row));
    const { lastUsed } = password;
    return { ...password, lastUsed: lastUsed && forgetIn(keptSince(), lastUsed) };
  };
  const forget = <T extends { readonly refusals: Refusals | null }>(row: T): T => ({
    ...row,
    refusals: row.refusals && forgetInRefusals(keptSince(), row.refusals),
  });

  const isDone = async (update: ReturnType<TableClient['updateEntity']>): Promise<boolean> =>
    (await answerUnless([404, 412], update)) !== undefined;

  return {
    // A transaction holds 100 entities: the profile, an entry, at most 40 app passwords and these of both kinds.
    trimmedAtOnce: 20,
    removedAtOnce: 50,

    async person(person, abortSignal) {
      const queryOptions = { filter: odata`PartitionKey eq ${person}` };
      const rows =
        (await answer(Array.fromAsync(table.listEntities<Entity>({ queryOptions, abortSignal })))) ?? [];
      const profile = rows.find(({ rowKey }) => rowKey === profileKey);
      return {
        profile: profile && profileOf(profile),
        passwords: rows.filter(isPassword).map(passwordOf),
        activity: rows
          .filter(isActivity)
          .map(readActivity)
          .sort((a, b) => b.at - a.at),
      };
    },

    async profile(person, signal) {
      const row = await read(person, profileKey, signal);
      return row && profileOf(row);
    },

    async find(person, key, signal) {
      const row = await read(person, key, signal);
      return row !== undefined && isPassword(row) ? passwordOf(row) : undefined;
    },

    async commit(person, change, abortSignal) {
      const transaction = toTransaction(person, change);
      if (change.move !== undefined) {
        const { password, to, lastUsed } = change.move;
        // Without conversion, as columns of another version go over as they are, with their types.
        const options = { abortSignal, disableTypeConversion: true };
        const row = await answerUnless([404], table.getEntity<Entity>(person, password.key, options));
        if (row === undefined) return false;
        const { etag: _, timestamp: __, 'odata.metadata': ___, ...columns } = row;
        // A delete carries no ETag: the update of the profile beside it is what guards it.
        transaction.deleteEntity(person, password.key);
        transaction.createEntity({
          ...columns,
          partitionKey: person,
          rowKey: to,
          ...writeLastUsed(forgetIn(keptSince(), lastUsed)),
        });
      }
      return (
        (await answerUnless(
          [404, 409, 412],
          table.submitTransaction(transaction.actions, { abortSignal }),
        )) !== undefined
      );
    },

    async used(partitionKey, { password, lastUsed }, abortSignal) {
      const { key: rowKey, version: etag } = password;
      const row = { partitionKey, rowKey, ...writeLastUsed(forgetIn(keptSince(), lastUsed)) };
      return isDone(table.updateEntity(row, 'Merge', { etag, abortSignal }));
    },

    async refused(partitionKey, { row: { version: etag, ...found }, refusals }, abortSignal) {
      const rowKey = 'key' in found ? found.key : profileKey;
      const row = { partitionKey, rowKey, ...writeRefusals(forgetInRefusals(keptSince(), refusals)) };
      return isDone(table.updateEntity(row, 'Merge', { etag, abortSignal }));
    },

    async erase(partitionKey, { profile: { version: etag }, at }, abortSignal) {
      const row = { partitionKey, rowKey: profileKey, ...writeErased(at) };
      return isDone(table.updateEntity(row, 'Replace', { etag, abortSignal }));
    },
  };
}

function toTransaction(
  partitionKey: PersonKey,
  { profile, activity, create, update, remove }: Change,
): TableTransaction {
  const transaction = new TableTransaction();
  const row = <T extends object>(rowKey: string, columns: T) => ({
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
  if (activity !== undefined) transaction.createEntity(row(activity.key, writeActivity(activity)));
  for (const password of create ?? []) transaction.createEntity(row(password.key, writePassword(password)));
  for (const { password, set } of update ?? []) {
    transaction.updateEntity(row(password.key, writePassword(set)), 'Merge', {
      etag: password.version,
    });
  }
  for (const { key } of remove ?? []) transaction.deleteEntity(partitionKey, key);
  return transaction;
}
