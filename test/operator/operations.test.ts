import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TableClient } from '@azure/data-tables';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sampleUsers, type User } from '../../local/identities.ts';
import { startKeyVault } from '../../local/key-vault.ts';
import { localGateway } from '../../local/stack.ts';
import { root } from '../../local/stack-file.ts';
import { initPepper } from '../../operator/pepper-rotation.ts';
import { words as en } from '../../portal/text/languages/en.ts';
import { day } from '../../shared/domain/app-password/effective-state.ts';
import { adminRole } from '../../shared/domain/person/caller.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import { openVault } from '../../shared/key-vault/client.ts';
import { pepperSecret } from '../../shared/key-vault/pepper.ts';
import { readStoreSettings } from '../../shared/settings/settings.ts';
import { administrator, call, gateway, person, strangePassword } from '../../testing/api.ts';
import { openTerminal, resourceId, type Terminal } from '../../testing/az.ts';
import { startCollector } from '../../testing/collector.ts';
import { signInName } from '../../testing/directory.ts';
import { anchorOf, npmScriptsIn, read, scripts } from '../../testing/files.ts';
import { startGraph } from '../../testing/graph.ts';
import { readQuery } from '../../testing/kusto.ts';
import { operator, type Run } from '../../testing/operator.ts';
import { type Service, type ServiceOptions, startService } from '../../testing/service.ts';
import { alertsOf, snapshots } from '../../testing/snapshots.ts';
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts';
import { onlyOnDemand, runTimer } from '../../testing/timer.ts';
import { workspaceTables } from '../../testing/workspace-tables.ts';
import { startWorldClock, type WorldClock } from '../../testing/world-clock.ts';

const [alice, bob] = sampleUsers as [User, User];
const text = read('docs/operations.md');
const [head = '', ...sections] = text.split(/^## /m);
const pages = new Map(
  sections.map((section) => {
    const end = section.indexOf('\n');
    return [section.slice(0, end), section.slice(end)] as const;
  }),
);

/** The commands of a page, and of its sentences. */
function commandsIn(page: string): string[] {
  const blocks = [...page.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].flatMap(([, block = '']) =>
    block.split('\n'),
  );
  const spans = [...page.replace(/^ *```sh\n.*?^ *```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, span]) => span,
  );
  return [...blocks, ...spans].map((line = '') => line.trim()).filter((line) => line !== '');
}

