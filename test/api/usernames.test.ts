import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { tenantId } from '../../local/identities.ts';
import { addGateway } from '../../operator/gateway-registry.ts';
import { day } from '../../shared/domain/app-password/effective-state.ts';
import type { AuditRecord } from '../../shared/domain/audit-record.ts';
import { isNoHolder, noHolder, type PersonKey, personKey } from '../../shared/domain/person/person.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { claimOfNobody } from '../../shared/domain/username/former-username.ts';
import { releaseToNobody } from '../../shared/domain/username/release-username.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import { systemClock, systemRandom } from '../../shared/runtime/system.ts';
import { readStoreSettings } from '../../shared/settings/settings.ts';
import { passwordsIn } from '../../shared/tables/passwords.ts';
import { profileKey, readClaim, writeClaim, writeProfile } from '../../shared/tables/rows.ts';
import { openTables } from '../../shared/tables/tables.ts';
import { usernamesIn } from '../../shared/tables/usernames.ts';
import { type Answer, administrator, gateway, person, strangePassword } from '../../testing/api.ts';
import { everybody, labels, nameOf, oidOf, signInName, type Who } from '../../testing/directory.ts';
import { operator } from '../../testing/operator.ts';
import { type RecordLine, recordsIn } from '../../testing/records.ts';
import { type Service, startService } from '../../testing/service.ts';
import { startTableProxy } from '../../testing/table-proxy.ts';
import { onlyOnDemand, runTimer } from '../../testing/timer.ts';

/** Every test has a group of its own. */
const groups = 130;

let service: Service;
let used = 0;

beforeAll(async () => {
  service = await startService({ users: everybody(groups), settings: () => onlyOnDemand('upkeep') });
});

afterAll(() => service?.close());

/** Tries again until nothing is wrong any more. */
function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 15_000 });
}

/** A group that no other test knows. */
function newGroup() {
  const group = used++;
  if (group >= groups) throw new Error('there are not enough groups');
  const [red, green, blue] = labels.map((label) => nameOf(group, label)) as [Username, Username, Username];
  const oid = (who: Who) => oidOf(group, who);
  const key = (who: Who): PersonKey => personKey(tenantId, oid(who));

  let last = 0;

  /** Signs in as a person under a name, with a later token than whoever signed in before; tokens know whole seconds. */
  async function signIn(who: Who, username: Username) {
    await eventually(() => expect(Math.floor(Date.now() / 1000)).toBeGreaterThan(last));
    const token = await service.token(signInName(who, username));
    const { oid: signedIn, iat } = decodeJwt(token);
    expect(signedIn).toBe(oid(who));
    last = iat as number;
    return { token, issuedAt: last * 1000, ...person(service.origin, token) };
  }

  return { red, green, blue, key, oid, signIn };
}

type Group = ReturnType<typeof newGroup>;
type SignedIn = Awaited<ReturnType<Group['signIn']>>;

async function made(answer: Promise<Answer>): Promise<{ id: string; name: string; password: string }> {
  const { status, body } = await answer;
  expect([status, body.type]).toEqual([201, undefined]);
  return body;
}

async function namesOf(owner: Pick<SignedIn, 'list'>): Promise<string[]> {
  const { status, body } = await owner.list();
  expect(status).toBe(200);
  return body.appPasswords.map(({ name }: { name: string }) => name);
}

/** Says under which of the names verify accepts a password; every accepted one must be the canonical one. */
async function acceptedUnder(
  password: string,
  names: readonly Username[],
  host: Pick<HostProcess, 'origin'> = service,
): Promise<Username[]> {
  const accepted: Username[] = [];
  for (const username of names) {
    const { status, headers } = await gateway(host.origin, service.gatewayKey).verify(username, password);
    expect([200, 401]).toContain(status);
    if (status !== 200) continue;
    expect(headers.get('x-auth-user')).toBe(username);
    accepted.push(username);
  }
  return accepted;
}

function expectNameRefused({ status, body }: Answer): void {
  expect([status, body.type]).toEqual([403, '/problems/username-not-accepted']);
}

/** What is stored of a name; undefined where nothing is. */
async function claimOf(username: Username) {
  const filter = `PartitionKey eq '${keyOf(username)}'`;
  const [row] = await Array.fromAsync(service.tables.usernames.listEntities({ queryOptions: { filter } }));
  return row && readClaim(row);
}

/** Who holds a name; undefined where nobody does. */
async function holderOf(username: Username): Promise<PersonKey | undefined> {
  const claim = await claimOf(username);
  return claim === undefined || isNoHolder(claim.person) ? undefined : claim.person;
}

/** Whose a name was that nobody holds. */
async function formerHolderOf(username: Username): Promise<PersonKey | undefined> {
  return (await claimOf(username))?.former?.person;
}

/** Writes a claim, as another request left it. */
async function stageClaim(username: Username, owner: PersonKey, issuedAt: number): Promise<void> {
  const key = keyOf(username);
  const row = {
    partitionKey: key,
    rowKey: key,
    ...writeClaim({ person: owner, username, issuedAt, source: 'token', aliasOf: null, former: null }),
  };
  await service.tables.usernames.upsertEntity(row, 'Replace');
}

async function stageGivenUp(username: Username, former: PersonKey): Promise<void> {
  const key = keyOf(username);
  const columns = writeClaim(claimOfNobody({ person: former, username }, { issuedAt: 0, since: Date.now() }));
  await service.tables.usernames.updateEntity({ partitionKey: key, rowKey: key, ...columns }, 'Merge');
}

async function stageNoClaim(username: Username): Promise<void> {
  const key = keyOf(username);
  await service.tables.usernames.deleteEntity(key, key);
}

/** Changes a profile, as another request left it. */
async function stageProfile(
  owner: PersonKey,
  set: { username?: Username; usernameIssuedAt?: Date; formerUsername?: Username | '' },
): Promise<void> {
  const row = { partitionKey: owner, rowKey: profileKey, ...set };
  await service.tables.passwords.updateEntity(row, 'Merge');
}

async function profileOf(owner: PersonKey) {
  const { username, formerUsername } = await service.tables.passwords.getEntity(owner, profileKey);
  return { username, formerUsername };
}

/** The audit records of one event that name a person as who it happened to. */
function auditOf(event: string, owner: PersonKey): Record<string, unknown>[] {
  return service.host
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line))
    .filter((record) => record.event === event && record.person === owner);
}

