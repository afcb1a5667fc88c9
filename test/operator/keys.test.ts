import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { sampleUsers } from '../../local/identities.ts';
import { commands } from '../../operator/cli.ts';
import { formatPassword, generatePassword } from '../../shared/domain/app-password/password.ts';
import { gatewayKeyPrefix } from '../../shared/key-vault/gateway-keys.ts';
import { systemRandom } from '../../shared/runtime/system.ts';
import { administrator, basic, gateway, person, strangePassword } from '../../testing/api.ts';
import { scripts } from '../../testing/files.ts';
import { operator, runHere, startOperator } from '../../testing/operator.ts';
import { type Service, startService } from '../../testing/service.ts';
import { startProxiedService, type TableProxy } from '../../testing/table-proxy.ts';

const alice = 'alice@example.com';
const aliceId = sampleUsers.find(({ username }) => username === alice)?.oid ?? '';
const minutes = 60_000;

let vaultAge = 120 * minutes;
let service: Service;
let proxy: TableProxy;

beforeAll(async () => {
  ({ service, proxy } = await startProxiedService({ vaultNow: () => Date.now() - vaultAge }));
});

afterAll(() => service.close());

const run = (command: string, ...args: string[]) => operator(command, service.stack.settings, ...args);

async function aliceAt({ origin }: Pick<HostProcess, 'origin'>) {
  return person(origin, await service.token(alice));
}

const lastUsedColumns = ['lastUsedAt', 'lastUsedClientAddress', 'lastUsedGateway', 'lastUsedProtocol'];

/** What is stored of an app password. */
async function columnsOf(id: string) {
  const queryOptions = { filter: `id eq '${id}' and state ge ''` };
  const [row] = await Array.fromAsync(service.tables.passwords.listEntities({ queryOptions }));
  return Object.keys(row ?? {}).sort();
}