describe('docs/operations.md', () => {
  const parts = ['How you notice', 'What users see', 'What to do', 'How you know that it is over'];
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const rehearsals = [...source.matchAll(/^describe\((['"])(.+)\1, \(\) => \{$/gm)].map(
    ([, , title]) => title,
  );

  test('has the fifteen pages', () => {
    expect([...pages.keys()].map(anchorOf)).toEqual([
      'rotate-the-pepper',
      'the-pepper-leaked',
      'the-tables-leaked',
      'a-gateway-key-leaked',
      'an-app-password-leaked',
      'an-administrators-account-is-in-wrong-hands',
      'somebody-leaves-without-a-directory',
      'the-vault-is-deleted-or-gone',
      'the-tables-are-deleted',
      'the-region-is-down',
      'everything-is-404',
      'the-identity-provider-is-down',
      'graph-is-down',
      'upgrade-and-roll-back',
      'remove-everything',
    ]);
  });

  test.each([...pages])('%s has its four parts, and is rehearsed or says why not', (title, page) => {
    const titles = parts.map((part) => part.replaceAll(' ', '\\s'));
    expect(
      [...page.matchAll(new RegExp(`^\\*\\*(${titles.join('|')})\\.\\*\\*`, 'gm'))].map(([, it]) => it),
    ).toEqual(parts);
    const [, rehearsed] =
      /^Rehearsed by `test\/operator\/operations\.test\.ts`, (.+?)[.:]( |$)/m.exec(page) ?? [];
    const isExcused = /^Not rehearsed, because /m.test(page);
    expect([rehearsed, isExcused]).toEqual(rehearsals.includes(title) ? [title, false] : [undefined, true]);
  });

  test('is rehearsed here, page by page', () => {
    expect(rehearsals.filter((title = '') => !pages.has(title))).toEqual(['docs/operations.md']);
  });

  test('names npm scripts that exist', () => {
    expect(npmScriptsIn(text).filter((name) => !(name in scripts))).toEqual([]);
  });

  test('names commands of az and azd that exist', () => {
    const named = commandsIn(text).flatMap((line) => [
      ...line.matchAll(/\b(azd?(?: [a-z][a-z-]+)+)(?= |$|\)|")/g),
    ]);
    expect(named.length).toBeGreaterThan(50);
    const exists = (command = '') => azCommands.some((it) => `${it} `.startsWith(`${command} `));
    expect(named.map(([, command]) => command).filter((command) => !exists(command))).toEqual([]);
  });

  test('uses variables that its beginning sets', () => {
    const set = [...head.matchAll(/\b([A-Z_]+)=\$\(/g), ...text.matchAll(/\bfor ([A-Z_]+) in /g)].map(
      ([, name]) => name,
    );
    const used = [...text.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name);
    expect([...new Set(used)].filter((name) => !set.includes(name))).toEqual([]);
  });

  test('names alerts that the deployment has', () => {
    const named = [...text.matchAll(/\b(?:alert|after 15 minutes) `([a-z-]+)`/g)];
    const names = snapshots.flatMap(alertsOf).map(({ name }) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(([, name = '']) => name).filter((name) => !names.includes(name))).toEqual([]);
  });

  test('asks for tables, events and fields that there are', () => {
    const records = ['domain/audit-record', 'audit/service-record', 'domain/gateway/gateway']
      .map((file) => read(`shared/${file}.ts`))
      .join('\n');
    const all = [...text.matchAll(/^ *query "(.+)"$/gm)].map(([, query = '']) => query);
    const objections = all.flatMap(
      (query) => readQuery(query.replace('TIME', '2026-11-24T02:00:00Z'), workspaceTables).objections,
    );
    expect(objections).toEqual([]);
    const queries = all.filter((query) => query.startsWith('AppEvents '));
    const names = queries.flatMap((query) =>
      [...query.matchAll(/'([a-z-]+\.[a-z-]+)'/g)].map(([, name]) => name),
    );
    expect(queries.length).toBe(6);
    expect(names.filter((name) => !records.includes(`'${name}'`))).toEqual([]);
    const fields = queries.flatMap((query) =>
      [...query.matchAll(/Properties\.(\w+)/g)].map(([, name]) => name),
    );
    // Of what is nested only the actor is asked for.
    expect(
      fields.filter((field = '') => field !== 'actor_id' && !records.includes(`readonly ${field}:`)),
    ).toEqual([]);
  });

  test('names what the page of administrators and the report have', () => {
    const words = JSON.stringify(en.admin, (_, it) => (typeof it === 'function' ? it('NAME', 1) : it));
    const elsewhere = [
      'Log stream',
      'Administration',
      'Storage accounts',
      'Restore',
      'App passwords API',
      'Delete',
    ];
    const columns = ['last used', 'last gateway'];
    for (const column of columns) expect(read('operator/report.ts')).toContain(`'${column}'`);
    const labels = [...text.matchAll(/(?<!\*)\*([^*\n]+(?:\n[^*\n]+)?)\*(?!\*)/g)].map(([, it = '']) =>
      it.replace(/\s+/g, ' '),
    );
    expect(labels.length).toBeGreaterThan(20);
    expect(labels.filter((it) => ![...elsewhere, ...columns].includes(it) && !words.includes(it))).toEqual(
      [],
    );
  });

  test('leads to pages and headings that exist, and is found from the README', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => {
      if (target.startsWith('https://')) return false;
      const [path, anchor] = target.split('#') as [string, string | undefined];
      const file = path === '' ? 'docs/operations.md' : join('docs', path);
      if (!existsSync(join(root, file))) return true;
      const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
      return anchor !== undefined && !headings.includes(anchor);
    });
    expect(links.length).toBeGreaterThan(10);
    expect(broken).toEqual([]);
    expect(read('README.md')).toContain('[docs/operations.md](docs/operations.md)');
  });
});

/** As the references of az and azd have them. */
const azCommands = [
  ...['az ad app delete', 'az ad signed-in-user show', 'az ad user show', 'az ad user update'],
  ...['az functionapp restart', 'az functionapp show', 'az functionapp start', 'az functionapp stop'],
  ...['az group exists', 'az lock delete', 'az lock list', 'az login', 'az rest'],
  ...['az keyvault create', 'az keyvault list-deleted', 'az keyvault show', 'az keyvault secret backup'],
  ...['az keyvault secret list-deleted', 'az keyvault secret list-versions', 'az keyvault secret recover'],
  ...['az keyvault secret restore', 'az keyvault secret set-attributes'],
  ...['az monitor log-analytics query', 'az monitor log-analytics workspace list'],
  ...['azd env set', 'az storage account migration start'],
  ...['az role assignment create', 'az role assignment delete', 'az role assignment list'],
  ...['az storage account failover', 'az storage account show', 'az storage entity delete'],
  ...['azd auth login', 'azd down', 'azd env get-value', 'azd provision', 'azd up'],
];

/** The service of one rehearsal, under a clock that the test moves. */
function stage(options: ServiceOptions = {}) {
  let service: Service;
  const clock: WorldClock = startWorldClock();
  beforeAll(async () => {
    service = await startService({
      ...options,
      vaultNow: clock.now,
      settings: async (stack) => ({ ...clock.settings, ...(await options.settings?.(stack)) }),
    });
  });
  afterAll(async () => {
    await service.close();
    clock.close();
  });
  return {
    clock,
    service: () => service,
    /** A person signs in to an instance. */
    signIn: async ({ username }: User, { origin }: { origin: string } = service) =>
      person(origin, await service.token(username)),
    administer: async ({ username }: User = bob, { origin }: { origin: string } = service) =>
      administrator(origin, await service.token(username)),
    verify: (password: string, { origin }: { origin: string } = service, key = service.gatewayKey) =>
      gateway(origin, key).verify(alice.username, password),
    /** Runs a command of the page as its operator; `values` are what they put in for words in capitals. */
    run(command: string, values: Record<string, string> = {}, settings = {}): Promise<Run> {
      const [title = ''] = expect.getState().currentTestName?.split(' > ') ?? [];
      expect(commandsIn(head + pages.get(title))).toContain(command);
      const [, script = '', words = ''] = /^npm run (?:--silent )?(\S+)(?: -- (.*))?$/.exec(command) ?? [];
      const args = words.split(' ').map((word) => values[word] ?? word);
      return operator(script, { ...service.stack.settings, ...clock.settings, ...settings }, ...args);
    },
  };
}
type Stage = ReturnType<typeof stage>;

const succeeds = { code: 0 };

/** Waits until `status` counts app passwords like this, the newest version first. */
async function counted({ run }: Stage, ...counts: number[]): Promise<void> {
  await vi.waitFor(async () => {
    const { stdout } = await run('npm run pepper -- status');
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => Number(/ (\d+) passwords/.exec(line)?.[1]))).toEqual(counts);
  }, 10_000);
}

describe('Rotate the pepper', () => {
  const scene = stage();

  test('nobody notices it, and it is over when status shows one version', async () => {
    const me = await scene.signIn(alice);
    const [used, unused] = [(await me.create('Phone')).body, (await me.create('Old phone')).body];
    expect(await scene.run('npm run pepper -- rotate')).toMatchObject(succeeds);
    expect((await scene.verify(used.password)).status).toBe(200);
    await counted(scene, 0, 2);
    scene.clock.advance({ minutes: 21 });
    expect((await scene.verify(used.password)).status).toBe(200);
    await counted(scene, 1, 1);
    scene.clock.advance({ minutes: 10 });
    const early = await scene.run('npm run pepper -- finish');
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('1 passwords still lie') });
    expect(await neverUsed()).toEqual([[alice.username, 'Old phone']]);
    expect(await scene.run('npm run pepper -- finish --force')).toMatchObject(succeeds);
    await counted(scene, 1);
    expect((await scene.verify(used.password)).status).toBe(200);
    expect((await scene.verify(unused.password)).status).toBe(401);
  });

  async function neverUsed() {
    const rows = await reported(scene);
    return rows.filter((row) => row['last used'] === '').map(({ username, name }) => [username, name]);
  }
});