describe.concurrent('A renamed person', () => {
  test('keeps the passwords: they work under the new name from its first request on, and not under the old one', async () => {
    const { red, green, key, signIn } = newGroup();
    const before = await signIn('x', red);
    const { password } = await made(before.create('Phone'));
    expect(await acceptedUnder(password, [red, green])).toEqual([red]);

    const after = await signIn('x', green);
    // Nobody knows of the new name before a request comes with it.
    expect(await acceptedUnder(password, [red, green])).toEqual([red]);
    expect(await namesOf(after)).toEqual(['Phone']);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
    expect([await holderOf(red), await formerHolderOf(red)]).toEqual([undefined, key('x')]);
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
    await eventually(() => expect(auditOf('username.released', key('x'))).toHaveLength(1));
    // The first name and the second one.
    await eventually(() => expect(auditOf('username.claimed', key('x'))).toHaveLength(2));
  });

  test.each<[string, (me: SignedIn, id: string) => Promise<Answer>, number, number]>([
    ['list', (me) => me.list(), 200, 1],
    ['create', (me) => me.create('Laptop'), 201, 2],
    ['register', (me) => me.register('First'), 201, 2],
    ['rename', (me, id) => me.rename(id, 'Old phone'), 200, 1],
    ['rename of what is not there', (me) => me.rename(randomUUID(), 'Old phone'), 404, 1],
    ['delete of what is not there', (me) => me.remove(randomUUID()), 404, 1],
  ])('has the new name after any request: %s', async (_name, request, status, count) => {
    const { red, green, signIn } = newGroup();
    const { id, password } = await made((await signIn('x', red)).create('Phone'));
    const after = await signIn('x', green);
    expect((await request(after, id)).status).toBe(status);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
    expect(await namesOf(after)).toHaveLength(count);
  });

  test.each<[string, (me: SignedIn, id: string) => Promise<Answer>]>([
    ['delete', (me, id) => me.remove(id)],
    ['delete all', (me) => me.removeAll()],
  ])(
    'gives the old name back also with %s, and what is deleted works under neither',
    async (_name, request) => {
      const { red, green, key, signIn } = newGroup();
      const { id, password } = await made((await signIn('x', red)).create('Phone'));
      const after = await signIn('x', green);
      expect((await request(after, id)).status).toBeLessThan(300);
      expect(await acceptedUnder(password, [red, green])).toEqual([]);
      expect([await holderOf(red), await holderOf(green)]).toEqual([undefined, key('x')]);
    },
  );

  test('may be renamed back, and on to a third name', async () => {
    const { red, green, blue, signIn } = newGroup();
    const { password } = await made((await signIn('x', red)).create('Phone'));
    for (const name of [green, red, blue, red]) {
      expect(await namesOf(await signIn('x', name))).toEqual(['Phone']);
      expect(await acceptedUnder(password, [red, green, blue])).toEqual([name]);
    }
  });

  test('is served by many requests at once', async () => {
    const { red, green, key, signIn } = newGroup();
    const { password } = await made((await signIn('x', red)).create('Phone'));
    const after = await signIn('x', green);
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => after.list()),
      ...Array.from({ length: 5 }, () => after.create('Laptop')),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([...Array(5).fill(200), ...Array(5).fill(201)]);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
  });

  test('has the new name on another instance as soon as that one looks again', async () => {
    const other = await service.anotherHost();
    const { red, green, signIn } = newGroup();
    const { password } = await made((await signIn('x', red)).create('Phone'));
    // The other instance now remembers both, the one as known and the other as unknown.
    expect(await acceptedUnder(password, [red, green], other)).toEqual([red]);
    await (await signIn('x', green)).list();
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
    await eventually(async () => {
      expect(await acceptedUnder(password, [red, green], other)).toEqual([green]);
    });
  });

  test('keeps the new name whatever comes with an older token', async () => {
    const { red, green, key, signIn } = newGroup();
    const before = await signIn('x', red);
    const { id, password } = await made(before.create('Phone'));
    await (await signIn('x', green)).list();

    const laptop = await made(before.create('Laptop'));
    await made(before.register('First'));
    expect((await before.rename(id, 'Old phone')).status).toBe(200);
    expect(await namesOf(before)).toEqual(['First', 'Laptop', 'Old phone']);
    for (const secret of [password, laptop.password]) {
      expect(await acceptedUnder(secret, [red, green])).toEqual([green]);
    }
    expect((await before.remove(laptop.id)).status).toBe(204);
    expect(await holderOf(red)).toBeUndefined();
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
  });
});

describe.concurrent('Whoever asks who they are', () => {
  /** The username that the list tells, under which alone a password must work. */
  async function told(me: Pick<SignedIn, 'list'>): Promise<string> {
    const { status, body } = await me.list();
    expect(status).toBe(200);
    return body.username;
  }

  test('hears the token’s name, in canonical form, before anything is kept', async () => {
    const { red, key, signIn } = newGroup();
    // Whose token spells it in full-width letters.
    const me = await signIn('y', red);
    expect(await told(me)).toBe(red);
    expect(await holderOf(red)).toBeUndefined();
    await expect(profileOf(key('y'))).rejects.toThrow();
    const { password } = await made(me.create('Phone'));
    expect(await told(me)).toBe(red);
    expect(await acceptedUnder(password, [red])).toEqual([red]);
  });

  test('hears the new name of a newer token, by the very request that brings it', async () => {
    const { red, green, signIn } = newGroup();
    const before = await signIn('x', red);
    const { password } = await made(before.create('Phone'));
    expect(await told(await signIn('x', green))).toBe(green);
    // An older token does not know of it, and is told.
    expect(await told(before)).toBe(green);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });

  test('hears the username that an administrator gave, and after a newer sign-in the token’s again', async () => {
    const { red, green, blue, signIn } = newGroup();
    const me = await signIn('x', red);
    const { password } = await made(me.create('Phone'));
    const { oid } = decodeJwt(me.token);
    const admin = administrator(service.origin, await service.token('bob@example.com'));
    for (const username of [blue, green]) {
      expect((await admin.setAccount(oid as string, { username })).status).toBe(200);
      expect(await told(me)).toBe(username);
      expect(await acceptedUnder(password, [red, green, blue])).toEqual([username]);
    }
    // A token of the same second is the older proof.
    await eventually(async () => expect(await told(await signIn('x', red))).toBe(red));
    expect(await acceptedUnder(password, [red, green, blue])).toEqual([red]);
  });

  test('hears the old name while somebody else holds the new one by a newer proof', async () => {
    const { red, green, signIn } = newGroup();
    const { password } = await made((await signIn('x', green)).create('Phone'));
    const late = await signIn('x', red);
    await made((await signIn('y', red)).create('Of the present holder'));
    expect(await told(late)).toBe(green);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });

  test('hears the username in the profile while the account is disabled', async () => {
    const { red, green, signIn } = newGroup();
    const me = await signIn('x', red);
    await made(me.create('Phone'));
    const admin = administrator(service.origin, await service.token('bob@example.com'));
    const oid = decodeJwt(me.token).oid as string;
    expect((await admin.setAccount(oid, { account: 'disabled' })).status).toBe(200);
    expect(await told(await signIn('x', green))).toBe(red);
  });

  test('hears the token’s name after everything was erased, also where somebody else has it by now', async () => {
    for (const isTaken of [false, true]) {
      const { red, signIn } = newGroup();
      const me = await signIn('x', red);
      await made(me.create('Phone'));
      const admin = administrator(service.origin, await service.token('bob@example.com'));
      expect((await admin.erase(decodeJwt(me.token).oid as string)).status).toBe(204);
      if (isTaken) await made((await signIn('y', red)).create('Of the present holder'));
      expect(await told(me)).toBe(red);
    }
  });

  test('hears the username that a crash in the middle of a rename did not finish', async () => {
    const { red, green, key, signIn } = newGroup();
    const { password } = await made((await signIn('x', red)).create('Phone'));
    const after = await signIn('x', green);
    await stageProfile(key('x'), { username: red, formerUsername: green });
    expect(await told(after)).toBe(green);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });
});

