import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tenantId } from '../local/identities.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { createAppPassword } from '../shared/domain/create.ts';
import { formatPassword, generatePassword } from '../shared/domain/password.ts';
import { personKey } from '../shared/domain/person.ts';
import { type Ports, Unavailable } from '../shared/domain/ports.ts';
import { register } from '../shared/domain/register.ts';
import { type Username, usernameOfToken } from '../shared/domain/username.ts';
import { verify } from '../shared/domain/verify.ts';
import { pepperIn } from '../shared/pepper/pepper.ts';
import { readStoreSettings } from '../shared/settings.ts';
import { passwordsIn } from '../shared/storage/passwords.ts';
import { keyedQueue } from '../shared/storage/queue.ts';
import { tableNames } from '../shared/storage/tables.ts';
import { usernamesIn } from '../shared/storage/usernames.ts';
import { systemRandom } from '../shared/system.ts';
import { openVault } from '../shared/vault/client.ts';
import { FakeClock } from './support/clock.ts';
import { quietPorts } from './support/ports.ts';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';

const rules = { domains: [], aliases: new Map(), defaultDomain: undefined };
const origin = { gateway: 'test', protocol: null, clientAddress: null };
const clock = new FakeClock(Date.now());
const person = personKey(tenantId, 'alice');
const username = usernameOfToken('alice@example.com', rules) as Username;
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
  const created = await createAppPassword(ports, caller, request, soon());
  if (created.kind !== 'created') throw new Error(created.kind);
  const check = (password: string) =>
    verify(ports, rules, { username, password, goesOnWith: 'canonical' }, origin, soon());
  const strange = formatPassword(generatePassword(systemRandom));
  expect(await check(strange)).toEqual({ kind: 'invalid-credentials' });

  vaultProxy.mode('away');
  clock.advance({ minutes: 20 });
  expect(await check(created.secret)).toEqual({ kind: 'verified', username });
  await expect(check(strange)).rejects.toThrow(Unavailable);
  await expect(createAppPassword(ports, caller, request, soon())).rejects.toThrow(Unavailable);
  await expect(register(ports, caller, request, soon())).rejects.toThrow(Unavailable);
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
  const created = await createAppPassword(ports, caller, request, soon());
  if (created.kind !== 'created') throw new Error(created.kind);
  const typed = { username, password: created.secret, goesOnWith: 'canonical' } as const;
  const check = () => verify(ports, rules, typed, origin, soon());
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
