import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantId } from '../local/identities.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { createAppPassword } from '../shared/domain/app-password/create.ts';
import { formatPassword, generatePassword } from '../shared/domain/app-password/password.ts';
import { register } from '../shared/domain/app-password/register.ts';
import { verify } from '../shared/domain/gateway/verify.ts';
import { personKey } from '../shared/domain/person/person.ts';
import type { Ports } from '../shared/domain/ports.ts';
import { Unavailable } from '../shared/domain/unavailable.ts';
import { type Username, usernameOfToken } from '../shared/domain/username/username.ts';
import { openVault } from '../shared/key-vault/client.ts';
import { pepperIn } from '../shared/key-vault/pepper.ts';
import { keyedQueue } from '../shared/runtime/keyed-queue.ts';
import { systemRandom } from '../shared/runtime/system.ts';
import { readStoreSettings } from '../shared/settings/settings.ts';
import { passwordsIn } from '../shared/tables/passwords.ts';
import { tableNames } from '../shared/tables/tables.ts';
import { usernamesIn } from '../shared/tables/usernames.ts';
import { FakeClock } from './support/clock.ts';
import { quietPorts } from './support/ports.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';

const origin = { gateway: 'test', protocol: null, clientAddress: null };
const clock = new FakeClock(Date.now());
const person = personKey(tenantId, 'alice');
const username = usernameOfToken('alice@example.com', quietPorts().usernameRules) as Username;
const caller = {
  person,
  username,
  issuedAt: clock.now(),
  source: 'token',
  roles: [],
  proof: { amr: ['mfa'], acrs: [], authenticatedAt: clock.now() },
} as const;
const request = { name: 'Phone', expiresAt: null, protocols: null, idempotencyKey: undefined };
const soon = () => AbortSignal.timeout(5_000);

let stack: Stack;
let vaultProxy: TcpProxy;
let ports: Ports;

beforeAll(async () => {
  stack = await startStack({ origin: 'http://127.0.0.1:7071' });
  vaultProxy = await startTcpProxy(Number(new URL(stack.settings.KEY_VAULT_URL as string).port));
  const settings = readStoreSettings({
    ...stack.settings,
    KEY_VAULT_URL: `https://127.0.0.1:${vaultProxy.port}`,
  });
  const vault = openVault(settings, () => {
    throw new Error('unused');
  });
  const open = (name: string) =>
    TableClient.fromConnectionString(stack.tables, name, { allowInsecureConnection: true });
  ports = {
    ...quietPorts(),
    passwords: passwordsIn(open(tableNames.passwords)),
    usernames: usernamesIn(open(tableNames.usernames), clock),
    pepper: pepperIn(vault, clock, () => {}),
    clock,
    queue: keyedQueue(),
    later: () => {},
  };
});

afterAll(async () => {
  vaultProxy.close();
  await stack.close();
});

test('with a list of peppers older than 15 minutes a hit is answered, and a miss, a create and a register are a fault', async () => {
  const created = await createAppPassword(ports, { caller, wanted: request }, soon());
  if (created.kind !== 'created') throw new Error(created.kind);
  const check = (password: string) =>
    verify(ports, { username, password, goesOnWith: 'canonical', origin }, soon());
  const strange = formatPassword(generatePassword(systemRandom));
  expect(await check(strange)).toEqual({ kind: 'invalid-credentials' });

  vaultProxy.mode('away');
  clock.advance({ minutes: 20 });
  expect(await check(created.password)).toEqual({ kind: 'verified', username });
  await expect(check(strange)).rejects.toThrow(Unavailable);
  await expect(createAppPassword(ports, { caller, wanted: request }, soon())).rejects.toThrow(Unavailable);
  await expect(register(ports, { caller, wanted: request }, soon())).rejects.toThrow(Unavailable);
  expect(await check('not an app password')).toEqual({ kind: 'invalid-credentials' });

  vaultProxy.mode('pass');
  clock.advance({ seconds: 31 });
  expect(await check(strange)).toEqual({ kind: 'invalid-credentials' });
});

test('a name that another instance gave away is followed within 10 seconds', async () => {
  const elsewhere = usernamesIn(
    TableClient.fromConnectionString(stack.tables, tableNames.usernames, { allowInsecureConnection: true }),
    clock,
  );
  const created = await createAppPassword(ports, { caller, wanted: request }, soon());
  if (created.kind !== 'created') throw new Error(created.kind);
  const typed = { username, password: created.password, goesOnWith: 'canonical', origin } as const;
  const check = () => verify(ports, typed, soon());
  expect((await check()).kind).toBe('verified');
  const held = await elsewhere.read(username, soon());
  const taken = {
    person: personKey(tenantId, 'bob'),
    username,
    issuedAt: clock.now() + 1_000,
    source: 'token',
    aliasOf: null,
    former: null,
  } as const;
  expect(await elsewhere.write(taken, held, soon())).toBe(true);
  clock.advance({ seconds: 9 });
  expect((await check()).kind).toBe('verified');
  clock.advance({ seconds: 2 });
  expect((await check()).kind).toBe('invalid-credentials');
});