describe.concurrent('A recycled username', () => {
  /** X has a password under a name that Y got later, and Y has one too. */
  async function recycled() {
    const group = newGroup();
    const { red, signIn } = group;
    const former = await signIn('x', red);
    const phone = await made(former.create('Of the former holder'));
    const second = await made(former.create('Also of the former holder'));
    expect(await acceptedUnder(phone.password, [red])).toEqual([red]);
    const present = await signIn('y', red);
    return { ...group, former, phone, second, present };
  }

  test('inherits nothing: its new holder’s claim wins, and the former holder’s passwords do not open it', async () => {
    const { red, green, blue, key, phone, second, present } = await recycled();
    expect(await namesOf(present)).toEqual([]);
    const own = await made(present.create('Of the present holder'));
    expect(await acceptedUnder(own.password, [red])).toEqual([red]);
    for (const { password } of [phone, second]) {
      expect(await acceptedUnder(password, [red, green, blue])).toEqual([]);
    }
    expect(await namesOf(present)).toEqual(['Of the present holder']);
    expect(await holderOf(red)).toBe(key('y'));
    await eventually(() => expect(auditOf('username.claimed', key('y'))).toMatchObject([{ from: key('x') }]));
  });

  test('is taken by the first request of its new holder, as the page begins with the list', async () => {
    const { red, phone, present } = await recycled();
    expect(await namesOf(present)).toEqual([]);
    expect(await acceptedUnder(phone.password, [red])).toEqual([]);
  });

  test('is taken by registration as well', async () => {
    const { red, phone, present } = await recycled();
    const own = await made(present.register('First'));
    expect(await acceptedUnder(own.password, [red])).toEqual([red]);
    expect(await acceptedUnder(phone.password, [red])).toEqual([]);
  });

  test('is taken by a rename as well', async () => {
    const { red, green, key, signIn } = newGroup();
    const former = await made((await signIn('x', red)).create('Of the former holder'));
    const own = await made((await signIn('y', green)).create('Of the present holder'));
    const present = await signIn('y', red);
    expect(await namesOf(present)).toEqual(['Of the present holder']);
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect(await acceptedUnder(former.password, [red, green])).toEqual([]);
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), undefined]);
  });

  test('is refused to its former holder’s older token, who still lists, renames and deletes', async () => {
    const { red, key, former, phone, second, present } = await recycled();
    const own = await made(present.create('Of the present holder'));

    expectNameRefused(await former.create('More'));
    expectNameRefused(await former.create('More', { 'idempotency-key': randomUUID() }));
    expectNameRefused(await former.register('More'));
    expect(await namesOf(former)).toEqual(['Also of the former holder', 'Of the former holder']);
    expect((await former.rename(phone.id, 'Renamed')).body.name).toBe('Renamed');
    expect((await former.remove(phone.id)).status).toBe(204);
    expect((await former.remove(own.id)).status).toBe(404);
    expect(await namesOf(former)).toEqual(['Also of the former holder']);
    expect((await former.removeAll()).body).toEqual({ deleted: 1 });

    expect(await acceptedUnder(second.password, [red])).toEqual([]);
    expect(await acceptedUnder(own.password, [red])).toEqual([red]);
    expect(await holderOf(red)).toBe(key('y'));
  });

  test('stays with its new holder when the former one signs in under another username, where the passwords then work', async () => {
    const { red, green, key, signIn, phone, present } = await recycled();
    const own = await made(present.create('Of the present holder'));
    const renamed = await signIn('x', green);
    expect(await namesOf(renamed)).toEqual(['Also of the former holder', 'Of the former holder']);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([green]);
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), key('x')]);
    const more = await made(renamed.create('More'));
    expect(await acceptedUnder(more.password, [red, green])).toEqual([green]);
  });

  test('goes back to its former holder with a still later token', async () => {
    const { red, key, signIn, phone, present } = await recycled();
    const own = await made(present.create('Of the present holder'));
    const back = await signIn('x', red);
    const more = await made(back.create('More'));
    for (const { password } of [phone, more]) expect(await acceptedUnder(password, [red])).toEqual([red]);
    expect(await acceptedUnder(own.password, [red])).toEqual([]);
    expect(await holderOf(red)).toBe(key('x'));
    expectNameRefused(await present.create('More'));
  });

  test('goes back to its former holder by the first look at the list, too', async () => {
    const { red, key, signIn, phone, present } = await recycled();
    const own = await made(present.create('Of the present holder'));
    expect(await namesOf(await signIn('x', red))).toHaveLength(2);
    expect(await acceptedUnder(phone.password, [red])).toEqual([red]);
    expect(await acceptedUnder(own.password, [red])).toEqual([]);
    expect(await holderOf(red)).toBe(key('x'));
  });

  test('that nobody holds any more goes back to its former holder by the first look at the list', async () => {
    const { red, green, key, signIn, phone } = await recycled();
    for (const name of [red, green]) await (await signIn('y', name)).create('Of somebody who left again');
    expect(await holderOf(red)).toBeUndefined();
    expect(await namesOf(await signIn('x', red))).toHaveLength(2);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([red]);
    expect(await holderOf(red)).toBe(key('x'));
  });

  test('is not taken by a token of the same second, nor by an older one', async () => {
    for (const later of [0, 1000]) {
      const { red, key, signIn } = newGroup();
      const present = await signIn('y', red);
      await stageClaim(red, key('x'), present.issuedAt + later);
      expectNameRefused(await present.create('Phone'));
      expectNameRefused(await present.register('Phone'));
      expect(await namesOf(present)).toEqual([]);
      expect(await holderOf(red)).toBe(key('x'));
    }
  });

  test('does not rename somebody whose token is older than its new holder’s claim; all but create and register goes on', async () => {
    const { red, green, key, signIn } = newGroup();
    const phone = await made((await signIn('x', green)).create('Phone'));
    const late = await signIn('x', red);
    const own = await made((await signIn('y', red)).create('Of the present holder'));

    expect(await namesOf(late)).toEqual(['Phone']);
    expectNameRefused(await late.create('More'));
    expectNameRefused(await late.register('More'));
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([green]);
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect((await late.rename(phone.id, 'Old phone')).status).toBe(200);
    expect((await late.remove(phone.id)).status).toBe(204);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([]);
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), key('x')]);
  });
});

