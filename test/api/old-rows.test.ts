import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import { generatePassword } from '../../shared/domain/app-password/password.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import { pepperSecret } from '../../shared/key-vault/pepper.ts';
import { systemRandom } from '../../shared/runtime/system.ts';
import { call, gateway, person } from '../../testing/api.ts';
import { type Service, startService } from '../../testing/service.ts';

const alice = 'alice@example.com' as Username;
const partitionKey = `${tenantId}.a11ce000-3d5b-4c6f-8f3e-6f2b1d9c0001`;
const createdAt = new Date('2026-03-01T10:00:00Z');

let service: Service;

beforeAll(async () => {
  service = await startService();
});

afterAll(() => service.close());

/** Rows as the first version wrote them, which knew neither protocols nor expiry nor where a name came from. */
async function stage() {
  const { value = '', properties } = await service.stack.vault.getSecret(pepperSecret);
  const digest = (password: string) =>
    createHmac('sha256', Buffer.from(value, 'base64url'))
      .update(`app-password:1\0${partitionKey}\0${password}`)
      .digest('base64url');
  const made = ['active', 'active', 'deleted'].map((state, index) => ({
    state,
    id: randomUUID(),
    password: generatePassword(systemRandom),
    name: `Old ${index}`,
  }));
  await service.tables.usernames.createEntity({
    partitionKey: keyOf(alice),
    rowKey: keyOf(alice),
    person: partitionKey,
    username: alice,
    issuedAt: createdAt,
  });
  await service.tables.passwords.createEntity({
    partitionKey,
    rowKey: 'profile',
    username: alice,
    usernameIssuedAt: createdAt,
    formerUsername: '',
    registeredAt: createdAt,
    count: 2,
    account: 'enabled',
  });
  for (const { password, ...row } of made)
    await service.tables.passwords.createEntity({
      partitionKey,
      rowKey: `${properties.version}.${digest(password)}`,
      ...row,
      createdAt,
      ...(row.state === 'deleted' && { deletedAt: new Date() }),
    });
  return made;
}

test('what was written before protocols, expiry and policy works, and lives on like the rest', async () => {
  const [used, other, deleted] = (await stage()) as [Made, Made, Made];
  const { verify } = gateway(service.origin, service.gatewayKey);
  expect((await verify(alice, used.password)).status).toBe(200);
  expect((await verify(alice, other.password)).status).toBe(200);
  expect((await verify(alice, deleted.password)).status).toBe(401);
  const token = await service.token(alice);
  const me = person(service.origin, token);
  const { appPasswords, remaining } = (await me.list()).body;
  expect(remaining).toBe(38);
  for (const appPassword of appPasswords)
    expect(appPassword).toMatchObject({ state: 'active', expiresAt: null, protocols: null });

  const admin = await service.token('bob@example.com');
  const path = `/api/admin/people/${partitionKey.slice(tenantId.length + 1)}`;
  const seen = await call(service.origin, 'GET', path, { token: admin });
  expect(seen.body).toMatchObject({ username: alice, appPasswords: [{ proof: null }, { proof: null }] });
  const suspend = `${path}/app-passwords/${used.id}/suspend`;
  expect((await call(service.origin, 'POST', suspend, { token: admin })).status).toBe(200);
  expect((await verify(alice, used.password)).status).toBe(401);
  expect((await me.rename(other.id, 'Renamed')).status).toBe(200);
  expect((await me.register('Again')).body).toHaveProperty('registeredAt');
  expect((await me.create('New')).status).toBe(201);
  expect((await me.removeAll()).body).toEqual({ deleted: 3 });
});

type Made = Awaited<ReturnType<typeof stage>>[number];
