import type { SecretClient } from '@azure/keyvault-secrets';
import { tenantId } from '../local/identities.ts';
import { passwordKey } from '../shared/domain/app-password/app-password.ts';
import { day } from '../shared/domain/app-password/effective-state.ts';
import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import type { PepperVersion } from '../shared/domain/pepper.ts';
import { type PersonKey, personKey } from '../shared/domain/person/person.ts';
import { keyOf, type Username } from '../shared/domain/username/username.ts';
import { pepperIn } from '../shared/key-vault/pepper.ts';
import { systemClock, systemRandom } from '../shared/runtime/system.ts';
import { profileKey, writeClaim, writeLastUsed, writePassword, writeProfile } from '../shared/tables/rows.ts';
import type { Tables } from '../shared/tables/tables.ts';

/** An app password as its owner and the table have it. */
export interface Seeded {
  readonly id: string;
  readonly secret: string;
}

/** Somebody whom {@link seed} made. */
export interface SeededPerson {
  readonly username: string;
  readonly oid: string;
  readonly person: PersonKey;
  readonly live: readonly Seeded[];
  readonly deleted: readonly Seeded[];
}

const atOnce = 16;

/**
 * Puts people into the tables as they would be, faster than by the API: `storm0@example.com` with the id `storm-0`,
 * and so on, each with so many app passwords, also deleted ones.
 */
export async function seed(
  tables: Tables,
  vault: SecretClient,
  count: number,
  each: { readonly live: number; readonly deleted: number },
): Promise<SeededPerson[]> {
  const { writing } = await pepperIn(vault, systemClock, () => {}).read(AbortSignal.timeout(5_000));
  const people: SeededPerson[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++)
      people[index] = await seedPerson(tables, writing, index, each);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return people;
}

async function seedPerson(
  tables: Tables,
  pepper: PepperVersion,
  index: number,
  each: { readonly live: number; readonly deleted: number },
): Promise<SeededPerson> {
  const username = `storm${index}@example.com` as Username;
  const oid = `storm-${index}`;
  const person = personKey(tenantId, oid);
  const issuedAt = systemClock.now() - day;
  const made = Array.from({ length: each.live + each.deleted }, (_, i) => {
    const password = generatePassword(systemRandom);
    const isLive = i < each.live;
    const id = systemRandom.uuid();
    const row = {
      partitionKey: person,
      rowKey: passwordKey(pepper, person, password),
      ...writePassword({
        id,
        name: `Device ${i}`,
        createdAt: issuedAt + i,
        state: isLive ? 'active' : 'deleted',
        suspendedFor: [],
        deletedAt: isLive ? null : issuedAt,
        proof: { amr: ['pwd', 'mfa'], acrs: [], authenticatedAt: issuedAt },
      }),
      // A moment ago, so that a verify does not write.
      ...writeLastUsed({
        at: systemClock.now(),
        protocol: 'imap',
        gateway: 'mail',
        clientAddress: '192.0.2.1',
      }),
    };
    return { id, secret: formatPassword(password), isLive, row };
  });
  const profile = writeProfile({
    username,
    usernameIssuedAt: issuedAt,
    usernameSource: 'token',
    formerUsername: null,
    mail: null,
    registeredAt: issuedAt,
    count: each.live,
    account: 'enabled',
    refusals: null,
  });
  const rows = [{ partitionKey: person, rowKey: profileKey, ...profile }, ...made.map(({ row }) => row)];
  await tables.passwords.submitTransaction(rows.map((row) => ['create', row]));
  const key = keyOf(username);
  const claim = writeClaim({ person, username, issuedAt, source: 'token', aliasOf: null, former: null });
  await tables.usernames.createEntity({ partitionKey: key, rowKey: key, ...claim });
  const seeded = (wanted: boolean) =>
    made.filter(({ isLive }) => isLive === wanted).map(({ id, secret }) => ({ id, secret }));
  return { username, oid, person, live: seeded(true), deleted: seeded(false) };
}