describe.concurrent('Two people who swap their names', () => {
  /** X is red, Y is green, and the directory swaps that. */
  async function swapped() {
    const group = newGroup();
    const { red, green, signIn } = group;
    const ofX = await made((await signIn('x', red)).create('Of X'));
    const ofY = await made((await signIn('y', green)).create('Of Y'));
    const x = await signIn('x', green);
    const y = await signIn('y', red);
    return { ...group, ofX, ofY, x, y };
  }

  async function expectSwapped({ red, green, key, ofX, ofY, x, y }: Awaited<ReturnType<typeof swapped>>) {
    expect(await acceptedUnder(ofX.password, [red, green])).toEqual([green]);
    expect(await acceptedUnder(ofY.password, [red, green])).toEqual([red]);
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), key('x')]);
    expect([await namesOf(x), await namesOf(y)]).toEqual([['Of X'], ['Of Y']]);
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
    expect(await profileOf(key('y'))).toEqual({ username: red, formerUsername: '' });
  }

  test.each([
    ['first the one', ['x', 'y']],
    ['first the other', ['y', 'x']],
  ] as const)('keep their own passwords: %s', async (_name, order) => {
    const swap = await swapped();
    for (const who of order) await swap[who].list();
    await expectSwapped(swap);
  });

  test('keep their own passwords: both at once, many times', async () => {
    const swap = await swapped();
    const requests = Array.from({ length: 4 }, () => [swap.x.list(), swap.y.list()]).flat();
    for (const { status } of await Promise.all(requests)) expect(status).toBe(200);
    await expectSwapped(swap);
  });

  test('open nothing of each other in between', async () => {
    const swap = await swapped();
    const { red, green, ofX, ofY } = swap;
    await swap.x.list();
    expect(await acceptedUnder(ofX.password, [red, green])).toEqual([green]);
    expect(await acceptedUnder(ofY.password, [red, green])).toEqual([]);
    await swap.y.list();
    await expectSwapped(swap);
  });
});

describe.concurrent('A crash in the middle of a rename', () => {
  type Next = (me: SignedIn) => Promise<Answer>;
  const requests: readonly (readonly [string, Next])[] = [
    ['list', (me) => me.list()],
    ['create', (me) => me.create('Laptop')],
    ['delete of what is not there', (me) => me.remove(randomUUID())],
  ];

  /** X was red, signs in as green, and the first request with that got as far as the stage says. */
  async function crashed(stage: number) {
    const group = newGroup();
    const { red, green, key, signIn } = group;
    const { password } = await made((await signIn('x', red)).create('Phone'));
    const after = await signIn('x', green);
    if (stage >= 1) await stageProfile(key('x'), { username: red, formerUsername: green });
    if (stage >= 2) await stageClaim(green, key('x'), after.issuedAt);
    if (stage >= 3) {
      const usernameIssuedAt = new Date(after.issuedAt);
      await stageProfile(key('x'), { username: green, usernameIssuedAt, formerUsername: red });
    }
    if (stage === 4) await stageGivenUp(red, key('x'));
    // As the version before does.
    if (stage === 5) await stageNoClaim(red);
    /** What the person held before the name of the next request, and of which that is kept. */
    const former = [...(stage === 5 ? [] : [red]), ...(stage === 1 ? [] : [green])];
    return { ...group, password, after, former };
  }

  async function expectSettled(
    { key, red, green, blue, password, former }: Awaited<ReturnType<typeof crashed>>,
    name: Username,
  ) {
    expect(await acceptedUnder(password, [red, green, blue])).toEqual([name]);
    for (const one of [red, green, blue]) {
      expect(await holderOf(one)).toBe(one === name ? key('x') : undefined);
      const isFormer = one !== name && former.includes(one);
      expect(await formerHolderOf(one)).toBe(isFormer ? key('x') : undefined);
    }
    expect(await profileOf(key('x'))).toEqual({ username: name, formerUsername: '' });
  }

  const stages = [
    ['after the new name was noted', 1],
    ['after the new name was claimed', 2],
    ['after the profile had the new name', 3],
    ['after the old name was given up', 4],
    ['after the version before removed the old name', 5],
  ] as const;

  describe.each(stages)('%s', (_stage, stage) => {
    test.each(requests)('is finished by the next request: %s', async (_name, next) => {
      const crash = await crashed(stage);
      expect((await next(crash.after)).status).toBeLessThan(500);
      await expectSettled(crash, crash.green);
      expect(await namesOf(crash.after)).toContain('Phone');
    });

    test.each([
      ['got a third name', 'blue'],
      ['got the old name back', 'red'],
    ] as const)('is finished also after the person %s', async (_name, label) => {
      const crash = await crashed(stage);
      expect(await namesOf(await crash.signIn('x', crash[label]))).toEqual(['Phone']);
      await expectSettled(crash, crash[label]);
    });
  });

  test('does not take the old name from somebody who got it in between', async () => {
    const crash = await crashed(3);
    const { red, green, key, after, signIn, password } = crash;
    const own = await made((await signIn('y', red)).create('Of the present holder'));
    await after.list();
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), key('x')]);
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });

  test('lets the password work under one of the two names at every step', async () => {
    for (const [, stage] of stages) {
      const { red, green, password } = await crashed(stage);
      expect((await acceptedUnder(password, [red, green])).length).toBeGreaterThan(0);
    }
  });
});

describe.concurrent('A crash in the middle of the first create', () => {
  /** The profile was made and the name claimed, and no password stored. */
  async function stageFirst(username: Username, owner: PersonKey, issuedAt: number): Promise<void> {
    const name = {
      username,
      usernameIssuedAt: issuedAt,
      usernameSource: 'token',
      formerUsername: null,
    } as const;
    const profile = { ...name, mail: null, registeredAt: null, count: 0, refusals: null };
    const columns = writeProfile({ ...profile, account: 'enabled' });
    await service.tables.passwords.createEntity({ partitionKey: owner, rowKey: profileKey, ...columns });
    await stageClaim(username, owner, issuedAt);
  }

  test('leaves a claimed name without passwords, which the next create takes up', async () => {
    const { red, key, signIn } = newGroup();
    const me = await signIn('x', red);
    await stageFirst(red, key('x'), me.issuedAt);
    expect(await namesOf(me)).toEqual([]);
    const { password } = await made(me.create('Phone'));
    expect(await acceptedUnder(password, [red])).toEqual([red]);
  });

  test('does not keep the username from the next holder', async () => {
    const { red, key, signIn } = newGroup();
    const before = await signIn('x', red);
    await stageFirst(red, key('x'), before.issuedAt);
    const { password } = await made((await signIn('y', red)).create('Phone'));
    expect(await acceptedUnder(password, [red])).toEqual([red]);
    expectNameRefused(await before.create('Phone'));
  });

  test('does not keep the username from its holder’s next one, under which alone the passwords work', async () => {
    const { red, green, key, signIn } = newGroup();
    const before = await signIn('x', red);
    await stageFirst(red, key('x'), before.issuedAt);
    const { password } = await made((await signIn('x', green)).create('Phone'));
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });
});

