import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleUsers, tenantId } from '../../local/identities.ts';
import { call, gateway, person, strangePassword } from '../../testing/api.ts';
import { recordsIn } from '../../testing/records.ts';
import { type Service, startService } from '../../testing/service.ts';

const users = Array.from({ length: 30 }, (_, i) => ({
  username: `person${i}@example.com`,
  oid: `person-${i}`,
}));
/** The person of the same number after a rename. */
const renamed = Array.from({ length: 30 }, (_, i) => ({
  username: `new${i}@example.com`,
  oid: `person-${i}`,
}));

let service: Service;
let admin: string;
let people = 0;

beforeAll(async () => {
  service = await startService({ users: [...users, ...renamed] });
  admin = await service.token('bob@example.com');
});

afterAll(() => service.close());

type Json = Record<string, unknown>;

const administer = (method: string, path: string, json?: Json) =>
  call(service.origin, method, `/api/admin${path}`, { token: admin, ...(json && { json }) });
const viewed = async (oid: string) => (await administer('GET', `/people/${oid}`)).body;

async function somebody() {
  const index = people++;
  const username = `person${index}@example.com`;
  const token = await service.token(username);
  const oid = `person-${index}`;
  return { username, token, oid, later: `new${index}@example.com`, ...person(service.origin, token) };
}

async function works(username: string, password: string) {
  const { status } = await gateway(service.origin, service.gatewayKey).verify(username, password);
  expect([200, 401]).toContain(status);
  return status === 200;
}

