import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostProcess } from '../local/host-process.ts';
import { tenantId } from '../local/identities.ts';
import { addGateway } from '../operator/gateway-registry.ts';
import { pepperSecret } from '../shared/key-vault/pepper.ts';
import { administrator, basic, call, gateway, persist, person, strangePassword } from '../testing/api.ts';
import type { Service } from '../testing/service.ts';
import { type Fate, startProxiedService, type TableProxy } from '../testing/table-proxy.ts';

const renamed = { before: 'renamed.before@example.com', after: 'renamed.after@example.com' };
const users = [
  ...Array.from({ length: 80 }, (_, i) => ({ username: `person${i}@example.com`, oid: `person-${i}` })),
  { username: renamed.before, oid: 'renamed' },
  { username: renamed.after, oid: 'renamed' },
];

let service: Service;
let proxy: TableProxy;
let people = 0;

beforeAll(async () => {
  ({ service, proxy } = await startProxiedService({ users }));
});

beforeEach(() => proxy.fate(() => 'pass'));

afterAll(() => service.close());

/** Somebody whom no other test knows. */
async function somebody() {
  const index = people++;
  const username = `person${index}@example.com`;
  const token = await service.token(username);
  const oid = `person-${index}`;
  return { username, token, oid, partition: `${tenantId}.${oid}`, ...person(service.origin, token) };
}

function verifier(host: Pick<HostProcess, 'origin'> = service, key = service.gatewayKey) {
  return gateway(host.origin, key);
}

/** The row of an app password. */
function rowsOf(partition: string, id: string) {
  const filter = `PartitionKey eq '${partition}' and id eq '${id}' and state ge ''`;
  return Array.fromAsync(
    service.tables.passwords.listEntities<Record<string, unknown>>({ queryOptions: { filter } }),
  );
}

/** What is stored of a person. */
async function stored(partition: string) {
  const queryOptions = { filter: `PartitionKey eq '${partition}'` };
  const rows = await Array.fromAsync(
    service.tables.passwords.listEntities<Record<string, unknown>>({ queryOptions }),
  );
  return {
    count: rows.find(({ rowKey }) => rowKey === 'profile')?.count ?? 0,
    live: rows.filter(({ state }) => state === 'active').map(({ id }) => id),
  };
}

describe('Invariant 1: a password is never stored, logged or put into a URL', () => {
  test('only a keyed hash of it is stored, and neither it nor a typed username is seen anywhere', async () => {
    const me = await somebody();
    const secret: string = (await me.create('Phone')).body.password;
    const letters = secret.replaceAll('-', '');
    const typedAsName = strangePassword();
    const unknownName = 'somebody.unknown@example.com';
    const { verify, verifyJson } = verifier();
    await verify(me.username, secret);
    await verify(typedAsName, secret);
    await verify(unknownName, strangePassword());
    await verifyJson({ username: me.username, password: secret });
    await call(service.origin, 'GET', `/api/verify?password=${secret}`, {
      headers: basic(me.username, secret),
    });
    await me.create(secret.repeat(4));
    await me.list();

    const pepper = await service.stack.vault.getSecret(pepperSecret);
    const message = `app-password:1\0${me.partition}\0${letters}`;
    const key = Buffer.from(pepper.value as string, 'base64url');
    const digest = createHmac('sha256', key).update(message).digest('base64url');
    const everyRow = [
      ...(await Array.fromAsync(service.tables.passwords.listEntities())),
      ...(await Array.fromAsync(service.tables.usernames.listEntities())),
    ];
    expect(everyRow.map(({ rowKey }) => rowKey)).toContain(`${pepper.properties.version}.${digest}`);

    const seen = [JSON.stringify(everyRow), service.host.output(), ...proxy.requests]
      .join('\n')
      .toLowerCase();
    for (const private_ of [
      secret,
      letters,
      typedAsName,
      typedAsName.replaceAll('-', ''),
      unknownName,
      me.token,
    ]) {
      expect(seen).not.toContain(private_.toLowerCase());
    }
    // Where a name is given, changed or released, the trail says which one.
    const others = service.host
      .output()
      .split('\n')
      .filter((line) => !line.includes('"event":"username.'));
    expect(others.join('\n')).not.toContain(me.username);
  });
});

