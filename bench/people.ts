import { TableClient } from '@azure/data-tables';
import { tenantId } from '../local/identities.ts';
import type { Stack } from '../local/stack.ts';
import { passwordKey } from '../shared/domain/app-password/app-password.ts';
import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import { type PersonKey, personKey } from '../shared/domain/person/person.ts';
import { keyOf, type Username } from '../shared/domain/username/username.ts';
import { pepperIn } from '../shared/key-vault/pepper.ts';
import { systemClock, systemRandom } from '../shared/runtime/system.ts';
import { writeClaim, writePassword } from '../shared/tables/rows.ts';
import { tableNames } from '../shared/tables/tables.ts';

/** Somebody with passwords, as the tables hold them. */
export interface Somebody {
  readonly username: string;
  readonly person: PersonKey;
  readonly passwords: readonly { readonly secret: string; readonly rowKey: string }[];
}

/**
 * Puts people straight into the tables of a stack, each with some passwords; faster than by the API.
 *
 * @param lastUsedAt a moment ago by default, so that a verify reads and does not write
 */
export async function settle(
  stack: Stack,
  prefix: string,
  count: number,
  each: number,
  lastUsedAt = new Date(),
): Promise<Somebody[]> {
  const open = (name: string) =>
    TableClient.fromConnectionString(stack.tables, name, { allowInsecureConnection: true });
  const [passwords, usernames] = [open(tableNames.passwords), open(tableNames.usernames)];
  const { writing } = await pepperIn(stack.vault, systemClock, () => {}).read(AbortSignal.timeout(5_000));
  const people: Somebody[] = [];

  const settleOne = async (index: number) => {
    const username = `${prefix}${index}@example.com` as Username;
    const person = personKey(tenantId, `${prefix}${index}`);
    const made = Array.from({ length: each }, () => generatePassword(systemRandom));
    const rows = made.map((password) => ({
      partitionKey: person,
      rowKey: passwordKey(writing, person, password),
      lastUsedAt,
      ...writePassword({
        id: systemRandom.uuid(),
        name: 'Bench',
        createdAt: systemClock.now(),
        state: 'active',
      }),
    }));
    await passwords.submitTransaction(rows.map((row) => ['create', row]));
    const key = keyOf(username);
    await usernames.createEntity({
      partitionKey: key,
      rowKey: key,
      ...writeClaim({ person, username, issuedAt: 1, source: 'token', aliasOf: null, former: null }),
    });
    people.push({
      username,
      person,
      passwords: made.map((password, i) => ({
        secret: formatPassword(password),
        rowKey: rows[i]?.rowKey ?? '',
      })),
    });
  };

  const waiting = Array.from({ length: count }, (_, index) => index);
  const worker = async () => {
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) await settleOne(index);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return people;
}