/** Runs the operator's command. */
const usernames = (...args: string[]) => operator('usernames', service.stack.settings, ...args);

/** What was recorded of releases by {@link release}. */
const records: AuditRecord[] = [];

/** Does what the operator's command does. */
function release(username: Username, tables: Pick<Service, 'tables'>['tables'] = service.tables) {
  const ports = {
    passwords: passwordsIn(tables.passwords),
    usernames: usernamesIn(tables.usernames, systemClock),
    clock: systemClock,
    random: systemRandom,
    audit: { record: (it: AuditRecord) => void records.push(it), flush: async () => true },
    queue: <T>(_: unknown, task: () => Promise<T>) => task(),
  };
  return releaseToNobody(ports, { actor: { kind: 'operator' }, username }, AbortSignal.timeout(10_000));
}

/** The row of a name, with its version. */
async function rowOf(username: Username) {
  const key = keyOf(username);
  const { etag, person, issuedAt, ...row } = await service.tables.usernames.getEntity<{
    person: string;
    issuedAt: Date;
  }>(key, key);
  return { etag, person, issuedAt: issuedAt.getTime(), ...row };
}

/** Lets the newest proof of a name be of some time, in milliseconds since the epoch, and sets other columns of its row. */
async function stageProof(username: Username, at: number, columns: object = {}): Promise<void> {
  const key = keyOf(username);
  const row = { partitionKey: key, rowKey: key, issuedAt: new Date(at), ...columns };
  await service.tables.usernames.updateEntity(row, 'Merge');
}

const daysAgo = (days: number) => Date.now() - days * day;

/** The mail address that the directory gave to a person, in the place of a username. */
async function stageMail(mail: Username, aliasOf: Username, owner: PersonKey): Promise<void> {
  const key = keyOf(mail);
  const claim = {
    person: owner,
    username: mail,
    issuedAt: Date.now(),
    source: 'directory',
    aliasOf,
    former: null,
  } as const;
  await service.tables.usernames.createEntity({ partitionKey: key, rowKey: key, ...writeClaim(claim) });
  await service.tables.passwords.updateEntity({ partitionKey: owner, rowKey: profileKey, mail }, 'Merge');
}

/** The canonical username that a password is accepted for, whatever somebody typed; null if it is refused. */
async function acceptedAs(password: string, typed: Username): Promise<string | null> {
  const { status, headers } = await gateway(service.origin, service.gatewayKey).verify(typed, password);
  expect([200, 401]).toContain(status);
  return headers.get('x-auth-user');
}

async function administer() {
  return administrator(service.origin, await service.token('bob@example.com'));
}