describe('Invariant 2: no live password that its owner cannot see', () => {
  const fates: readonly Fate[] = ['cut', 'swallow'];

  test.each(fates)(
    'storage that goes away in the middle of any change leaves all of it or nothing (%s)',
    async (fate) => {
      const me = await somebody();
      const [first, second] = [await me.create('First'), await me.create('Second')];
      const changes = [
        () => me.create('Another'),
        () => me.register('Registered'),
        () => me.rename(second.body.id, `Renamed ${Math.random()}`),
        () => me.remove(first.body.id),
        () => me.removeAll(),
      ];
      for (const change of changes) {
        for (let lost = 0; lost < 4; lost++) {
          proxy.fate((index) => (index < lost ? 'pass' : fate));
          const answer = await change();
          proxy.fate(() => 'pass');

          const { count, live } = await stored(me.partition);
          const { appPasswords, remaining } = (await me.list()).body;
          expect(appPasswords.map(({ id }: { id: string }) => id).sort()).toEqual([...live].sort());
          expect(count).toBe(live.length);
          expect(remaining).toBe(40 - live.length);
          expect([200, 201, 204, 503]).toContain(answer.status);
        }
      }
    },
  );

  test('a create whose commit was lost on the way back has made one password, and it is the one that was answered', async () => {
    const me = await somebody();
    await me.create('Before');
    let lost = 0;
    proxy.fate((_, request) =>
      request.startsWith('POST') && request.includes('$batch') && lost++ === 0 ? 'swallow' : 'pass',
    );
    const answer = await me.create('Lost');
    expect(lost).toBeGreaterThan(0);
    expect(answer.status).toBe(201);
    expect((await me.list()).body.appPasswords).toHaveLength(2);
    expect((await verifier().verify(me.username, answer.body.password)).status).toBe(200);
  });
});

describe('Invariant 3: revoked means revoked at once', () => {
  test('a password that two instances just accepted is refused by both right after its deletion on one', async () => {
    const other = await service.anotherHost();
    const me = await somebody();
    const { id, password } = (await me.create('Phone')).body;
    for (const host of [service, other]) {
      expect((await verifier(host).verify(me.username, password)).status).toBe(200);
    }
    expect((await me.remove(id)).status).toBe(204);
    for (const host of [service, other]) {
      expect((await verifier(host).verify(me.username, password)).status).toBe(401);
    }
  });
});

describe('Invariant 4: the limit of 40 is exact', () => {
  test('a storm of creates on two instances leaves exactly 40, and every one of them works', async () => {
    const other = await service.anotherHost();
    const me = await somebody();
    const there = person(other.origin, me.token);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => {
        // What was answered with 503 may be done, so each repeat says that it is one.
        const again = { 'idempotency-key': crypto.randomUUID() };
        return persist(() => (i % 2 ? me : there).create(`Device ${i}`, again));
      }),
    );
    const created = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ body }) => body.type === '/problems/limit-reached');
    expect([created.length, refused.length]).toEqual([40, 20]);
    expect(await stored(me.partition)).toMatchObject({ count: 40, live: { length: 40 } });
    for (const { body } of created) {
      expect((await verifier().verify(me.username, body.password)).status).toBe(200);
    }
  });
});