/** The list that the report writes for the page. */
async function reported({ run }: Stage): Promise<Record<string, string>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'operations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'report.csv');
  expect(await run('npm run report -- --csv FILE', { FILE: file })).toMatchObject(succeeds);
  return parse(readFileSync(file, 'utf8'), { bom: true, columns: true });
}

/** The lines of the nth block of a page that is for a shell. */
function blockOf(title: string, containing: string): string {
  const blocks = [...(pages.get(title) ?? '').matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, it = '']) => it);
  const found = blocks.filter((block) => block.includes(containing));
  expect(found).toHaveLength(1);
  return found[0] as string;
}

describe.each([
  ['The pepper leaked', '$VAULT_ID', resourceId('Microsoft.KeyVault/vaults', 'kv-1')],
  ['The tables leaked', '$ACCOUNT_ID', resourceId('Microsoft.Storage/storageAccounts', 'stdata1')],
] as const)('%s, step 1', (title, variable, scope) => {
  const role = (name: string) => ({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`,
    principalName: `${name}@example.com`,
  });
  const beginning = [...head.matchAll(/^```sh\n(.*?)^```$/gms)][0]?.[1] ?? '';
  let terminal: Terminal;
  beforeAll(() => {
    terminal = openTerminal({
      environment: {
        KEY_VAULT_URL: 'https://kv-1.vault.azure.net',
        TABLES_ENDPOINT: 'https://stdata1.table.core.windows.net',
        PORTAL_URL: 'https://passwords.example.com',
        AZURE_FUNCTION_APP_NAME: 'func-1',
        AZURE_RESOURCE_GROUP: 'rg-prod',
      },
      locked: [scope],
      lingering: 1,
      roles: [role('operators'), role('leaver')],
      template: { locked: [scope], roles: [role('operators')] },
    });
  });
  afterAll(() => terminal.remove());

  test('shows who may read, takes a role away that the lock keeps, and ends with the lock in its place', async () => {
    const listed = await terminal.run(
      `${beginning}${blockOf(title, `role assignment list --scope "${variable}`)}`,
    );
    expect(listed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${role('leaver').id}\tleaver@example.com`),
    });

    const removal = blockOf(title, 'role assignment delete').replaceAll(/\bID\b/g, role('leaver').id);
    const [, alone = ''] = /^ *until (.+?); do/m.exec(removal) ?? [];
    const refused = await terminal.run(`${beginning}${alone}`);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('(ScopeLocked)') });

    expect(await terminal.run(`${beginning}${removal}`)).toMatchObject({ code: 0 });
    const { roles, locked } = terminal.subscription;
    expect({ roles, locked }).toEqual({ roles: [role('operators')], locked: [scope] });
  });
});