describe('An administrator', () => {
  test('finds a person by what they type as their username, and nobody by another one', async () => {
    const me = await somebody();
    await me.create('Phone');
    const find = (username: string) => administer('POST', '/people/find', { username });
    const found = { status: 200, body: { id: me.oid, username: me.username } };
    expect(await find(me.username)).toMatchObject(found);
    expect(await find(`EXAMPLE\\${me.username.split('@')[0]?.toUpperCase()}`)).toMatchObject(found);
    const pasted = [
      `\u00a0${me.username}\r\n`,
      `\ufeff${me.username}`,
      `\\${me.username}`,
      `\u202a${me.username}\u202c`,
    ];
    for (const typed of [...pasted, `EXAMPLE\\${me.username}`])
      expect(await find(typed)).toMatchObject(found);
    for (const typed of [`OTHER\\${me.username}`, me.username.replace('e', '\u0435'), '\u200b'])
      expect((await find(typed)).status).toBe(404);
    expect((await find('nobody@example.com')).status).toBe(404);
    expect((await administer('GET', '/people/nobody')).status).toBe(404);
  });

  test('sees app passwords with the proof of the second factor, and never a secret', async () => {
    const me = await somebody();
    const { id, password } = (await me.register('Phone')).body;
    const gone = (await me.create('Old phone')).body;
    await me.remove(gone.id);
    const view = await viewed(me.oid);
    expect(view).toMatchObject({
      id: me.oid,
      username: me.username,
      account: 'enabled',
      registeredAt: expect.any(String),
      limit: 40,
      remaining: 39,
      appPasswords: [
        {
          id,
          state: 'active',
          proof: { amr: ['pwd', 'mfa'], acrs: [], authenticatedAt: expect.any(String) },
        },
      ],
      deleted: [{ id: gone.id, name: 'Old phone', deletedAt: expect.any(String) }],
    });
    const text = JSON.stringify(view);
    for (const secret of [password, gone.password, password.replaceAll('-', '')])
      expect(text).not.toContain(secret);
  });

  test('suspends one and resumes it; doing either again changes nothing', async () => {
    const me = await somebody();
    const { id, password } = (await me.create('Phone')).body;
    const other = (await me.create('Laptop')).body;
    const path = `/people/${me.oid}/app-passwords/${id}`;
    for (let i = 0; i < 2; i++)
      expect(await administer('POST', `${path}/suspend`)).toMatchObject({
        status: 200,
        body: { state: 'suspended', suspendedFor: ['administrator'] },
      });
    expect(await works(me.username, password)).toBe(false);
    expect(await works(me.username, other.password)).toBe(true);
    expect((await me.list()).body.appPasswords[1]).toMatchObject({ suspendedFor: ['administrator'] });
    for (let i = 0; i < 2; i++)
      expect(await administer('POST', `${path}/resume`)).toMatchObject({
        status: 200,
        body: { state: 'active' },
      });
    expect(await works(me.username, password)).toBe(true);
    expect((await viewed(me.oid)).changes.map(({ kind }: Json) => kind)).toEqual([
      'resumed',
      'suspended',
      'created',
      'created',
    ]);
    expect(
      (await administer('POST', `/people/${me.oid}/app-passwords/${crypto.randomUUID()}/suspend`)).status,
    ).toBe(404);
  });

  test('deletes one, and all', async () => {
    const me = await somebody();
    const made = [];
    for (const name of ['One', 'Two', 'Three']) made.push((await me.create(name)).body);
    const path = `/people/${me.oid}/app-passwords/${made[0].id}`;
    expect((await administer('DELETE', path)).status).toBe(204);
    expect((await administer('DELETE', path)).status).toBe(204);
    expect(await works(me.username, made[0].password)).toBe(false);
    expect((await administer('POST', `/people/${me.oid}/delete-all`, {})).status).toBe(400);
    const all = await administer('POST', `/people/${me.oid}/delete-all`, { confirm: true });
    expect(all).toMatchObject({ status: 200, body: { deleted: 2 } });
    for (const { password } of made) expect(await works(me.username, password)).toBe(false);
    expect((await viewed(me.oid)).changes[0]).toMatchObject({
      kind: 'deleted-all',
      by: 'administrator',
      count: 2,
    });
  });

  test('disables an account: nothing works, and nothing is made or resumed, until it is enabled again', async () => {
    const me = await somebody();
    const [phone, tablet] = [(await me.create('Phone')).body, (await me.create('Tablet')).body];
    const suspend = (id: string, act: string) =>
      administer('POST', `/people/${me.oid}/app-passwords/${id}/${act}`);
    await suspend(tablet.id, 'suspend');
    const set = (account: string) => administer('PATCH', `/people/${me.oid}`, { account });
    expect(await set('disabled')).toMatchObject({ status: 200, body: { id: me.oid, account: 'disabled' } });
    const shown = (await me.list()).body.appPasswords.map(({ suspendedFor }: Json) => suspendedFor);
    expect(shown).toEqual([['administrator', 'account'], ['account']]);
    for (const { password } of [phone, tablet]) expect(await works(me.username, password)).toBe(false);
    const disabled = { status: 403, body: { type: '/problems/account-disabled' } };
    expect(await me.create('Laptop')).toMatchObject(disabled);
    expect(await me.register('First')).toMatchObject(disabled);
    expect(await suspend(phone.id, 'resume')).toMatchObject(disabled);
    const revive = `/api/app-passwords/${phone.id}/revive`;
    expect(await call(service.origin, 'POST', revive, { token: me.token })).toMatchObject(disabled);
    await set('enabled');
    expect(await works(me.username, phone.password)).toBe(true);
    expect(await works(me.username, tablet.password)).toBe(false);
    await suspend(tablet.id, 'resume');
    expect(await works(me.username, tablet.password)).toBe(true);
    expect((await administer('PATCH', '/people/nobody', { account: 'disabled' })).status).toBe(404);
  });

  test('gives a person another username, which works at once', async () => {
    const me = await somebody();
    const { password } = (await me.create('Phone')).body;
    const answer = await administer('PATCH', `/people/${me.oid}`, { username: me.later });
    expect(answer).toMatchObject({ status: 200, body: { username: me.later } });
    expect(await works(me.later, password)).toBe(true);
    expect(await works(me.username, password)).toBe(false);
    expect((await me.list()).body.appPasswords).toHaveLength(1);
    expect(await works(me.later, password)).toBe(true);
    for (const username of ['no spaces@example.com', 'alice@elsewhere.example', '']) {
      const refused = await administer('PATCH', `/people/${me.oid}`, { username });
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ field: 'username' }] } });
    }
  });

  test('erases a person: nothing works, and of names, app passwords and activity nothing stays', async () => {
    const me = await somebody();
    const made = [];
    for (let i = 0; i < 40; i++) made.push((await me.create(`Device ${i}`)).body);
    for (const { id } of made.slice(0, 35)) await me.remove(id);
    for (let i = 0; i < 30; i++) await me.rename(made[39].id, `Renamed ${i}`);
    const filter = `PartitionKey eq '${tenantId}.${me.oid}'`;
    const rows = async () =>
      Array.fromAsync(service.tables.passwords.listEntities<Json>({ queryOptions: { filter } }));
    expect((await rows()).length).toBeGreaterThan(100);
    // Rows that the next change would remove by the way are in the first transaction once.
    const deletedAt = new Date(Date.now() - 91 * 86_400_000);
    const old = (await rows()).filter(({ state }) => state === 'deleted').slice(0, 30);
    for (const { partitionKey = '', rowKey = '' } of old)
      await service.tables.passwords.updateEntity({ partitionKey, rowKey, deletedAt }, 'Merge');
    for (let i = 0; i < 2; i++) expect((await administer('DELETE', `/people/${me.oid}`)).status).toBe(204);
    for (const { password } of made.slice(35)) expect(await works(me.username, password)).toBe(false);
    const [left, ...more] = await rows();
    expect(more).toEqual([]);
    expect(
      Object.keys(left ?? {})
        .filter((key) => !/^(etag|timestamp|partitionKey|rowKey)$/.test(key))
        .sort(),
    ).toEqual(['account', 'count', 'erasedAt']);
    const names = service.tables.usernames.listEntities<Json>({
      queryOptions: { filter: `person eq '${tenantId}.${me.oid}'` },
    });
    expect(await Array.fromAsync(names)).toEqual([]);
    expect((await administer('GET', `/people/${me.oid}`)).status).toBe(404);
    // What was refused before is written no more.
    await works(me.username, made[0].password);
    const again = await me.register('Back again');
    expect(again.status).toBe(201);
    expect(await works(me.username, again.body.password)).toBe(true);
    expect((await viewed(me.oid)).changes.map(({ kind }: Json) => kind)).not.toContain('renamed');
  });

  test('makes and reads nobody’s app password', async () => {
    const me = await somebody();
    const { id } = (await me.create('Phone')).body;
    for (const [method, path] of [
      ['POST', `/people/${me.oid}/app-passwords`],
      ['PUT', `/people/${me.oid}/registration`],
      ['GET', `/people/${me.oid}/app-passwords/${id}`],
    ] as const)
      expect((await administer(method, path, method === 'GET' ? undefined : { name: 'Theirs' })).status).toBe(
        404,
      );
    expect((await call(service.origin, 'DELETE', `/api/app-passwords/${id}`, { token: admin })).status).toBe(
      404,
    );
  });

  test('leaves a record of each act, with who did it', async () => {
    const me = await somebody();
    const { id } = (await me.create('Phone')).body;
    await administer('POST', `/people/${me.oid}/app-passwords/${id}/suspend`);
    await administer('DELETE', `/people/${me.oid}/app-passwords/${id}`);
    await administer('PATCH', `/people/${me.oid}`, { account: 'disabled' });
    await viewed(me.oid);
    await administer('DELETE', `/people/${me.oid}`);
    const bob = { kind: 'administrator', id: 'b0b00000-9a7e-4d21-b6c4-2e8d5f7a0002' };
    const records = recordsIn(service.host.output()).filter(
      (record) => record.person === `${tenantId}.${me.oid}` && record.actor?.kind === 'administrator',
    );
    expect(records.map(({ event }) => event)).toEqual([
      'app-password.suspended',
      'app-password.deleted',
      'account.disabled',
      'person.viewed',
      'person.erased',
    ]);
    for (const { actor } of records) expect(actor).toEqual(bob);
  });
});