describe('Invariant 5: every failure of a well-formed password looks the same', () => {
  /** Each kind of failure, for people whose names no instance has looked up lately. */
  async function failures() {
    const [wrong, revoked, replaced, owner, other] = [
      await somebody(),
      await somebody(),
      await somebody(),
      await somebody(),
      await somebody(),
    ];
    await other.create('Phone');
    await wrong.create('Phone');
    const deleted = (await revoked.create('Phone')).body;
    await revoked.remove(deleted.id);
    const again = { 'idempotency-key': crypto.randomUUID() };
    const lost = (await replaced.create('Phone', again)).body;
    await replaced.create('Phone', again);
    const foreign = (await owner.create('Phone')).body;
    /** The username of somebody who has an app password. */
    const known = async () => {
      const me = await somebody();
      await me.create('Phone');
      return me.username;
    };
    /** One that was fine until something was written about it. */
    const altered = async (columns: Record<string, unknown>) => {
      const me = await somebody();
      const { id, password } = (await me.create('Phone')).body;
      const [row] = await rowsOf(me.partition, id);
      const place = { partitionKey: me.partition, rowKey: row?.rowKey as string };
      await service.tables.passwords.updateEntity({ ...place, ...columns }, 'Merge');
      return [me.username, password] as const;
    };
    const admin = administrator(service.origin, await service.token('bob@example.com'));
    /** A username that its owner gave up, with an app password of that one's. */
    const former = async (isDeleted = false) => {
      const me = await somebody();
      const { id, password } = (await me.create('Phone')).body;
      if (isDeleted) await me.remove(id);
      await admin.setAccount(me.oid, { username: `renamed.${me.username}` });
      return [me.username, password] as const;
    };
    return {
      'right password under a former username': await former(),
      'deleted password under a former username': await former(true),
      'wrong password under a former username': [(await former())[0], strangePassword()],
      'expired password': await altered({ expiresAt: new Date(Date.now() - 1) }),
      'suspended password': await altered({ state: 'suspended', suspendedFor: 'administrator' }),
      'password for another protocol': await altered({ protocols: 'dav' }),
      'password in a state that nobody knows': await altered({ state: 'frozen' }),
      'unknown username': ['nobody@example.com', strangePassword()],
      'a username that cannot be one': ['ali\u0000ce/\\#?☃', strangePassword()],
      'a username with what is invisible': [`\u00a0${await known()}\u200b`, strangePassword()],
      'a username behind a domain field': [`EXAMPLE\\${await known()}`, strangePassword()],
      'a username behind another domain': [`OTHER\\${await known()}`, strangePassword()],
      'a username in a domain beyond ASCII': ['alice@b\u00fccher.example', strangePassword()],
      'a username of a confusable domain': ['alice@ex\u0430mple.com', strangePassword()],
      'a wrong password with what is invisible': [await known(), `\u200b${strangePassword()}\0`],
      'wrong password': [wrong.username, strangePassword()],
      'deleted password': [revoked.username, deleted.password],
      'replaced password': [replaced.username, lost.password],
      'password of another person': [other.username, foreign.password],
    } as const satisfies Record<string, readonly [string, string]>;
  }

  /** What is noted about a refusal comes after its answer: it writes, or reads the profile, as no verify does. */
  function beforeTheAnswer(requests: readonly string[]): string[] {
    return requests
      .filter((request) => request.startsWith('GET') && !request.includes("RowKey='profile'"))
      .map((request) => request.replace(/^GET \/\w+\/(\w+)\(.*$/, '$1'));
  }

  async function compare(host: HostProcess, key: string) {
    const seen = new Map<string, unknown[]>();
    // Reads the policy, which is not read for each of them.
    const { verifyJson } = verifier(host, key);
    await verifyJson({ username: 'first@example.com', password: strangePassword() });
    for (const [kind, [username, password]] of Object.entries(await failures())) {
      const look = async () => {
        const before = proxy.requests.length;
        const answer = await verifyJson({ username, password });
        const reads = beforeTheAnswer(proxy.requests.slice(before));
        const headers = [...answer.headers].filter(([name]) => name !== 'date');
        return { reads: reads.sort(), status: answer.status, body: answer.body, headers };
      };
      // Once with the name looked up anew, once with the name remembered.
      seen.set(kind, [await look(), await look()]);
    }
    return seen;
  }

  test.each(['canonical', 'typed'])(
    'same status, body, headers and storage operations for each kind, whether the name is remembered or not, where a gateway goes on with the %s username',
    async (kind) => {
      const key = await addGateway(service.stack.vault, `gateway-${kind}`, {
        protocols: 'imap',
        username: kind,
      });
      const seen = await compare(await service.anotherHost(), key);
      const [first, ...others] = seen.values();
      expect(first).toMatchObject([
        { status: 401, reads: ['AppPasswords', 'Usernames'] },
        { status: 401, reads: ['AppPasswords'] },
      ]);
      for (const other of others) expect(other).toEqual(first);
    },
  );
});

describe('Invariant 6: a fault is never an answer', () => {
  test.each(['cut', 'hang'] as const)(
    'storage that is away (%s) is 503 with Retry-After within 3 seconds',
    async (fate) => {
      const me = await somebody();
      const { id, password } = (await me.create('Phone')).body;
      const { verify, grant } = verifier();
      const form = {
        grant_type: 'password',
        username: me.username,
        password,
        client_secret: service.gatewayKey,
      };
      proxy.fate(() => fate);
      const since = performance.now();
      const answers = await Promise.all([
        verify(me.username, password),
        verify(me.username, strangePassword()),
        verify('nobody@example.com', strangePassword()),
        grant(form),
        me.create('Laptop'),
        me.list(),
        me.rename(id, 'Old phone'),
        me.remove(id),
        me.removeAll(),
        me.register('First'),
      ]);
      expect(performance.now() - since).toBeLessThan(3_000);
      for (const { status, headers } of answers) {
        expect(status).toBe(503);
        expect(headers.get('retry-after')).toBe('5');
      }
      proxy.fate(() => 'pass');
      expect((await verify(me.username, password)).status).toBe(200);
    },
  );

  test.each(['AppPasswords', 'Usernames', 'AppPasswords and Usernames'])(
    'a storage account without the table %s is 503, and never a wrong password',
    async (names) => {
      const me = await somebody();
      const { id, password } = (await me.create('Phone')).body;
      const gone = [service.tables.passwords, service.tables.usernames].filter(({ tableName }) =>
        names.includes(tableName),
      );
      for (const table of gone) await table.deleteTable();
      try {
        // It has not looked anything up yet, so it remembers no name.
        const host = await service.anotherHost();
        const { verify, verifyJson } = verifier(host);
        const answers = await Promise.all([
          verify(me.username, password),
          verify(me.username, strangePassword()),
          verifyJson({ username: 'nobody@example.com', password: strangePassword() }),
          me.create('Laptop'),
          me.register('First'),
          call(host.origin, 'GET', '/api/health'),
          // These need no name.
          ...(names === 'Usernames'
            ? []
            : [me.list(), me.rename(id, 'Old phone'), me.remove(id), me.removeAll()]),
        ]);
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
      } finally {
        for (const table of gone) await table.createTable();
      }
      expect((await me.create('Tablet')).status).toBe(201);
    },
  );

  test('a gateway key that is missing or wrong is 503 of its own type, whatever the password', async () => {
    const me = await somebody();
    const { password } = (await me.create('Phone')).body;
    for (const headers of [{}, { 'x-gateway-key': '' }, { 'x-gateway-key': 'wrong' }]) {
      for (const secret of [password, strangePassword(), 'hunter2']) {
        const answer = await call(service.origin, 'GET', '/api/verify', {
          headers: { ...basic(me.username, secret), ...headers },
        });
        expect(answer).toMatchObject({ status: 503, body: { type: '/problems/invalid-gateway-key' } });
        expect(answer.headers.get('retry-after')).toBe('5');
      }
    }
  });
});

describe('Invariant 7: what cannot be a password costs nothing', () => {
  test.each([
    'hunter2',
    '',
    'abcdefghijklmnopqrst',
    'a'.repeat(5_000),
    'Tr0ub4dor&3',
    'aaaa-bbbb-cccc-dddd-eeee-ffff',
  ])('no storage operation for the password %s', async (password) => {
    const me = await somebody();
    await me.create('Phone');
    const before = proxy.requests.length;
    expect((await verifier().verify(me.username, password)).status).toBe(401);
    expect(proxy.requests.slice(before)).toEqual([]);
  });
});

describe('Invariant 8: only a token that proves a second factor manages passwords', () => {
  test('neither a sign-in without it, nor an app password, nor a gateway key opens any management route', async () => {
    const me = await somebody();
    const { id, password } = (await me.create('Phone')).body;
    const without = await service.token(me.username, { secondFactor: false });
    const before = await stored(me.partition);
    for (const token of [without, password, service.gatewayKey]) {
      const { create, list, rename, remove, removeAll, register } = person(service.origin, token);
      const attempts = [create('x'), list(), rename(id, 'x'), remove(id), removeAll(), register('x')];
      for (const { status, headers } of await Promise.all(attempts)) {
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
      }
    }
    expect(await stored(me.partition)).toEqual(before);
  });
});

describe('Invariant 9: the person is the immutable id, never the username', () => {
  test('a renamed person keeps the passwords, and the old username opens nothing', async () => {
    const before = person(service.origin, await service.token(renamed.before));
    const { password } = (await before.create('Phone')).body;
    const after = person(service.origin, await service.token(renamed.after));
    expect((await after.list()).body.appPasswords).toHaveLength(1);
    const { verify } = verifier();
    expect((await verify(renamed.after, password)).status).toBe(200);
    expect((await verify(renamed.before, password)).status).toBe(401);
  });
});