describe.concurrent('A username that an operator releases', () => {
  /** X has an app password under a name, which was released. */
  async function released() {
    const group = newGroup();
    const { red, signIn } = group;
    const former = await signIn('x', red);
    const phone = await made(former.create('Phone'));
    expect(await release(red)).toEqual({ kind: 'released', person: group.key('x') });
    await eventually(async () => expect(await acceptedUnder(phone.password, [red])).toEqual([]));
    const { issuedAt: releasedAt } = await rowOf(red);
    /** Signs in later than the release; tokens know whole seconds. */
    const signInLater: Group['signIn'] = async (who, username) => {
      await eventually(() => expect(Math.floor(Date.now() / 1000) * 1000).toBeGreaterThan(releasedAt));
      return signIn(who, username);
    };
    return { ...group, former, phone, releasedAt, signInLater };
  }

  test('opens nothing within 10 seconds, on every instance, and the owner still has the app passwords', async () => {
    const other = await service.anotherHost();
    const { red, green, key, oid, signIn } = newGroup();
    const owner = await signIn('x', red);
    const { password } = await made(owner.create('Phone'));
    for (const host of [service, other]) expect(await acceptedUnder(password, [red], host)).toEqual([red]);
    const began = Date.now();
    const { code, stdout } = await usernames('release', red.toUpperCase());
    expect(code).toBe(0);
    const ended = Date.now();
    for (const host of [service, other])
      await eventually(async () => expect(await acceptedUnder(password, [red, green], host)).toEqual([]));
    expect(Date.now() - ended).toBeLessThan(11_000);
    expect(await namesOf(owner)).toEqual(['Phone']);

    const { issuedAt, person: holder } = await rowOf(red);
    expect(holder).not.toBe(key('x'));
    expect(issuedAt).toBeGreaterThanOrEqual(began);
    const [record, ...said] = stdout.split('\n');
    const { time, ...rest } = JSON.parse(record ?? '');
    expect(rest).toEqual({ event: 'username.released', person: key('x'), username: red });
    expect(Date.parse(time)).toBeGreaterThanOrEqual(began);
    expect(said.join(' ')).toContain(`${red} was the username of ${oid('x')}, and is nobody's now`);
  });

  test('is told to its holder and to administrators, as done by an operator', async () => {
    const { oid, red, former } = await released();
    const change = { kind: 'username-changed', by: 'operator', appPassword: null };
    expect((await former.activity()).body.changes[0]).toMatchObject(change);
    const admin = await administer();
    expect((await admin.person(oid('x'))).body.changes[0]).toMatchObject(change);
    expect((await admin.find(red)).status).toBe(404);
  });

  test('does not come back by a proof from before, whatever its holder does with that', async () => {
    const { red, green, former, phone, releasedAt } = await released();
    expect(await namesOf(former)).toEqual(['Phone']);
    expectNameRefused(await former.create('More'));
    expectNameRefused(await former.register('More'));
    expect((await former.rename(phone.id, 'Old phone')).status).toBe(200);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([]);
    expect((await rowOf(red)).issuedAt).toBe(releasedAt);
    expect((await former.remove(phone.id)).status).toBe(204);
  });

  test.each<[string, (me: SignedIn) => Promise<Answer>]>([
    ['list', (me) => me.list()],
    ['create', (me) => me.create('Laptop')],
    ['register', (me) => me.register('First')],
  ])('comes back by a later sign-in of its holder: %s', async (_name, request) => {
    const { red, key, phone, signInLater } = await released();
    expect((await request(await signInLater('x', red))).status).toBeLessThan(300);
    expect(await acceptedUnder(phone.password, [red])).toEqual([red]);
    expect(await holderOf(red)).toBe(key('x'));
    const claimed = { person: key('x'), username: red, from: null };
    await eventually(() => expect(auditOf('username.claimed', key('x'))).toMatchObject([claimed, claimed]));
  });

  test('stays nobody’s when its holder signs in under another one, where the app passwords then work', async () => {
    const { red, green, key, phone, releasedAt, signInLater } = await released();
    expect(await namesOf(await signInLater('x', green))).toEqual(['Phone']);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([green]);
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
    expect((await rowOf(red)).issuedAt).toBe(releasedAt);
  });

  test('is its new holder’s by the first sign-in, and neither token of the former one takes it back', async () => {
    const { red, green, key, former, phone, signInLater } = await released();
    const present = await signInLater('y', red);
    expect(await namesOf(present)).toEqual([]);
    const own = await made(present.create('Of the present holder'));
    expectNameRefused(await former.create('More'));
    expect(await namesOf(former)).toEqual(['Phone']);
    expect(await acceptedUnder(own.password, [red])).toEqual([red]);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([]);
    expect(await holderOf(red)).toBe(key('y'));
  });

  test('is not taken by a token of the same moment', async () => {
    const { red, key, releasedAt, signInLater } = await released();
    const present = await signInLater('y', red);
    expect(present.issuedAt).toBeGreaterThan(releasedAt);
    await stageProof(red, present.issuedAt);
    expectNameRefused(await present.create('Phone'));
    expect(await holderOf(red)).not.toBe(key('y'));
  });

  test('is given back by an administrator', async () => {
    const { red, oid, phone } = await released();
    const admin = await administer();
    expect((await admin.setAccount(oid('x'), { username: red })).status).toBe(200);
    expect(await acceptedUnder(phone.password, [red])).toEqual([red]);
  });

  test('is released twice without harm, and is written down once', async () => {
    const { red, key, former, releasedAt } = await released();
    expect(await release(red)).toEqual({ kind: 'already-released', at: releasedAt });
    expect((await rowOf(red)).issuedAt).toBe(releasedAt);
    const record = { event: 'username.released', person: key('x'), username: red };
    expect(records.filter((it) => 'username' in it && it.username === red)).toEqual([record]);
    const { changes } = (await former.activity()).body;
    expect(changes.filter(({ by }: { by: string }) => by === 'operator')).toHaveLength(1);
  });

  test('is released also where its proof is of the future, as the clocks of machines differ', async () => {
    const { red, signIn } = newGroup();
    const owner = await signIn('x', red);
    const { password } = await made(owner.create('Phone'));
    const issuedAt = daysAgo(-1);
    await stageProof(red, issuedAt);
    expect(await release(red)).toMatchObject({ kind: 'released' });
    expect((await rowOf(red)).issuedAt).toBe(issuedAt);
    expectNameRefused(await (await signIn('x', red)).create('More'));
    await eventually(async () => expect(await acceptedUnder(password, [red])).toEqual([]));
  });

  test('is on record before it is released, so that a fault in between loses no trace, and again does the rest', async ({
    onTestFinished,
  }) => {
    const { red, key, signIn } = newGroup();
    const owner = await signIn('x', red);
    const { password } = await made(owner.create('Phone'));
    const proxy = await startTableProxy(service.stack.tables);
    onTestFinished(() => proxy.close());
    const tables = openTables(
      readStoreSettings({
        ...service.stack.settings,
        TABLES_CONNECTION_STRING: proxy.connectionString,
      }),
      () => {
        throw new Error('unused');
      },
    );
    const isWrite = (request: string) => /^(?!GET)\S+ \S*Usernames/.test(request);
    proxy.fate((_, request) => (isWrite(request) ? 'hang' : 'pass'));
    await expect(release(red, tables)).rejects.toThrow(Unavailable);
    expect((await owner.activity()).body.changes[0]).toMatchObject({ by: 'operator' });
    expect(await holderOf(red)).toBe(key('x'));

    let writes = 0;
    proxy.fate((_, request) => (isWrite(request) && writes++ === 0 ? 'swallow' : 'pass'));
    expect(await release(red, tables)).toEqual({ kind: 'released', person: key('x') });
    expect(writes).toBeGreaterThan(0);
    expect(records.filter((it) => 'username' in it && it.username === red)).toHaveLength(1);
    await eventually(async () => expect(await acceptedUnder(password, [red])).toEqual([]));
  });

  test('takes the mail address with it that stands for it, and another one not', async () => {
    const { red, green, key, signIn } = newGroup();
    const { password } = await made((await signIn('x', red)).create('Phone'));
    await stageMail(green, red, key('x'));
    expect(await acceptedAs(password, green)).toBe(red);
    expect(await release(green)).toEqual({ kind: 'alias', aliasOf: red });
    expect(await acceptedAs(password, green)).toBe(red);

    expect(await release(red)).toMatchObject({ kind: 'released' });
    await eventually(async () => expect(await acceptedAs(password, green)).toBeNull());
    await eventually(async () => expect(await acceptedAs(password, red)).toBeNull());
    expect(await claimOf(green)).toMatchObject({ issuedAt: 0, aliasOf: null, former: { person: key('x') } });
    expect((await service.tables.passwords.getEntity(key('x'), profileKey)).mail).toBe('');
  });

  test('leaves a mail address that stands for another username', async () => {
    const { red, green, blue, key, signIn } = newGroup();
    const { password } = await made((await signIn('x', red)).create('Phone'));
    await stageMail(green, blue, key('x'));
    expect(await release(red)).toMatchObject({ kind: 'released' });
    expect(await acceptedAs(password, green)).toBe(blue);
  });

  test('leaves nothing of its holder’s username when that one is erased', async () => {
    const { red, key, oid } = await released();
    expect((await (await administer()).erase(oid('x'))).status).toBe(204);
    expect(await claimOf(red)).toBeUndefined();
    for (const holder of [key('x'), noHolder(tenantId)])
      expect(auditOf('username.released', holder)).toEqual([]);
  });
});

/** A gateway of which every refusal is a record of its own, as no other test asks through it. */
let quiet: Promise<string>;
let addresses = 0;

/** Tries a password that must be refused. @returns what is on record of that */
async function refusalOf(password: string, username: Username): Promise<RecordLine> {
  quiet ??= addGateway(service.stack.vault, 'quiet', { protocols: 'imap' });
  const clientAddress = `192.0.2.${++addresses}`;
  const headers = { 'x-client-address': clientAddress };
  const { status } = await gateway(service.origin, await quiet).verify(username, password, headers);
  expect(status).toBe(401);
  return vi.waitFor(() => {
    const records = recordsIn(service.host.output()).filter((it) => it.clientAddress === clientAddress);
    expect(records).toMatchObject([{ event: 'verify.refused' }]);
    return records[0] as RecordLine;
  }, 15_000);
}

const toNobody = { reason: 'unknown-username', person: null, appPassword: null };