describe('npm run pepper', () => {
  test('explains itself, and says what it lacks', async () => {
    expect(await run('pepper', 'polish')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Usage:'),
    });
    expect(await run('pepper', 'init', '--now')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Usage:'),
    });
    const unset = await operator('pepper', { KEY_VAULT_URL: 'vault.example.com' }, 'status');
    expect(unset).toMatchObject({ code: 1 });
    expect(unset.stderr).toContain('TABLES_ENDPOINT: expects the https:// address of the table service');
    expect(unset.stderr).toContain('KEY_VAULT_URL: expects the https:// address of the Key Vault');
  });

  test('never replaces a pepper, and finishes nothing that was not begun', async () => {
    expect(await run('pepper', 'init')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already'),
    });
    expect(await run('pepper', 'finish')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"rotate"'),
    });
  });

  test('rotates without refusing a right password; passwords move as they are used, and finish waits for them', async () => {
    const me = await aliceAt(service);
    const [used, unused] = [(await me.create('Used')).body, (await me.create('Unused')).body];
    const columns = await columnsOf(used.id);
    vaultAge = 25 * minutes;
    expect(await run('pepper', 'rotate')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Made version \w+\. .*\nWhen "status" shows none/),
    });
    expect(await run('pepper', 'rotate')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('finish'),
    });
    expect(await run('pepper', 'finish')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/in [56] min/),
    });

    const other = await service.anotherHost();
    const { verify } = gateway(other.origin, service.gatewayKey);
    expect((await verify(alice, used.password)).status).toBe(200);
    await vi.waitFor(async () => {
      const [fresh, old] = (await run('pepper', 'status')).stdout.split('\n');
      expect([fresh, old]).toEqual([
        expect.stringContaining(' 1 passwords'),
        expect.stringContaining(' 1 passwords'),
      ]);
    }, 10_000);
    expect((await verify(alice, used.password)).status).toBe(200);
    const listed = (await (await aliceAt(other)).list()).body.appPasswords;
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'Used', createdAt: used.createdAt, id: used.id }),
    );
    expect(listed.find(({ id }: { id: string }) => id === used.id).lastUsed).toMatchObject({
      gateway: 'local',
    });
    expect(await columnsOf(used.id)).toEqual([...columns, ...lastUsedColumns].sort());

    const created = (await (await aliceAt(other)).create('New')).body;
    expect((await run('pepper', 'status')).stdout).toMatch(/ 2 passwords\n.* 1 passwords\n/);
    for (const { password } of [created, used]) expect((await verify(alice, password)).status).toBe(200);
    expect((await run('pepper', 'status')).stdout).not.toContain(unused.password);
  });

  test('during a rotation each kind of refusal makes the same storage operations, the newest version read twice', async () => {
    const other = await service.anotherHost();
    const { verifyJson } = gateway(other.origin, service.gatewayKey);
    const me = await aliceAt(other);
    const deleted = (await me.create('Deleted')).body;
    await me.remove(deleted.id);
    const strange = formatPassword(generatePassword(systemRandom));
    const readsOf = async (username: string, password: string) => {
      await verifyJson({ username, password: strange });
      const before = proxy.requests.length;
      expect((await verifyJson({ username, password })).status).toBe(401);
      // What is noted about a refusal comes after its answer: it writes, or reads the profile, as no verify does.
      return proxy.requests
        .slice(before)
        .filter((request) => request.startsWith('GET') && !request.includes("RowKey='profile'"))
        .map((request) => request.replace(/^GET \/\w+\/(\w+)\(.*$/, '$1'));
    };
    const reads = Array(3).fill('AppPasswords');
    expect(await readsOf(alice, strange)).toEqual(reads);
    expect(await readsOf(alice, deleted.password)).toEqual(reads);
    expect(await readsOf('nobody@example.com', strange)).toEqual(reads);

    const { password } = (await me.create('Under the former username')).body;
    const admin = administrator(other.origin, await service.token('bob@example.com'));
    const rename = (username: string) => admin.setAccount(aliceId, { username });
    expect((await rename('alice.new@example.com')).status).toBe(200);
    try {
      expect(await readsOf(alice, password)).toEqual(reads);
      expect(await readsOf(alice, strange)).toEqual(reads);
    } finally {
      expect((await rename(alice)).status).toBe(200);
    }
  });

  test('finish waits for what still lies under the old version, or by force deletes it and says how many', async () => {
    vaultAge = 120 * minutes;
    const service = await startService({ vaultNow: () => Date.now() - vaultAge });
    const run = (...args: string[]) => operator('pepper', service.stack.settings, ...args);
    try {
      const me = person(service.origin, await service.token(alice));
      const [used, unused] = [(await me.create('Used')).body, (await me.create('Unused')).body];
      vaultAge = 31 * minutes;
      await run('rotate');
      const other = await service.anotherHost();
      const { verify } = gateway(other.origin, service.gatewayKey);
      await verify(alice, used.password);
      await vi.waitFor(
        async () => expect((await run('status')).stdout).toMatch(/ 1 passwords\n.* 1 passwords\n/),
        10_000,
      );
      expect(await run('finish')).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/^1 passwords still lie/),
      });
      expect((await verify(alice, unused.password)).status).toBe(200);
      await vi.waitFor(
        async () => expect((await run('status')).stdout).toMatch(/ 2 passwords\n.* 0 passwords\n/),
        10_000,
      );

      const late = (await me.create('Late, on an instance that does not know the new version')).body;
      expect(await run('finish', '--force')).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('; 1 passwords died'),
      });
      const listed = (await person(other.origin, await service.token(alice)).list()).body;
      expect(listed.appPasswords.map(({ name }: { name: string }) => name).sort()).toEqual([
        'Unused',
        'Used',
      ]);
      expect(listed.remaining).toBe(38);
      const fresh = gateway((await service.anotherHost()).origin, service.gatewayKey);
      expect((await fresh.verify(alice, used.password)).status).toBe(200);
      expect((await fresh.verify(alice, unused.password)).status).toBe(200);
      expect((await fresh.verify(alice, late.password)).status).toBe(401);
    } finally {
      await service.close();
    }
  });
});

