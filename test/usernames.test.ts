import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HostProcess } from '../local/host-process.ts';
import { tenantId } from '../local/identities.ts';
import { type PersonKey, personKey } from '../shared/domain/person.ts';
import { keyOf, type Username } from '../shared/domain/username.ts';
import { profileKey, writeClaim, writeProfile } from '../shared/storage/entities.ts';
import { type Answer, administrator, gateway, person } from './support/api.ts';
import { everybody, labels, nameOf, oidOf, signInName, type Who } from './support/directory.ts';
import { type Service, startService } from './support/service.ts';

/** Every test has a group of its own. */
const groups = 70;

let service: Service;
let used = 0;

beforeAll(async () => {
  service = await startService({ users: everybody(groups) });
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
  const key = (who: Who): PersonKey => personKey(tenantId, oidOf(group, who));

  let last = 0;

  /** Signs in as a person under a name, with a later token than whoever signed in before; tokens know whole seconds. */
  async function signIn(who: Who, username: Username) {
    await eventually(() => expect(Math.floor(Date.now() / 1000)).toBeGreaterThan(last));
    const token = await service.token(signInName(who, username));
    const { oid, iat } = decodeJwt(token);
    expect(oid).toBe(oidOf(group, who));
    last = iat as number;
    return { token, issuedAt: last * 1000, ...person(service.origin, token) };
  }

  return { red, green, blue, key, signIn };
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

/** Who holds a name; undefined where nobody does. */
async function holderOf(username: Username): Promise<string | undefined> {
  const filter = `PartitionKey eq '${keyOf(username)}'`;
  const rows = await Array.fromAsync(
    service.tables.usernames.listEntities<{ person: string }>({ queryOptions: { filter } }),
  );
  return rows[0]?.person;
}

/** Writes a claim, as another request left it. */
async function stageClaim(username: Username, owner: PersonKey, issuedAt: number): Promise<void> {
  const key = keyOf(username);
  const row = {
    partitionKey: key,
    rowKey: key,
    ...writeClaim({ person: owner, username, issuedAt, source: 'token', aliasOf: null }),
  };
  await service.tables.usernames.upsertEntity(row, 'Replace');
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
  it('keeps the passwords: they work under the new name from its first request on, and not under the old one', async () => {
    const { red, green, key, signIn } = newGroup();
    const before = await signIn('x', red);
    const { password } = await made(before.create('Phone'));
    expect(await acceptedUnder(password, [red, green])).toEqual([red]);

    const after = await signIn('x', green);
    // Nobody knows of the new name before a request comes with it.
    expect(await acceptedUnder(password, [red, green])).toEqual([red]);
    expect(await namesOf(after)).toEqual(['Phone']);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
    expect(await holderOf(red)).toBeUndefined();
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
    await eventually(() => expect(auditOf('username.released', key('x'))).toHaveLength(1));
    // The first name and the second one.
    await eventually(() => expect(auditOf('username.claimed', key('x'))).toHaveLength(2));
  });

  it.each<[string, (me: SignedIn, id: string) => Promise<Answer>, number, number]>([
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

  it.each<[string, (me: SignedIn, id: string) => Promise<Answer>]>([
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

  it('may be renamed back, and on to a third name', async () => {
    const { red, green, blue, signIn } = newGroup();
    const { password } = await made((await signIn('x', red)).create('Phone'));
    for (const name of [green, red, blue, red]) {
      expect(await namesOf(await signIn('x', name))).toEqual(['Phone']);
      expect(await acceptedUnder(password, [red, green, blue])).toEqual([name]);
    }
  });

  it('is served by many requests at once', async () => {
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

  it('has the new name on another instance as soon as that one looks again', async () => {
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

  it('keeps the new name whatever comes with an older token', async () => {
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

  it('hears the token’s name, in canonical form, before anything is kept', async () => {
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

  it('hears the new name of a newer token, by the very request that brings it', async () => {
    const { red, green, signIn } = newGroup();
    const before = await signIn('x', red);
    const { password } = await made(before.create('Phone'));
    expect(await told(await signIn('x', green))).toBe(green);
    // An older token does not know of it, and is told.
    expect(await told(before)).toBe(green);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });

  it('hears the name that an administrator gave, and after a newer sign-in the token’s again', async () => {
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

  it('hears the old name while somebody else holds the new one by a newer proof', async () => {
    const { red, green, signIn } = newGroup();
    const { password } = await made((await signIn('x', green)).create('Phone'));
    const late = await signIn('x', red);
    await made((await signIn('y', red)).create('Of the present owner'));
    expect(await told(late)).toBe(green);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });

  it('hears the name in the profile while the account is disabled', async () => {
    const { red, green, signIn } = newGroup();
    const me = await signIn('x', red);
    await made(me.create('Phone'));
    const admin = administrator(service.origin, await service.token('bob@example.com'));
    const oid = decodeJwt(me.token).oid as string;
    expect((await admin.setAccount(oid, { account: 'disabled' })).status).toBe(200);
    expect(await told(await signIn('x', green))).toBe(red);
  });

  it('hears the token’s name after everything was erased, also where somebody else has it by now', async () => {
    for (const isTaken of [false, true]) {
      const { red, signIn } = newGroup();
      const me = await signIn('x', red);
      await made(me.create('Phone'));
      const admin = administrator(service.origin, await service.token('bob@example.com'));
      expect((await admin.erase(decodeJwt(me.token).oid as string)).status).toBe(204);
      if (isTaken) await made((await signIn('y', red)).create('Of the present owner'));
      expect(await told(me)).toBe(red);
    }
  });

  it('hears the name that a crash in the middle of a rename did not finish', async () => {
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
    const phone = await made(former.create('Of the former owner'));
    const second = await made(former.create('Also of the former owner'));
    expect(await acceptedUnder(phone.password, [red])).toEqual([red]);
    const present = await signIn('y', red);
    return { ...group, former, phone, second, present };
  }

  it('inherits nothing: its new owner’s claim wins, and the former owner’s passwords do not open it', async () => {
    const { red, green, blue, key, phone, second, present } = await recycled();
    expect(await namesOf(present)).toEqual([]);
    const own = await made(present.create('Of the present owner'));
    expect(await acceptedUnder(own.password, [red])).toEqual([red]);
    for (const { password } of [phone, second]) {
      expect(await acceptedUnder(password, [red, green, blue])).toEqual([]);
    }
    expect(await namesOf(present)).toEqual(['Of the present owner']);
    expect(await holderOf(red)).toBe(key('y'));
    await eventually(() => expect(auditOf('username.claimed', key('y'))).toMatchObject([{ from: key('x') }]));
  });

  it('is taken by the first request of its new owner, as the page begins with the list', async () => {
    const { red, phone, present } = await recycled();
    expect(await namesOf(present)).toEqual([]);
    expect(await acceptedUnder(phone.password, [red])).toEqual([]);
  });

  it('is taken by registration as well', async () => {
    const { red, phone, present } = await recycled();
    const own = await made(present.register('First'));
    expect(await acceptedUnder(own.password, [red])).toEqual([red]);
    expect(await acceptedUnder(phone.password, [red])).toEqual([]);
  });

  it('is taken by a rename as well', async () => {
    const { red, green, key, signIn } = newGroup();
    const former = await made((await signIn('x', red)).create('Of the former owner'));
    const own = await made((await signIn('y', green)).create('Of the present owner'));
    const present = await signIn('y', red);
    expect(await namesOf(present)).toEqual(['Of the present owner']);
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect(await acceptedUnder(former.password, [red, green])).toEqual([]);
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), undefined]);
  });

  it('is refused to its former owner’s older token, who still lists, renames and deletes', async () => {
    const { red, key, former, phone, second, present } = await recycled();
    const own = await made(present.create('Of the present owner'));

    expectNameRefused(await former.create('More'));
    expectNameRefused(await former.create('More', { 'idempotency-key': randomUUID() }));
    expectNameRefused(await former.register('More'));
    expect(await namesOf(former)).toEqual(['Also of the former owner', 'Of the former owner']);
    expect((await former.rename(phone.id, 'Renamed')).body.name).toBe('Renamed');
    expect((await former.remove(phone.id)).status).toBe(204);
    expect((await former.remove(own.id)).status).toBe(404);
    expect(await namesOf(former)).toEqual(['Also of the former owner']);
    expect((await former.removeAll()).body).toEqual({ deleted: 1 });

    expect(await acceptedUnder(second.password, [red])).toEqual([]);
    expect(await acceptedUnder(own.password, [red])).toEqual([red]);
    expect(await holderOf(red)).toBe(key('y'));
  });

  it('stays with its new owner when the former one signs in under another name, where the passwords then work', async () => {
    const { red, green, key, signIn, phone, present } = await recycled();
    const own = await made(present.create('Of the present owner'));
    const renamed = await signIn('x', green);
    expect(await namesOf(renamed)).toEqual(['Also of the former owner', 'Of the former owner']);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([green]);
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), key('x')]);
    const more = await made(renamed.create('More'));
    expect(await acceptedUnder(more.password, [red, green])).toEqual([green]);
  });

  it('goes back to its former owner with a still later token', async () => {
    const { red, key, signIn, phone, present } = await recycled();
    const own = await made(present.create('Of the present owner'));
    const back = await signIn('x', red);
    const more = await made(back.create('More'));
    for (const { password } of [phone, more]) expect(await acceptedUnder(password, [red])).toEqual([red]);
    expect(await acceptedUnder(own.password, [red])).toEqual([]);
    expect(await holderOf(red)).toBe(key('x'));
    expectNameRefused(await present.create('More'));
  });

  it('goes back to its former owner by the first look at the list, too', async () => {
    const { red, key, signIn, phone, present } = await recycled();
    const own = await made(present.create('Of the present owner'));
    expect(await namesOf(await signIn('x', red))).toHaveLength(2);
    expect(await acceptedUnder(phone.password, [red])).toEqual([red]);
    expect(await acceptedUnder(own.password, [red])).toEqual([]);
    expect(await holderOf(red)).toBe(key('x'));
  });

  it('that nobody holds any more goes back to its former owner by the first look at the list', async () => {
    const { red, green, key, signIn, phone } = await recycled();
    for (const name of [red, green]) await (await signIn('y', name)).create('Of somebody who left again');
    expect(await holderOf(red)).toBeUndefined();
    expect(await namesOf(await signIn('x', red))).toHaveLength(2);
    expect(await acceptedUnder(phone.password, [red, green])).toEqual([red]);
    expect(await holderOf(red)).toBe(key('x'));
  });

  it('is not taken by a token of the same second, nor by an older one', async () => {
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

  it('does not rename somebody whose token is older than its new owner’s claim; all but create and register goes on', async () => {
    const { red, green, key, signIn } = newGroup();
    const phone = await made((await signIn('x', green)).create('Phone'));
    const late = await signIn('x', red);
    const own = await made((await signIn('y', red)).create('Of the present owner'));

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

  it.each([
    ['first the one', ['x', 'y']],
    ['first the other', ['y', 'x']],
  ] as const)('keep their own passwords: %s', async (_name, order) => {
    const swap = await swapped();
    for (const who of order) await swap[who].list();
    await expectSwapped(swap);
  });

  it('keep their own passwords: both at once, many times', async () => {
    const swap = await swapped();
    const requests = Array.from({ length: 4 }, () => [swap.x.list(), swap.y.list()]).flat();
    for (const { status } of await Promise.all(requests)) expect(status).toBe(200);
    await expectSwapped(swap);
  });

  it('open nothing of each other in between', async () => {
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
    if (stage >= 4) await stageNoClaim(red);
    return { ...group, password, after };
  }

  async function expectSettled(
    { key, red, green, blue, password }: Awaited<ReturnType<typeof crashed>>,
    name: Username,
  ) {
    expect(await acceptedUnder(password, [red, green, blue])).toEqual([name]);
    for (const one of [red, green, blue]) {
      expect(await holderOf(one)).toBe(one === name ? key('x') : undefined);
    }
    expect(await profileOf(key('x'))).toEqual({ username: name, formerUsername: '' });
  }

  const stages = [
    ['after the new name was noted', 1],
    ['after the new name was claimed', 2],
    ['after the profile had the new name', 3],
    ['after the old name was removed', 4],
  ] as const;

  describe.each(stages)('%s', (_stage, stage) => {
    it.each(requests)('is finished by the next request: %s', async (_name, next) => {
      const crash = await crashed(stage);
      expect((await next(crash.after)).status).toBeLessThan(500);
      await expectSettled(crash, crash.green);
      expect(await namesOf(crash.after)).toContain('Phone');
    });

    it.each([
      ['got a third name', 'blue'],
      ['got the old name back', 'red'],
    ] as const)('is finished also after the person %s', async (_name, label) => {
      const crash = await crashed(stage);
      expect(await namesOf(await crash.signIn('x', crash[label]))).toEqual(['Phone']);
      await expectSettled(crash, crash[label]);
    });
  });

  it('does not take the old name from somebody who got it in between', async () => {
    const crash = await crashed(3);
    const { red, green, key, after, signIn, password } = crash;
    const own = await made((await signIn('y', red)).create('Of the present owner'));
    await after.list();
    expect(await profileOf(key('x'))).toEqual({ username: green, formerUsername: '' });
    expect([await holderOf(red), await holderOf(green)]).toEqual([key('y'), key('x')]);
    expect(await acceptedUnder(own.password, [red, green])).toEqual([red]);
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });

  it('lets the password work under one of the two names at every step', async () => {
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

  it('leaves a claimed name without passwords, which the next create takes up', async () => {
    const { red, key, signIn } = newGroup();
    const me = await signIn('x', red);
    await stageFirst(red, key('x'), me.issuedAt);
    expect(await namesOf(me)).toEqual([]);
    const { password } = await made(me.create('Phone'));
    expect(await acceptedUnder(password, [red])).toEqual([red]);
  });

  it('does not keep the name from the next owner', async () => {
    const { red, key, signIn } = newGroup();
    const before = await signIn('x', red);
    await stageFirst(red, key('x'), before.issuedAt);
    const { password } = await made((await signIn('y', red)).create('Phone'));
    expect(await acceptedUnder(password, [red])).toEqual([red]);
    expectNameRefused(await before.create('Phone'));
  });

  it('does not keep the name from its owner’s next name, under which alone the passwords work', async () => {
    const { red, green, key, signIn } = newGroup();
    const before = await signIn('x', red);
    await stageFirst(red, key('x'), before.issuedAt);
    const { password } = await made((await signIn('x', green)).create('Phone'));
    expect(await acceptedUnder(password, [red, green])).toEqual([green]);
  });
});