describe.concurrent('A former username', () => {
  /** What gives a name up, so that the person is green then, or has none. */
  const ways: readonly (readonly [string, (group: Group) => Promise<unknown>])[] = [
    ['another name in a token', async ({ green, signIn }) => (await signIn('x', green)).list()],
    [
      'a rename by an administrator',
      async ({ oid, green }) => (await administer()).setAccount(oid('x'), { username: green }),
    ],
    ['an operator', ({ red }) => release(red)],
    [
      'an operator, as the mail address of the name',
      async ({ red, green, key }) => {
        await stageProof(red, Date.now(), { aliasOf: green });
        await service.tables.passwords.updateEntity(
          { partitionKey: key('x'), rowKey: profileKey, username: green, mail: red },
          'Merge',
        );
        await stageClaim(green, key('x'), Date.now());
        await release(green);
      },
    ],
  ];

  /** X was red, with an app password, and is green. */
  async function renamed(giveUp = ways[0]?.[1]) {
    const group = newGroup();
    const owner = await group.signIn('x', group.red);
    const phone = await made(owner.create('Phone'));
    await giveUp?.(group);
    expect([await holderOf(group.red), await formerHolderOf(group.red)]).toEqual([undefined, group.key('x')]);
    return { ...group, owner, phone };
  }

  /** Why which app passwords were refused, as their owner reads it. */
  async function toldTo({ activity }: Pick<SignedIn, 'activity'>) {
    const { refusals } = (await activity()).body;
    return refusals.map(({ appPassword, recent }: { appPassword: { id: string }; recent: object[] }) => [
      appPassword.id,
      recent,
    ]);
  }

  test.each(ways)(
    'given up by %s lets nobody in, and owner and administrators read that it was tried',
    async (_way, giveUp) => {
      const { red, oid, key, owner, phone } = await renamed(giveUp);
      const record = await refusalOf(phone.password, red);
      const { clientAddress, gateway, protocol } = record;
      expect(record).toMatchObject({ reason: 'former-username', person: key('x'), appPassword: phone.id });
      const recent = [
        { at: expect.any(String), reason: 'former-username', protocol, gateway, clientAddress },
      ];
      await eventually(async () => expect(await toldTo(owner)).toEqual([[phone.id, recent]]));
      const seen = (await (await administer()).person(oid('x'))).body;
      expect(seen.appPasswords).toMatchObject([{ id: phone.id, refusals: { count: 1, recent } }]);
      expect(seen.refusals).toBeNull();
      expect((await (await administer()).find(red)).status).toBe(404);
    },
  );

  test('is told whatever became of the app password, and by no other password', async () => {
    const { red, key, owner, phone } = await renamed();
    expect(await refusalOf(strangePassword(), red)).toMatchObject(toNobody);
    const other = newGroup();
    const { password } = await made((await other.signIn('x', other.red)).create('Of somebody else'));
    expect(await refusalOf(password, red)).toMatchObject(toNobody);
    expect((await owner.remove(phone.id)).status).toBe(204);
    const told = { reason: 'former-username', person: key('x'), appPassword: phone.id };
    expect(await refusalOf(phone.password, red)).toMatchObject(told);
  });

  test('is taken at once by any proof, also one from before, and is then a former one no more', async () => {
    const { red, green, key, signIn } = newGroup();
    const former = await signIn('x', red);
    const phone = await made(former.create('Phone'));
    const present = await signIn('y', red);
    await (await signIn('x', green)).list();
    expect(await formerHolderOf(red)).toBe(key('x'));
    const own = await made(present.create('Of the present holder'));
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect(await rowOf(red)).toMatchObject({
      person: key('y'),
      issuedAt: present.issuedAt,
      formerHolder: '',
    });
    expect(await refusalOf(phone.password, red)).toMatchObject({
      reason: 'unknown-app-password',
      person: key('y'),
    });
    expect(await toldTo(former)).toEqual([]);
  });

  test('is taken for nobody’s by whoever lists, of whom nothing is kept yet', async () => {
    const { red, key, signIn } = await renamed();
    expect((await (await signIn('y', red)).list()).body.username).toBe(red);
    await expect(profileOf(key('y'))).rejects.toThrow();
    expect(await formerHolderOf(red)).toBe(key('x'));
  });

  test('cannot be released again, as nobody holds it', async () => {
    const { red } = await renamed();
    const before = await rowOf(red);
    expect(await release(red)).toEqual({ kind: 'not-found' });
    expect(await rowOf(red)).toEqual(before);
  });

  test('is known for 90 days', async () => {
    const [known, over] = [await renamed(), await renamed()];
    await stageProof(known.red, 0, { releasedAt: new Date(daysAgo(89.9)) });
    await stageProof(over.red, 0, { releasedAt: new Date(daysAgo(90)) });
    expect(await refusalOf(known.phone.password, known.red)).toMatchObject({ reason: 'former-username' });
    expect(await refusalOf(over.phone.password, over.red)).toMatchObject(toNobody);
  });

  test('goes at night when its time is over, or its holder was erased; what an operator released stays so', async () => {
    const [known, over, released, erased] = [
      await renamed(),
      await renamed(),
      await renamed(ways[2]?.[1]),
      await renamed(),
    ];
    const releasedAt = new Date(daysAgo(90));
    await stageProof(over.red, 0, { releasedAt });
    await stageProof(released.red, releasedAt.getTime(), { releasedAt });
    expect((await (await administer()).erase(erased.oid('x'))).status).toBe(204);
    expect(await refusalOf(erased.phone.password, erased.red)).toMatchObject(toNobody);
    // Whoever holds a name took it from nobody through the version before, which leaves what it does not know.
    const taken = newGroup();
    const { password } = await made((await taken.signIn('y', taken.red)).create('Phone'));
    await stageProof(taken.red, Date.now(), { formerHolder: taken.key('x'), releasedAt });

    await runTimer(service.host, 'upkeep');
    expect(await claimOf(known.red)).toMatchObject({ former: { person: known.key('x') } });
    expect(await claimOf(over.red)).toBeUndefined();
    expect(await claimOf(erased.red)).toBeUndefined();
    expect(await claimOf(released.red)).toMatchObject({
      person: noHolder(tenantId),
      issuedAt: releasedAt.getTime(),
      former: null,
    });
    expect(await acceptedUnder(password, [taken.red])).toEqual([taken.red]);
  });

  test('is nobody’s to the version before, and what that one released is nobody’s here', async () => {
    const { red, phone } = await renamed();
    // It knows no other columns than these, takes no proof for older than this one, and this holder for none.
    const row = { person: noHolder(tenantId), username: red, issuedAt: 0, source: 'token', aliasOf: '' };
    expect(await rowOf(red)).toMatchObject(row);
    await stageProof(red, Date.now(), { formerHolder: '' });
    expect(await refusalOf(phone.password, red)).toMatchObject(toNobody);
  });
});