describe('The pepper leaked', () => {
  describe('A, alone', () => {
    const scene = stage();

    test('what is used moves, and the end loses as many as status says', async () => {
      const me = await scene.signIn(alice);
      const [used, unused] = [(await me.create('Phone')).body, (await me.create('Old phone')).body];
      expect(await scene.run('npm run pepper -- rotate')).toMatchObject(succeeds);
      scene.clock.advance({ minutes: 21 });
      expect((await scene.verify(used.password)).status).toBe(200);
      await counted(scene, 1, 1);
      scene.clock.advance({ minutes: 10 });
      const { stdout } = await scene.run('npm run pepper -- finish --force');
      expect(stdout).toContain('; 1 passwords died with it.');
      await counted(scene, 1);
      const restarted = await scene.service().anotherHost();
      expect((await scene.verify(used.password, restarted)).status).toBe(200);
      expect((await scene.verify(unused.password, restarted)).status).toBe(401);
    });
  });

  describe('B, with the tables', () => {
    const scene = stage();

    test('nothing that was known lives on, also what is used all the time', async () => {
      const me = await scene.signIn(alice);
      const { password } = (await me.create('Phone')).body;
      const admin = await scene.administer();
      const before = await admin.policy();
      const denied = { ...before.body, verification: 'denied', creation: 'nobody' };
      const set = await admin.setPolicy(denied, before.headers.get('etag') ?? '');
      expect(set.status).toBe(200);
      expect((await scene.verify(password)).status).toBe(401);
      expect((await me.create('Tablet')).status).toBe(403);

      expect(await scene.run('npm run pepper -- rotate')).toMatchObject(succeeds);
      scene.clock.advance({ minutes: 31 });
      expect((await scene.verify(password)).status).toBe(401);
      await counted(scene, 0, 1);
      expect(await scene.run('npm run pepper -- finish --force')).toMatchObject(succeeds);
      await counted(scene, 0);

      const restarted = await scene.service().anotherHost();
      const again = await (await scene.administer(bob, restarted)).setPolicy(
        before.body,
        set.headers.get('etag') ?? '',
      );
      expect(again.status).toBe(200);
      expect((await scene.verify(password, restarted)).status).toBe(401);
      const mine = await scene.signIn(alice, restarted);
      expect((await mine.list()).body.appPasswords).toEqual([]);
      const fresh = (await mine.create('Phone')).body.password;
      expect((await scene.verify(fresh, restarted)).status).toBe(200);
    });
  });
});

describe('The tables leaked', () => {
  const scene = stage();

  test('a copy says who has which devices, and opens nothing', async () => {
    const me = await scene.signIn(alice);
    const { password } = (await me.create('Phone')).body;
    const { verify } = gateway(scene.service().origin, scene.service().gatewayKey);
    const used = await verify(alice.username, password, { 'x-client-address': '192.0.2.7' });
    expect(used.status).toBe(200);
    await vi.waitFor(async () => expect(await copyOf(scene.service())).toContain('192.0.2.7'));

    const copy = await copyOf(scene.service());
    for (const known of [alice.username, 'Phone']) expect(copy).toContain(known);
    const { value: pepper = '' } = await scene.service().stack.vault.getSecret(pepperSecret);
    for (const secret of [password, password.replaceAll('-', ''), pepper]) expect(copy).not.toContain(secret);

    const elsewhere = await startService();
    onTestFinished(() => elsewhere.close());
    for (const name of ['passwords', 'usernames'] as const)
      for await (const { etag: _, timestamp: __, ...row } of scene.service().tables[name].listEntities())
        await elsewhere.tables[name].createEntity(row as { partitionKey: string; rowKey: string });
    const theirs = gateway(elsewhere.origin, elsewhere.gatewayKey);
    expect((await theirs.verify(alice.username, password)).status).toBe(401);

    expect(await reported(scene)).toEqual([
      expect.objectContaining({
        username: alice.username,
        name: 'Phone',
        'last client address': '192.0.2.7',
      }),
    ]);
    expect((await scene.verify(password)).status).toBe(200);
  });

  async function copyOf({ tables }: Service): Promise<string> {
    const rows = await Promise.all(
      Object.values(tables).map((table) => Array.fromAsync(table.listEntities())),
    );
    return JSON.stringify(rows);
  }
});

describe('A gateway key leaked', () => {
  const scene = stage();

  test('no device notices that the key changes, and the old one ends', async () => {
    const { password } = (await (await scene.signIn(alice)).create('Phone')).body;
    const rotated = await scene.run('npm run --silent gateway -- rotate NAME', { NAME: localGateway });
    const key = rotated.stdout.trim();
    for (const each of [scene.service().gatewayKey, key])
      expect((await scene.verify(password, scene.service(), each)).status).toBe(200);
    const check = 'npm run gateway:check -- --url "$PORTAL_URL" --user USERNAME';
    const values = { '"$PORTAL_URL"': scene.service().origin, USERNAME: alice.username };
    const checked = await scene.run(check, values, { GATEWAY_KEY: key, APP_PASSWORD: password });
    expect(checked).toMatchObject(succeeds);

    const finished = await scene.run('npm run gateway -- rotate NAME --finish', { NAME: localGateway });
    expect(finished).toMatchObject(succeeds);
    const restarted = await scene.service().anotherHost();
    expect(await scene.verify(password, restarted)).toMatchObject({
      status: 503,
      body: { type: '/problems/invalid-gateway-key' },
    });
    expect((await scene.verify(password, restarted, key)).status).toBe(200);
    const { stdout } = await scene.run('npm run gateway -- list');
    expect(stdout).toMatch(
      new RegExp(`^${localGateway}  protocols \\S+  username canonical  key made \\S+$`, 'm'),
    );
  });
});

