import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { tenantId } from '../../local/identities.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import { readClaim } from '../../shared/tables/rows.ts';
import { call, gateway, person } from '../../testing/api.ts';
import { everybody, nameOf, oidOf, signInName, type Who } from '../../testing/directory.ts';
import { type Graph, graphToken, startGraph } from '../../testing/graph.ts';
import { operator } from '../../testing/operator.ts';
import { type Service, startService } from '../../testing/service.ts';
import { onlyOnDemand, runTimer } from '../../testing/timer.ts';

/** Every test has a group of its own. */
const groups = 30;

let graph: Graph;
let service: Service;
let group = -1;

beforeAll(async () => {
  graph = await startGraph();
  service = await startService({
    users: everybody(groups),
    settings: () => ({ ...graph.settings, ...onlyOnDemand('upkeep'), USERNAME_MAIL: 'true' }),
  });
});

afterAll(async () => {
  await service?.close();
  await graph?.close();
});

beforeEach(() => {
  group++;
});

const run = () => runTimer(service.host, 'upkeep');
const [red, green, blue] = (['red', 'green', 'blue'] as const).map((label) => () => nameOf(group, label)) as [
  () => Username,
  () => Username,
  () => Username,
];
const oid = (who: Who) => oidOf(group, who);
const key = (who: Who) => personKey(tenantId, oid(who));

async function signIn(who: Who, username: Username) {
  const token = await service.token(signInName(who, username));
  return { ...person(service.origin, token), token };
}

/** Somebody in the directory who has an app password, which works. */
async function owner(who: Who, username: Username) {
  graph.create(oid(who), username);
  const own = await signIn(who, username);
  const created = await own.create('Phone');
  expect(created.status).toBe(201);
  const { password } = created.body;
  await run();
  expect(await accepted(password, username)).toBe(username);
  return { ...own, password };
}

/** Whose a username was that is nobody's; undefined where nothing tells. */
async function formerHolderOf(username: Username): Promise<string | undefined> {
  const filter = `PartitionKey eq '${keyOf(username)}'`;
  const [row] = await Array.fromAsync(service.tables.usernames.listEntities({ queryOptions: { filter } }));
  return row && readClaim(row).former?.person;
}

/** Under which username a password is accepted; undefined if it is refused. */
async function accepted(password: string, typed: string): Promise<string | null | undefined> {
  const { status, headers } = await gateway(service.origin, service.gatewayKey).verify(typed, password);
  expect([200, 401]).toContain(status);
  return status === 200 ? headers.get('x-auth-user') : undefined;
}