describe.concurrent('The proof of a username', () => {
  test('is renewed by a visit of its holder once it is 7 days old, and whoever gave the username still has', async () => {
    for (const columns of [{ source: 'token' }, { source: 'administrator' }, { source: 'directory' }]) {
      const { red, key, signIn } = newGroup();
      const owner = await signIn('x', red);
      await made(owner.create('Phone'));
      await stageProof(red, daysAgo(7.01), { ...columns, colour: 'green' });
      await namesOf(owner);
      await eventually(async () => expect((await rowOf(red)).issuedAt).toBe(owner.issuedAt));
      const kept = { ...columns, colour: 'green', person: key('x'), username: red, aliasOf: '' };
      expect(await rowOf(red)).toMatchObject(kept);
    }
  });

  test('is not written for a younger one, nor for a username that is somebody else’s', async () => {
    const { red, green, key, oid, signIn } = newGroup();
    const young = await signIn('x', red);
    await made(young.create('Phone'));
    await stageProof(red, daysAgo(6.99));
    const before = await rowOf(red);
    const old = await signIn('y', green);
    await made(old.create('Phone'));
    await stageProof(green, daysAgo(7.01));
    await namesOf(young);
    await namesOf(old);
    // What follows an answer runs in its turn.
    await eventually(async () => expect((await rowOf(green)).issuedAt).toBe(old.issuedAt));
    expect(await rowOf(red)).toEqual(before);

    // For an account that is disabled nothing is claimed.
    expect((await (await administer()).setAccount(oid('x'), { account: 'disabled' })).status).toBe(200);
    await stageClaim(red, key('y'), daysAgo(8));
    const theirs = await rowOf(red);
    await namesOf(young);
    await stageProof(green, daysAgo(7.01));
    await namesOf(old);
    await eventually(async () => expect((await rowOf(green)).issuedAt).toBe(old.issuedAt));
    expect(await rowOf(red)).toEqual(theirs);
  });

  test('is not renewed by a device', async () => {
    const { red, oid, signIn } = newGroup();
    const owner = await signIn('x', red);
    const { password } = await made(owner.create('Phone'));
    await stageProof(red, daysAgo(30));
    const before = await rowOf(red);
    expect(await acceptedUnder(password, [red])).toEqual([red]);
    const admin = await administer();
    await eventually(async () =>
      expect((await admin.person(oid('x'))).body.appPasswords[0].lastUsed).not.toBeNull(),
    );
    expect(await rowOf(red)).toEqual(before);
  });

  test('that cannot be written does not stop the list', async ({ onTestFinished }) => {
    const proxy = await startTableProxy(service.stack.tables);
    onTestFinished(() => proxy.close());
    const host = await service.anotherHost({ TABLES_CONNECTION_STRING: proxy.connectionString });
    const { red, signIn } = newGroup();
    const owner = await signIn('x', red);
    await made(owner.create('Phone'));
    const issuedAt = daysAgo(8);
    await stageProof(red, issuedAt);
    const isRenewal = (request: string) => /^(PATCH|MERGE|PUT|POST) \S*Usernames/.test(request);
    proxy.fate((_, request) => (isRenewal(request) ? 'busy' : 'pass'));
    expect(await namesOf(person(host.origin, owner.token))).toEqual(['Phone']);
    await eventually(() => expect(proxy.requests.filter(isRenewal).length).toBeGreaterThan(0));
    expect((await rowOf(red)).issuedAt).toBe(issuedAt);
    proxy.fate(() => 'pass');
    expect(await namesOf(person(host.origin, owner.token))).toEqual(['Phone']);
    await eventually(async () => expect((await rowOf(red)).issuedAt).toBe(owner.issuedAt));
  });
});

describe.concurrent('npm run usernames', () => {
  test('lists whose holders did not sign in for so many days, and what lies under each username, and nothing secret', async ({
    onTestFinished,
  }) => {
    const { red, green, blue, key, oid, signIn } = newGroup();
    const owner = await signIn('x', red);
    const phone = await made(owner.create('Phone'));
    const [tablet, gone] = [await made(owner.create('Tablet')), await made(owner.create('Gone'))];
    expect((await owner.remove(gone.id)).status).toBe(204);
    expect((await (await administer()).suspend(oid('x'), tablet.id)).status).toBe(200);
    expect(await acceptedUnder(phone.password, [red])).toEqual([red]);
    const lastUsed = await vi.waitFor(async () => {
      const { appPasswords } = (await owner.list()).body;
      const at = appPasswords.find(({ id }: { id: string }) => id === phone.id).lastUsed?.at;
      expect(at).toBeDefined();
      return at;
    }, 15_000);
    const [exactly, almost] = [daysAgo(40), daysAgo(39.9)];
    await stageProof(red, exactly);
    const unused = newGroup();
    await made((await unused.signIn('x', unused.red)).create('Phone'));
    await stageProof(unused.red, exactly);
    const young = newGroup();
    await made((await young.signIn('x', young.red)).create('Phone'));
    await stageProof(young.red, almost);

    // A mail address, a name that was released, and a row that no username leads to.
    await stageMail(green, red, key('x'));
    await stageProof(green, exactly);
    await made((await signIn('y', blue)).create('Phone'));
    expect(await release(blue)).toMatchObject({ kind: 'released' });
    await stageProof(blue, exactly);
    const strange = 'strange@example.com\u001b[31m' as Username;
    await stageClaim(strange, key('x'), exactly);
    onTestFinished(() => stageNoClaim(strange));

    const { code, stdout, stderr } = await usernames('list', '--not-signed-in-for', '40');
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    const signedIn = `last sign-in ${new Date(exactly).toISOString()}`;
    expect(lines).toContain(
      `${red}  holder ${oid('x')}  ${signedIn}  2 app passwords, 1 active  last used ${lastUsed}`,
    );
    expect(lines).toContain(
      `${unused.red}  holder ${unused.oid('x')}  ${signedIn}  1 app passwords, 1 active  last used never`,
    );
    for (const name of [green, blue, young.red, 'strange'])
      expect(lines.filter((line) => line.startsWith(name))).toEqual([]);
  });

  test('says what it did not do, and why', async () => {
    const { red, green, blue, key, signIn } = newGroup();
    await made((await signIn('x', red)).create('Phone'));
    await stageMail(green, red, key('x'));
    expect(await usernames('release', green)).toMatchObject({
      code: 1,
      stderr: `${green} is the mail address of whoever holds ${red}, and is released with that.\n`,
    });
    await release(red);
    const since = new Date((await rowOf(red)).issuedAt).toISOString();
    expect(await usernames('release', red)).toEqual({
      code: 0,
      stdout: `${red} is nobody's since ${since}.\n`,
      stderr: '',
    });
    expect(await usernames('release', blue)).toEqual({
      code: 1,
      stdout: '',
      stderr: `Nobody holds ${blue}. Give the username whole, as "list" shows it.\n`,
    });
    expect(await usernames('release', 'caf\u00e9@example.com')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('USERNAME can be no username'),
    });
    expect(await usernames('list', '--not-signed-in-for', '20000')).toEqual({
      code: 0,
      stdout: 'There is no username whose holder did not sign in here for 20000 days.\n',
      stderr: '',
    });
  });

  test.each([
    [[]],
    [['list']],
    [['list', '--not-signed-in-for', '0']],
    [['list', '--not-signed-in-for', 'ninety']],
    [['release', 'alice@example.com', 'bob@example.com']],
    [['release', 'alice@example.com', '--not-signed-in-for', '9']],
  ])('explains itself for %j', async (args) => {
    expect(await usernames(...args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Usage:'),
    });
  });
});