describe('npm run gateway', () => {
  test('adds a gateway whose key works at once, rotates it, and removes it; a key is printed only when it is made', async () => {
    const added = await run('gateway', 'add', 'scanner', '--protocols', 'smtp');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const key = added.stdout.trim();
    const me = await aliceAt(service);
    const { id, password } = (await me.create('Scanner')).body;
    expect((await gateway(service.origin, key).verify(alice, password)).status).toBe(200);
    await vi.waitFor(async () => {
      const { appPasswords } = (await me.list()).body;
      const { lastUsed } = appPasswords.find((listed: { id: string }) => listed.id === id);
      expect(lastUsed).toMatchObject({ gateway: 'scanner', protocol: 'smtp' });
    });

    const rotated = await run('gateway', 'rotate', 'scanner');
    expect(rotated.stderr).toContain('rotate scanner --finish');
    expect(rotated.stdout.trim()).not.toBe(key);
    expect((await run('gateway', 'list')).stdout).toMatch(
      /^scanner {2}protocols smtp {2}username canonical {2}key made \S+ and \S+$/m,
    );
    expect(await run('gateway', 'rotate', 'scanner', '--finish')).toMatchObject({ code: 0 });
    expect(await run('gateway', 'remove', 'scanner')).toMatchObject({ code: 0 });
    const list = (await run('gateway', 'list')).stdout;
    expect(list).toContain('local');
    expect(list).not.toContain('scanner');
    expect(list).not.toContain(service.gatewayKey);
  });

  test('a gateway for RADIUS alone is refused in JSON, which FreeRADIUS reads; any other as before, to the byte', async () => {
    const add = async (name: string, ...protocols: string[]) =>
      (await run('gateway', 'add', name, ...protocols)).stdout.trim();
    const radius = await add('network', '--protocols', 'radius');
    const others = [
      await add('network-and-mail', '--protocols', 'radius,imap'),
      await add('mail', '--protocols', 'imap'),
    ];
    const problem =
      '{"type":"/problems/invalid-credentials","title":"Username or app password is wrong","status":401,"detail":"Send a username and one of its app passwords."}';
    const ask = async (key: string, headers: Record<string, string>) => {
      const answer = await fetch(`${service.origin}/api/verify`, {
        headers: { 'x-gateway-key': key, ...headers },
      });
      return [answer.status, answer.headers.get('content-type'), await answer.text()];
    };
    for (const headers of [{}, basic(alice, 'wrong'), basic(alice, strangePassword())]) {
      expect(await ask(radius, headers)).toEqual([401, 'application/json', problem]);
      for (const key of others)
        expect(await ask(key, headers)).toEqual([401, 'application/problem+json', problem]);
    }
    const twice = { ...basic(alice, 'wrong'), 'auth-user': alice };
    expect((await ask(radius, twice)).slice(0, 2)).toEqual([400, 'application/problem+json']);
  });

  /** What is a username only where what is invisible, a domain field and letters beyond ASCII mean the same. */
  const pasted = [
    ...[
      ' alice@example.com',
      'alice@example.com\u200b',
      '\u00a0alice@example.com\u00a0',
      'alice@example.com\0',
    ],
    ...['\\alice@example.com', '\\alice', 'EXAMPLE\\alice@example.com', 'example.com\\alice'],
    'alice@example\u3002com',
  ];

  test('a gateway that goes on with the username as it was typed hears no yes to one that only means the same, in any form', async () => {
    const add = async (...args: string[]) => (await run('gateway', 'add', ...args)).stdout.trim();
    const { password } = (await (await aliceAt(service)).create('Phone')).body;
    const made = await add('with-pam', '--protocols', 'imap', '--username', 'typed');
    const before = randomBytes(32).toString('base64url');
    const secret = `${gatewayKeyPrefix}from-before`;
    await service.stack.vault.setSecret(secret, before, { tags: { protocols: 'imap' } });
    const canonical = await add('with-dovecot', '--protocols', 'imap');
    const ask = async (key: string, username: string, password: string) => {
      const { verify, verifyJson, grant } = gateway(service.origin, key);
      const form = { grant_type: 'password', username, password, client_secret: key };
      const answers = [
        await verify(username, password),
        await verifyJson({ username, password }),
        await grant(form),
      ];
      return answers.map(({ status }) => status);
    };
    const [yes, no] = [
      [200, 200, 200],
      [401, 401, 400],
    ];
    // A new key is known at once; so many of them are not.
    await vi.waitFor(async () => expect(await ask(canonical, alice, password)).toEqual(yes), 15_000);
    for (const key of [made, before]) {
      for (const username of [alice, 'alice', 'ALICE@Example.com', 'EXAMPLE\\alice', '\uff41lice'])
        expect([username, await ask(key, username, password)]).toEqual([username, yes]);
      for (const username of pasted)
        expect([username, await ask(key, username, password)]).toEqual([username, no]);
      expect(await ask(key, alice, `\u200b${password}\0`)).toEqual(yes);
    }
    for (const username of pasted) {
      expect([username, await ask(canonical, username, password)]).toEqual([username, yes]);
      expect([username, await ask(canonical, username, strangePassword())]).toEqual([username, no]);
    }
    expect((await run('gateway', 'list')).stdout).toMatch(
      /^from-before .* username typed .*\n(.*\n)*with-dovecot .* username canonical .*\n(.*\n)*with-pam .* username typed /m,
    );
    expect(await run('gateway', 'username', 'from-before', 'canonical')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('count as canonical everywhere within 15 minutes'),
    });
    expect((await run('gateway', 'list')).stdout).toMatch(
      /^from-before {2}protocols imap {2}username canonical /m,
    );
    const { origin } = await service.anotherHost();
    const fresh = gateway(origin, before);
    for (const username of pasted) expect((await fresh.verify(username, password)).status).toBe(200);
  });

  test('disables keys and never deletes them, so that none can be recovered', async () => {
    await run('gateway', 'add', 'printer', '--protocols', 'smtp');
    await run('gateway', 'remove', 'printer');
    const versions = service.stack.vault.listPropertiesOfSecretVersions(`${gatewayKeyPrefix}printer`);
    expect((await Array.fromAsync(versions)).map(({ enabled }) => enabled)).toEqual([false]);
  });

  test.each([
    [['add', 'mail'], 'Usage:'],
    [['add', 'ma il', '--protocols', 'imap'], 'letters, digits and hyphens'],
    [['add', 'mail', '--protocols', 'imap,gopher'], 'Protocols are imap'],
    [['add', 'local', '--protocols', 'imap'], 'exists'],
    [['add', 'pam', '--protocols', 'imap', '--username', 'clean'], 'Say canonical where'],
    [['add', 'pam', 'typed', '--protocols', 'imap'], 'Usage:'],
    [['username', 'local', 'clean'], 'Say canonical where'],
    [['username', 'local'], 'Usage:'],
    [['username', 'unknown', 'typed'], 'There is no gateway unknown'],
    [['rotate', 'unknown'], 'There is no gateway unknown'],
    [['rotate', 'local', '--finish'], 'no rotation'],
    [['remove', 'unknown'], 'There is no gateway unknown'],
    [[], 'Usage:'],
  ])('says what is wrong with %j', async (args, message) => {
    expect(await run('gateway', ...args)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message),
    });
  });
});