describe('An app password leaked', () => {
  const scene = stage();

  test('that one is refused at once, its owner sees the refusals, and the other devices go on', async () => {
    const me = await scene.signIn(alice);
    const [leaked, other] = [(await me.create('Phone')).body, (await me.create('Tablet')).body];
    const admin = await scene.administer();
    expect((await admin.find(alice.username)).body.id).toBe(alice.oid);
    expect((await admin.suspend(alice.oid, leaked.id)).status).toBe(200);
    expect((await scene.verify(leaked.password)).status).toBe(401);
    expect((await admin.resume(alice.oid, leaked.id)).status).toBe(200);
    expect((await scene.verify(leaked.password)).status).toBe(200);
    expect((await admin.remove(alice.oid, leaked.id)).status).toBe(204);
    // Refusals of one app password are written once in 15 minutes, and one was while it was suspended.
    scene.clock.advance({ minutes: 15 });
    expect((await scene.verify(leaked.password)).status).toBe(401);
    await vi.waitFor(async () => {
      const { refusals } = (await me.activity()).body;
      const recent = refusals.flatMap((row: { recent: { reason: string }[] }) => row.recent);
      expect(recent.map(({ reason }: { reason: string }) => reason)).toContain('deleted');
    });
    expect((await scene.verify(other.password)).status).toBe(200);
  });
});

describe("An administrator's account is in wrong hands", () => {
  const second: User = { username: 'person0@example.com', oid: 'person-0', roles: [adminRole] };
  let collector: Awaited<ReturnType<typeof startCollector>>;
  const scene = stage({
    users: [second],
    settings: async () => {
      collector = await startCollector();
      return {
        APPLICATIONINSIGHTS_CONNECTION_STRING: collector.connectionString,
        NODE_EXTRA_CA_CERTS: collector.certificateFile,
        SIGN_IN_MAX_AGE: '900',
      };
    },
  });
  afterAll(() => collector.close());

  test('the trail has all that it did, another administrator undoes it, and its sign-in soon changes nothing', async () => {
    const me = await scene.signIn(alice);
    const { id, password } = (await me.create('Phone')).body;
    const stolen = await scene.administer(bob);
    expect((await stolen.suspend(alice.oid, id)).status).toBe(200);
    const policy = await stolen.policy();
    const changed = await stolen.setPolicy({ ...policy.body, limit: 1 }, policy.headers.get('etag') ?? '');
    expect(changed.status).toBe(200);
    expect((await scene.verify(password)).status).toBe(401);
    expect((await stolen.setAccount(alice.oid, { username: 'ceo@example.com' })).status).toBe(200);

    // The query of the page, on what Application Insights was sent.
    const properties = collector.envelopes.map(({ data: { baseData } }) => baseData);
    const itsOwn = properties.filter(({ properties }) => properties.actor_id === bob.oid);
    expect(itsOwn.map(({ name }) => name)).toEqual([
      'app-password.suspended',
      'policy.changed',
      'username.changed',
    ]);
    expect(itsOwn[0]?.properties).toMatchObject({ appPassword: id, actor_kind: 'administrator' });

    const given = itsOwn[2]?.properties;
    expect(given).toMatchObject({ from: alice.username, to: 'ceo@example.com' });

    const other = await scene.administer(second);
    expect((await other.setAccount(alice.oid, { username: given?.from as string })).status).toBe(200);
    expect((await other.resume(alice.oid, id)).status).toBe(200);
    expect((await other.setPolicy(policy.body, changed.headers.get('etag') ?? '')).status).toBe(200);
    expect((await scene.verify(password)).status).toBe(200);
    expect((await other.policy()).body).toEqual(policy.body);

    scene.clock.advance({ minutes: 16 });
    expect((await stolen.suspend(alice.oid, id)).status).toBe(401);
    expect((await scene.verify(password)).status).toBe(200);
  });
});