async function statesOf({ token }: { token: string }): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${service.origin}/api/app-passwords`, { headers });
  const { appPasswords } = (await response.json()) as { appPasswords: object[] };
  return appPasswords.map((it) => ('suspendedFor' in it ? it.suspendedFor : 'active'));
}

describe('An account that is disabled', () => {
  test('suspends all passwords until it is enabled again', async () => {
    const alice = await owner('x', red());
    const bob = await owner('y', green());
    graph.disable(oid('x'));
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect(await accepted(bob.password, green())).toBe(green());
    expect(await statesOf(alice)).toEqual([['account']]);
    expect(await alice.create('Tablet')).toMatchObject({
      status: 403,
      body: { type: '/problems/account-disabled' },
    });
    graph.enable(oid('x'));
    await run();
    expect(await accepted(alice.password, red())).toBe(red());
    expect(await statesOf(alice)).toEqual(['active']);
  });

  test('is found by the next run, also where its token outlived it and it was never seen before', async () => {
    graph.create(oid('x'), red());
    graph.disable(oid('x'));
    await run();
    const alice = await signIn('x', red());
    const { password } = (await alice.create('Phone')).body;
    expect(await accepted(password, red())).toBe(red());
    await run();
    expect(await accepted(password, red())).toBeUndefined();
  });

  test('is followed by a run that finds no link of an earlier one', async () => {
    const alice = await owner('x', red());
    graph.expireLinks();
    graph.disable(oid('x'));
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
  });
});

test('Somebody who was erased and comes back is looked up like a newcomer', async () => {
  const alice = await owner('x', red());
  const token = await service.token('bob@example.com');
  const path = `/api/admin/people/${oid('x')}`;
  expect((await call(service.origin, 'DELETE', path, { token })).status).toBe(204);
  expect(await accepted(alice.password, red())).toBeUndefined();
  graph.disable(oid('x'));
  await run();
  const { password } = (await alice.create('Tablet')).body;
  await run();
  expect(await accepted(password, red())).toBeUndefined();
  graph.enable(oid('x'));
  await run();
  expect(await accepted(password, red())).toBe(red());
});

describe('An account that is deleted', () => {
  test.for(['soft', 'hard'] as const)('takes all passwords with it (%s)', async (how) => {
    const alice = await owner('x', red());
    graph.remove(oid('x'), how);
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect(await statesOf(alice)).toEqual([]);
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect(await formerHolderOf(red())).toBeUndefined();
  });

  test('and restored begins anew', async () => {
    const alice = await owner('x', red());
    graph.remove(oid('x'));
    await run();
    graph.restore(oid('x'));
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    const { status, body } = await alice.create('Tablet');
    expect(status).toBe(201);
    expect(await accepted(body.password, red())).toBe(red());
  });

  test('is found by the next run, where it was gone before it was first seen', async () => {
    const alice = await signIn('x', red());
    const { password } = (await alice.create('Phone')).body;
    await run();
    expect(await accepted(password, red())).toBeUndefined();
  });
});

describe('A username', () => {
  test('that changes holds at once, and a token with the old one does not bring it back', async () => {
    const alice = await owner('x', red());
    graph.rename(oid('x'), green());
    await run();
    expect(await accepted(alice.password, green())).toBe(green());
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect(await formerHolderOf(red())).toBe(key('x'));
    expect(await statesOf(alice)).toEqual(['active']);
    expect((await alice.create('Tablet')).status).toBe(201);
    expect(await accepted(alice.password, green())).toBe(green());
    expect(await accepted(alice.password, red())).toBeUndefined();
  });

  test('that changes is told to whoever still has a token with the old one, or with one that lost', async () => {
    const alice = await owner('x', red());
    const told = async ({ list }: Pick<typeof alice, 'list'>) => (await list()).body.username;
    expect(await told(alice)).toBe(red());
    graph.rename(oid('x'), green());
    await run();
    expect(await told(alice)).toBe(green());
    // The newest token says another name than the directory, whose word is final.
    expect(await told(await signIn('x', blue()))).toBe(green());
    expect(await accepted(alice.password, green())).toBe(green());
    graph.setMail(oid('x'), blue());
    await run();
    expect(await told(alice)).toBe(green());
  });

  test.for([1, 100])('is swapped with that of somebody else (pages of %i)', async (size) => {
    graph.pageSize(size);
    const alice = await owner('x', red());
    const bob = await owner('y', green());
    graph.rename(oid('x'), blue());
    graph.rename(oid('y'), red());
    graph.rename(oid('x'), green());
    await run();
    expect(await accepted(alice.password, green())).toBe(green());
    expect(await accepted(bob.password, red())).toBe(red());
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect(await accepted(bob.password, green())).toBeUndefined();
    graph.pageSize(100);
  });

  test('that somebody else is given opens nothing of whom it belonged to', async () => {
    const alice = await owner('x', red());
    graph.remove(oid('x'));
    graph.create(oid('y'), red());
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    const bob = await signIn('y', red());
    const { status, body } = await bob.create('Phone');
    expect(status).toBe(201);
    expect(await accepted(body.password, red())).toBe(red());
    expect(await accepted(alice.password, red())).toBeUndefined();
  });

  test('is taken from whom the directory does not give it to, also for somebody unknown here', async () => {
    const alice = await owner('x', red());
    graph.create(randomUUID(), red());
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect(await formerHolderOf(red())).toBe(key('x'));
    // A token from before, which still has the name, does not bring it back.
    expect((await alice.list()).status).toBe(200);
    expect(await alice.create('Tablet')).toMatchObject({
      status: 403,
      body: { type: '/problems/username-not-accepted' },
    });
    expect(await accepted(alice.password, red())).toBeUndefined();
  });

  test('is not taken from its owner by a mail address of somebody else', async () => {
    const alice = await owner('x', red());
    const bob = await owner('y', green());
    graph.setMail(oid('y'), red());
    await run();
    expect(await accepted(alice.password, red())).toBe(red());
    expect(await accepted(bob.password, red())).toBeUndefined();
    expect(await accepted(bob.password, green())).toBe(green());
  });

  test('that an operator released comes back when the directory is asked about its owner again, and by no token', async () => {
    const alice = await owner('x', red());
    const released = await operator('usernames', service.stack.settings, 'release', red());
    expect(released).toMatchObject({ code: 0 });
    await vi.waitFor(async () => expect(await accepted(alice.password, red())).toBeUndefined(), 15_000);
    const later = await signIn('x', red());
    expect((await later.create('Tablet')).body.type).toBe('/problems/username-not-accepted');
    expect((await later.list()).status).toBe(200);
    expect(await accepted(alice.password, red())).toBeUndefined();
    graph.setMail(oid('x'), blue());
    await run();
    expect(await accepted(alice.password, red())).toBe(red());
    expect(await accepted(alice.password, blue())).toBe(red());
  });

  test('that an operator released may be the mail address of somebody else', async () => {
    const alice = await owner('x', red());
    const bob = await owner('y', green());
    const released = await operator('usernames', service.stack.settings, 'release', red());
    expect(released).toMatchObject({ code: 0 });
    graph.setMail(oid('y'), red());
    await run();
    expect(await accepted(bob.password, red())).toBe(green());
    expect(await accepted(alice.password, red())).toBeUndefined();
  });

  test('has the mail address beside it, as the directory says', async () => {
    const alice = await owner('x', red());
    graph.setMail(oid('x'), blue());
    await run();
    expect(await accepted(alice.password, blue())).toBe(red());
    expect(await accepted(alice.password, red())).toBe(red());
    graph.setMail(oid('x'), null);
    await run();
    expect(await accepted(alice.password, blue())).toBeUndefined();
    expect(await accepted(alice.password, red())).toBe(red());
    expect(await formerHolderOf(blue())).toBe(key('x'));
    graph.setMail(oid('x'), green());
    await run();
    graph.setMail(oid('x'), blue());
    await run();
    expect(await accepted(alice.password, blue())).toBe(red());
    expect([await formerHolderOf(green()), await formerHolderOf(blue())]).toEqual([key('x'), undefined]);
  });

  test('that is none here any more is a former one, and so is the mail address', async () => {
    const alice = await owner('x', red());
    graph.setMail(oid('x'), blue());
    await run();
    graph.rename(oid('x'), 'alice#ext#@example.com');
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect([await formerHolderOf(red()), await formerHolderOf(blue())]).toEqual([key('x'), key('x')]);
    graph.rename(oid('x'), red());
    await run();
    expect(await accepted(alice.password, red())).toBe(red());
    expect([await formerHolderOf(red()), await formerHolderOf(blue())]).toEqual([undefined, undefined]);
  });
});

describe('A directory', () => {
  test('that is away is a fault in the log, which tells no secret; the next run goes on', async () => {
    const alice = await owner('x', red());
    graph.disable(oid('x'));
    graph.mode('away');
    await run();
    graph.mode('pass');
    // What the app says of a fault comes by another way than what the host says of the run.
    await service.host.printed((output) => output.includes('the directory gave no answer'));
    expect(await accepted(alice.password, red())).toBe(red());
    await run();
    expect(await accepted(alice.password, red())).toBeUndefined();
    expect(service.host.output()).not.toContain(graphToken);
    // The audit trail has usernames; a fault has none.
    const faults = service.host
      .output()
      .split('\n')
      .filter((line) => line.includes('"event":"fault"'));
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) expect(fault).not.toContain(red());
  });

  test('that is none is not asked, and nothing is said about it', async () => {
    const other = await service.anotherHost({ GRAPH_URL: '', USERNAME_MAIL: '' });
    const asked = graph.requests.length;
    const printed = await runTimer(other, 'upkeep');
    expect(
      printed
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['Executing', 'Executed']);
    expect(graph.requests).toHaveLength(asked);
  });
});