describe('As a program', () => {
  const names = Object.keys(commands);
  const ended = (...[name = '', ...args]: string[]) => startOperator(name, {}, ...args).ended;

  test('each command is the npm script of its name', () => {
    for (const name of names) expect(scripts[name]).toMatch(new RegExp(` operator/cli\\.ts ${name}$`));
  });

  test.each(names)('%s says what is wrong, how it is used, and ends with 1', async (command) => {
    expect(await ended(command, 'one', 'two', 'three')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^error: .*\\n(.*\\n)?\\nUsage: npm run ${command} -- `)),
    });
  });

  test.each(names)('%s explains itself when asked, and ends with 0', async (command) => {
    const usage = new RegExp(`^Usage: npm run ${command} -- (.*\\n)+.*-h, --help`);
    expect(await operator(command, {}, '--help')).toEqual({
      code: 0,
      stdout: expect.stringMatching(usage),
      stderr: '',
    });
  });

  test('a command of a command explains itself, too', async () => {
    const { code, stdout, stderr } = await operator('gateway', {}, 'add', '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^Usage: npm run gateway -- add \[options\] <NAME>\n(.*\n)+ {2}--protocols <LIST> /,
    );
  });

  test('all commands are listed when asked, or where none of them is named', async () => {
    const listed = ({ stdout = '', stderr = '' }) =>
      [...(stdout + stderr).matchAll(/^ {2}([a-z:]+) /gm)].map(([, name]) => name);
    const [asked, none, unknown] = [
      await ended('operator', '--help'),
      await ended('operator'),
      await ended('operator', 'x'),
    ];
    for (const run of [asked, none, unknown]) expect(listed(run)).toEqual([...names, 'help']);
    expect([asked, none, unknown].map(({ code, stdout }) => [code, stdout === ''])).toEqual([
      [0, false],
      [1, true],
      [1, true],
    ]);
  });

  test('a command loads no other', async () => {
    const failing = { ...commands, gateway: () => Promise.reject(new Error('It was loaded.')) };
    expect(await runHere(failing, {}, 'settings')).toMatchObject({ code: 0 });
    await expect(runHere(failing, {}, '--help')).rejects.toThrow('It was loaded.');
  });

  test('one that did it says so, and ends with 0', async () => {
    expect(await ended('settings')).toEqual({
      code: 0,
      stdout: 'The app starts with these settings.\n',
      stderr: '',
    });
  });
});