describe('Somebody leaves, without a directory', () => {
  const heir: User = { username: signInName('y', alice.username as Username), oid: 'person-0' };
  const leavers = [1, 2].map((n) => ({ username: `person${n}@example.com`, oid: `person-${n}` }));
  const scene = stage({ users: [heir, ...leavers] });

  test('the list shows who did not sign in for long; a released name opens nothing until somebody signs in under it', async () => {
    const me = await scene.signIn(alice);
    const { password } = (await me.create('Phone')).body;
    const list = () => scene.run('npm run usernames -- list --not-signed-in-for 90');
    expect(await list()).toMatchObject({ ...succeeds, stdout: expect.stringMatching(/^There is no /) });
    const key = keyOf(alice.username as Username);
    const issuedAt = new Date(scene.clock.now() - 90 * day);
    const row = { partitionKey: key, rowKey: key, issuedAt };
    await scene.service().tables.usernames.updateEntity(row, 'Merge');
    const line = `${alice.username}  holder ${alice.oid}  last sign-in ${issuedAt.toISOString()}  1 app passwords, 1 active`;
    expect((await list()).stdout).toContain(line);
    expect((await scene.verify(password)).status).toBe(200);

    const released = await scene.run('npm run usernames -- release USERNAME', { USERNAME: alice.username });
    expect(released).toMatchObject({ ...succeeds, stdout: expect.stringContaining(alice.oid) });
    await vi.waitFor(async () => expect((await scene.verify(password)).status).toBe(401), 15_000);
    expect((await me.create('Tablet')).status).toBe(403);
    expect((await scene.verify(password)).status).toBe(401);
    const admin = await scene.administer();
    expect((await admin.find(alice.username)).status).toBe(404);
    expect((await list()).stdout).toMatch(/^There is no /);

    // Tokens know whole seconds: one of the second of the release is not later.
    const own = await vi.waitFor(async () => {
      const created = await (await scene.signIn(heir)).create('Of the new holder');
      expect(created.status).toBe(201);
      return created.body;
    }, 10_000);
    expect((await scene.verify(own.password)).status).toBe(200);
    expect((await scene.verify(password)).status).toBe(401);
    await vi.waitFor(async () => expect((await admin.find(alice.username)).body.id).toBe(heir.oid), 15_000);
  });

  test('who is disabled or erased first opens nothing from then on, and who is erased has no name to release', async () => {
    const { verify } = gateway(scene.service().origin, scene.service().gatewayKey);
    const admin = await scene.administer();
    const opens = async (leaver: User, password: string) => (await verify(leaver.username, password)).status;
    const [first, second] = leavers as [User, User];
    const phone = (await (await scene.signIn(first)).create('Phone')).body;
    const tablet = (await (await scene.signIn(second)).create('Tablet')).body;
    for (const [leaver, { password }] of [
      [first, phone],
      [second, tablet],
    ] as const)
      expect(await opens(leaver, password)).toBe(200);

    expect((await admin.setAccount(first.oid, { account: 'disabled' })).status).toBe(200);
    expect((await admin.erase(second.oid)).status).toBe(204);
    for (const [leaver, { password }] of [
      [first, phone],
      [second, tablet],
    ] as const)
      expect(await opens(leaver, password)).toBe(401);
    const release = (leaver: User) =>
      scene.run('npm run usernames -- release USERNAME', { USERNAME: leaver.username });
    expect(await release(first)).toMatchObject(succeeds);
    expect(await release(second)).toMatchObject({ code: 1, stderr: expect.stringContaining('Nobody holds') });
  });
});

describe('The vault is deleted, or gone', () => {
  let vault: TcpProxy;
  const scene = stage({
    settings: async ({ settings }) => {
      vault = await startTcpProxy(Number(new URL(settings.KEY_VAULT_URL as string).port));
      return { KEY_VAULT_URL: `https://127.0.0.1:${vault.port}` };
    },
  });
  afterAll(() => vault.close());

  test('while it is away, right passwords work where an instance runs, and nobody is refused; it is over by itself', async () => {
    const me = await scene.signIn(alice);
    const { password } = (await me.create('Phone')).body;
    expect((await scene.verify(password)).status).toBe(200);
    vault.mode('away');
    expect((await scene.verify(strangePassword())).status).toBe(401);
    const started = await scene.service().anotherHost();
    expect((await scene.verify(password, started)).status).toBe(503);
    scene.clock.advance({ minutes: 16 });
    expect((await scene.verify(password)).status).toBe(200);
    expect((await scene.verify(strangePassword())).status).toBe(503);
    expect((await me.create('Tablet')).status).toBe(503);

    vault.mode('pass');
    scene.clock.advance({ seconds: 31 });
    await vi.waitFor(async () => expect((await me.create('Tablet')).status).toBe(201), 10_000);
    expect((await scene.verify(strangePassword())).status).toBe(401);
    await vi.waitFor(async () => expect((await scene.verify(password, started)).status).toBe(200), 10_000);
  });

  test('gone without a file, every app password is dead; the lists say so, and people begin anew', async () => {
    const { password } = (await (await scene.signIn(alice)).create('Laptop')).body;
    const { url, certificate, close } = await startKeyVault({ port: 0, now: scene.clock.now });
    onTestFinished(close);
    const fresh = { KEY_VAULT_URL: url, KEY_VAULT_CERTIFICATE: certificate };
    // What "azd provision" does once there is a vault.
    await initPepper(
      openVault(readStoreSettings({ ...scene.service().stack.settings, ...fresh }), () => {
        throw new Error('unused');
      }),
    );
    const add = 'npm run --silent gateway -- add NAME --protocols imap,smtp';
    const key = (await scene.run(add, { NAME: 'mail' }, fresh)).stdout.trim();
    const host = await scene.service().anotherHost(fresh);
    expect((await scene.verify(password, host, key)).status).toBe(401);

    const finish = () => scene.run('npm run pepper -- finish --force', {}, fresh);
    expect(await finish()).toMatchObject({ code: 1, stderr: expect.stringContaining('try again in 30 min') });
    scene.clock.advance({ minutes: 31 });
    const status = () => scene.run('npm run pepper -- status', {}, fresh);
    expect((await status()).stdout).toContain('  disabled or gone  ');
    expect(await finish()).toMatchObject(succeeds);
    expect((await status()).stdout).toMatch(/^\S+ {2}made \S+ {2}0 passwords\n$/);

    const mine = await scene.signIn(alice, host);
    expect((await mine.list()).body).toMatchObject({ appPasswords: [], remaining: 40 });
    const made = (await mine.create('Phone')).body.password;
    expect((await scene.verify(made, host, key)).status).toBe(200);
  });
});