describe('What nobody does', () => {
  test('is to change their own account or username, nor to open another mailbox by that', async () => {
    const bob = person(service.origin, admin);
    const { password } = (await bob.create('Phone')).body;
    const own = sampleUsers.find(({ username }) => username === 'bob@example.com')?.oid;
    for (const change of [{ username: 'ceo@example.com' }, { account: 'disabled' }, {}])
      expect(await administer('PATCH', `/people/${own}`, change)).toMatchObject({
        status: 403,
        body: { type: '/problems/forbidden' },
      });
    expect(await works('ceo@example.com', password)).toBe(false);
    expect(await works('bob@example.com', password)).toBe(true);
    const refused = recordsIn(service.host.output()).filter(({ reason }) => reason === 'own-account');
    expect(refused[0]).toMatchObject({ event: 'management.refused', act: 'change', caller: own });
  });
});

describe('A username that was given by hand', () => {
  test('is taken by a later proof only', async () => {
    const [me, other] = [await somebody(), await somebody()];
    const mine = (await me.create('Phone')).body.password;
    const theirs = (await other.create('Phone')).body.password;
    const swap = await administer('PATCH', `/people/${me.oid}`, { username: other.username });
    expect(swap.status).toBe(200);
    expect(await works(other.username, mine)).toBe(true);
    expect(await works(other.username, theirs)).toBe(false);
    expect(await works(other.username, strangePassword())).toBe(false);
    expect(await other.create('Laptop')).toMatchObject({
      status: 403,
      body: { type: '/problems/username-not-accepted' },
    });
    expect((await other.list()).body.appPasswords).toHaveLength(1);
  });
});