describe('The tables are deleted', () => {
  const scene = stage();

  test('everything is told to try later until they are back, and then works as it did at the export', async () => {
    const [me, admin] = [await scene.signIn(alice), await scene.administer()];
    const [phone, lost] = [(await me.create('Phone')).body, (await me.create('Lost phone')).body];
    const counts = (await scene.run('npm run report')).stdout;
    const file = join(mkdtempSync(join(tmpdir(), 'operations-')), 'export');
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    expect(await scene.run('npm run backup -- export FILE', { FILE: file })).toMatchObject(succeeds);
    expect((await me.remove(lost.id)).status).toBe(204);
    const since = (await me.create('Made since')).body;

    const tables = Object.values(scene.service().tables) as TableClient[];
    for (const table of tables) await table.deleteTable();
    for (const secret of [phone.password, strangePassword()])
      expect((await scene.verify(secret)).status).toBe(503);
    expect((await me.list()).status).toBe(503);
    expect((await admin.person(alice.oid)).status).toBe(503);
    const started = await scene.service().anotherHost();
    expect((await call(started.origin, 'GET', '/api/health')).status).toBe(503);

    await Promise.all([scene.service().host.stop(), started.stop()]);
    for (const table of tables) await table.createTable();
    expect(await scene.run('npm run backup -- verify FILE', { FILE: file })).toMatchObject(succeeds);
    const restore = 'npm run backup -- import FILE --deleted-since-export=DECISION';
    const values = { FILE: file, '--deleted-since-export=DECISION': '--deleted-since-export=accept' };
    expect(await scene.run(restore, values)).toMatchObject(succeeds);

    const host = await scene.service().anotherHost();
    expect((await call(host.origin, 'GET', '/api/health')).status).toBe(200);
    expect((await scene.verify(phone.password, host)).status).toBe(200);
    expect((await scene.verify(since.password, host)).status).toBe(401);
    expect((await scene.run('npm run report')).stdout).toBe(counts);

    // What was deleted since the export works again, until an administrator does what the page says.
    expect((await scene.verify(lost.password, host)).status).toBe(200);
    const again = await scene.administer(bob, host);
    for (const { id } of [phone, lost]) expect((await again.suspend(alice.oid, id)).status).toBe(200);
    expect((await scene.verify(lost.password, host)).status).toBe(401);
    expect((await again.resume(alice.oid, phone.id)).status).toBe(200);
    expect((await scene.verify(phone.password, host)).status).toBe(200);
  });
});

describe('Everything is 404', () => {
  const scene = stage();

  test('the message names what is bad and never what was said; a deployment refuses it before; put right, all answers', async () => {
    const bad = { SIGN_IN_MAX_AGE: 'not-a-number' };
    const message = 'SIGN_IN_MAX_AGE: expects how old the sign-in may be';
    const started = scene.service().anotherHost(bad);
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.not.toThrow('not-a-number');
    const refused = await operator('settings', bad);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
    expect(refused.stderr).not.toContain('not-a-number');

    const good = { SIGN_IN_MAX_AGE: '600' };
    expect(await operator('settings', good)).toMatchObject(succeeds);
    const host = await scene.service().anotherHost(good);
    expect((await call(host.origin, 'GET', '/api/health')).status).toBe(200);
  });
});

describe('The identity provider is down', () => {
  let provider: TcpProxy;
  const scene = stage({
    settings: async ({ issuer, settings }) => {
      provider = await startTcpProxy(Number(new URL(issuer).port));
      const discovery = new URL(settings.OIDC_DISCOVERY_URL as string);
      discovery.port = `${provider.port}`;
      return { OIDC_DISCOVERY_URL: discovery.href };
    },
  });
  afterAll(() => provider.close());

  test('devices go on, who is signed in goes on where an instance runs, and it is over by itself', async () => {
    const me = await scene.signIn(alice);
    const { password } = (await me.create('Phone')).body;
    const token = await scene.service().token(alice.username);
    provider.mode('away');
    const started = await scene.service().anotherHost();
    const theirs = person(started.origin, token);
    for (const host of [scene.service(), started])
      expect((await scene.verify(password, host)).status).toBe(200);
    expect((await me.create('Tablet')).status).toBe(201);
    expect((await theirs.list()).status).toBe(503);

    provider.mode('pass');
    await vi.waitFor(async () => expect((await theirs.list()).status).toBe(200), 10_000);
  });
});

describe('Graph is down', () => {
  let graph: Awaited<ReturnType<typeof startGraph>>;
  const scene = stage({
    settings: async () => {
      graph = await startGraph();
      graph.create(alice.oid, alice.username);
      return { ...graph.settings, ...onlyOnDemand('upkeep') };
    },
  });
  afterAll(() => graph.close());

  test('a disabled account goes on until somebody suspends it by hand; the rest is made up for', async () => {
    const me = await scene.signIn(alice);
    const { id, password } = (await me.create('Phone')).body;
    await runTimer(scene.service().host, 'upkeep');
    const admin = await scene.administer();
    const lastSuccess = async () => (await admin.directory()).body.lastSuccessAt;
    const before = await lastSuccess();
    expect(before).not.toBeNull();

    graph.mode('away');
    graph.disable(alice.oid);
    await runTimer(scene.service().host, 'upkeep');
    expect(await lastSuccess()).toBe(before);
    expect((await scene.verify(password)).status).toBe(200);
    expect((await admin.suspend(alice.oid, id)).status).toBe(200);
    expect((await scene.verify(password)).status).toBe(401);

    graph.mode('pass');
    await runTimer(scene.service().host, 'upkeep');
    expect(await lastSuccess()).not.toBe(before);
    const suspendedFor = async () => (await me.list()).body.appPasswords[0].suspendedFor;
    expect((await suspendedFor()).sort()).toEqual(['account', 'administrator']);
    graph.enable(alice.oid);
    await runTimer(scene.service().host, 'upkeep');
    expect(await suspendedFor()).toEqual(['administrator']);
    expect((await admin.resume(alice.oid, id)).status).toBe(200);
    expect((await scene.verify(password)).status).toBe(200);
  });
});

describe('Upgrade and roll back', () => {
  const scene = stage();
  /** What the first version wrote of an app password and of a person, and no later one took away. */
  const firstColumns = /^(id|name|createdAt|state|username|usernameIssuedAt|registeredAt|count|account)$/;

  test('each version reads the rows of the other, keeps what it does not know, and lets nothing strange in', async () => {
    const me = await scene.signIn(alice);
    const [plain, strange] = [(await me.create('Phone')).body, (await me.create('Tablet')).body];
    const table = scene.service().tables.passwords;
    for (const { partitionKey, rowKey, ...row } of await rowsOf()) {
      const old = Object.entries(row).filter(([column]) => firstColumns.test(column));
      if (old.length === 0) await table.deleteEntity(partitionKey, rowKey);
      else await table.updateEntity({ partitionKey, rowKey, ...Object.fromEntries(old) }, 'Replace');
    }

    const upgraded = await scene.service().anotherHost();
    await scene.service().host.stop();
    for (const { password } of [plain, strange])
      expect((await scene.verify(password, upgraded)).status).toBe(200);
    // The use is noted in the same rows.
    await vi.waitFor(async () =>
      expect((await rowsOf()).filter(({ lastUsedAt }) => lastUsedAt)).toHaveLength(2),
    );

    const newer = { colour: 'green', shape: 4 };
    const rows = await rowsOf();
    for (const { partitionKey, rowKey, id } of rows) {
      const state = id === strange.id ? { state: 'quarantined' } : {};
      await table.updateEntity({ partitionKey, rowKey, ...newer, ...state }, 'Merge');
    }
    const partitionKey = rows[0]?.partitionKey as string;
    await table.createEntity({ partitionKey, rowKey: 'later', ...newer });

    const rolledBack = await scene.service().anotherHost();
    await upgraded.stop();
    expect((await scene.verify(plain.password, rolledBack)).status).toBe(200);
    expect((await scene.verify(strange.password, rolledBack)).status).toBe(401);
    const mine = await scene.signIn(alice, rolledBack);
    expect((await mine.rename(plain.id, 'Old phone')).status).toBe(200);
    expect((await mine.list()).body.appPasswords).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'Old phone', state: 'active' }),
        expect.objectContaining({ name: 'Tablet', state: 'suspended' }),
      ]),
    );
    const kept = (await rowsOf()).filter(({ colour, shape }) => colour === 'green' && shape === 4);
    expect(kept.map(({ rowKey }) => rowKey).sort()).toEqual(
      [...rows.map(({ rowKey }) => rowKey), 'later'].sort(),
    );
  });

  async function rowsOf() {
    const queryOptions = { filter: "PartitionKey ne 'policy' and PartitionKey ne 'directory'" };
    type Row = { partitionKey: string; rowKey: string; [column: string]: unknown };
    return Array.fromAsync(scene.service().tables.passwords.listEntities<Row>({ queryOptions }));
  }
});
