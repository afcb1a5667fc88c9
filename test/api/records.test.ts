import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { tenantId, type User } from '../../local/identities.ts';
import { administrator, person } from '../../testing/api.ts';
import { recordsIn } from '../../testing/records.ts';
import type { Service } from '../../testing/service.ts';
import { type Fate, startProxiedService, type TableProxy } from '../../testing/table-proxy.ts';

const users = Array.from({ length: 30 }, (_, i): User[] => [
  { username: `person${i}@example.com`, oid: `person-${i}` },
  { username: `new${i}@example.com`, oid: `person-${i}` },
]).flat();

let service: Service;
let proxy: TableProxy;
let admin: ReturnType<typeof administrator>;
let people = 0;

beforeAll(async () => {
  ({ service, proxy } = await startProxiedService({ users }));
  admin = administrator(service.origin, await service.token('bob@example.com'));
});

beforeEach(() => proxy.fate(() => 'pass'));

afterAll(() => service.close());

/** Somebody whom no other test knows, with one app password. */
async function somebody() {
  const index = people++;
  const oid = `person-${index}`;
  const me = person(service.origin, await service.token(`person${index}@example.com`));
  const { id } = (await me.create('Phone')).body;
  return { oid, id: id as string, later: `new${index}@example.com`, ...me };
}

/** The records of changes of somebody, as event and app password. */
function changesOf({ oid }: { oid: string }, since = 0): string[] {
  return recordsIn(service.host.output().slice(since))
    .filter((it) => it.person === `${tenantId}.${oid}` && !/listed|viewed|claimed/.test(it.event))
    .map(({ event, appPassword }) => [event, appPassword].filter(Boolean).join(' '));
}

type Somebody = Awaited<ReturnType<typeof somebody>>;

/** Each change of somebody, and what the trail says of it. */
const changes: Readonly<
  Record<string, (me: Somebody) => [() => Promise<{ status: number }>, readonly string[]]>
> = {
  rename: (me) => [() => me.rename(me.id, 'Tablet'), [`app-password.renamed ${me.id}`]],
  delete: (me) => [() => me.remove(me.id), [`app-password.deleted ${me.id}`]],
  'delete all': (me) => [() => me.removeAll(), [`app-password.deleted ${me.id}`]],
  'delete by an administrator': (me) => [
    () => admin.remove(me.oid, me.id),
    [`app-password.deleted ${me.id}`],
  ],
  'delete all by an administrator': (me) => [
    () => admin.removeAll(me.oid),
    [`app-password.deleted ${me.id}`],
  ],
  suspend: (me) => [() => admin.suspend(me.oid, me.id), [`app-password.suspended ${me.id}`]],
  disable: (me) => [() => admin.setAccount(me.oid, { account: 'disabled' }), ['account.disabled']],
  'give a username': (me) => [
    () => admin.setAccount(me.oid, { username: me.later }),
    ['username.changed', 'username.released'],
  ],
  erase: (me) => [
    () => admin.erase(me.oid),
    [`app-password.deleted ${me.id}`, 'username.released', 'person.erased'],
  ],
};

describe.each(Object.entries(changes))('%s', (_, of) => {
  test('is on record once, however often it is repeated', async () => {
    const me = await somebody();
    const [change, expected] = of(me);
    const since = service.host.output().length;
    for (let i = 0; i < 3; i++) expect((await change()).status).toBeLessThan(300);
    expect(changesOf(me, since)).toEqual(expected);
  });

  test('is on record once where the answer of storage got lost', async () => {
    const me = await somebody();
    const [change, expected] = of(me);
    const since = service.host.output().length;
    const lost = new Set<string>();
    // Each transaction and each write once.
    proxy.fate((_index, request): Fate => {
      if (request.startsWith('GET') || lost.has(request)) return 'pass';
      lost.add(request);
      return 'swallow';
    });
    expect((await change()).status).toBeLessThan(300);
    expect(lost.size).toBeGreaterThan(0);
    expect(changesOf(me, since)).toEqual(expected);
  });
});

test('A change that was done though its caller heard 503 is on record, and its repeat adds nothing', async () => {
  const me = await somebody();
  const since = service.host.output().length;
  let fate: Fate = 'pass';
  proxy.fate((_index, request): Fate => {
    if (request.includes('$batch')) {
      fate = 'hang';
      return 'swallow';
    }
    const now = fate;
    fate = 'pass';
    return now;
  });
  expect((await me.remove(me.id)).status).toBe(503);
  await vi.waitFor(() => expect(changesOf(me, since)).toEqual([`app-password.deleted ${me.id}`]));
  proxy.fate(() => 'pass');
  expect((await me.remove(me.id)).status).toBe(204);
  expect(changesOf(me, since)).toHaveLength(1);
});

test('What is on record has the id as it is stored, however it was typed', async () => {
  const me = await somebody();
  const typed = me.id.toUpperCase();
  const since = service.host.output().length;
  await me.rename(typed, 'Tablet');
  await admin.suspend(me.oid, typed);
  await admin.resume(me.oid, typed);
  await admin.remove(me.oid, typed);
  const events = ['renamed', 'suspended', 'resumed', 'deleted'];
  expect(changesOf(me, since)).toEqual(events.map((it) => `app-password.${it} ${me.id}`));
});

test('A repeated create is on record with what it put an end to', async () => {
  const me = await somebody();
  const key = { 'idempotency-key': crypto.randomUUID() };
  const since = service.host.output().length;
  const [first, second] = [(await me.create('Scanner', key)).body, (await me.create('Scanner', key)).body];
  expect(changesOf(me, since)).toEqual([
    `app-password.created ${first.id}`,
    `app-password.created ${second.id}`,
    `app-password.deleted ${first.id}`,
  ]);
});

test('A username that changes is on record with the old one, the new one and who changed it', async () => {
  const [me, other] = [await somebody(), await somebody()];
  await admin.setAccount(me.oid, { username: me.later });
  await person(service.origin, await service.token(other.later)).list();
  const changed = recordsIn(service.host.output()).filter(({ event }) => event === 'username.changed');
  const old = (name: string) => name.replace('new', 'person');
  expect(changed.slice(-2)).toMatchObject([
    { actor: { kind: 'administrator' }, from: old(me.later), to: me.later },
    { actor: { kind: 'person', id: other.oid }, from: old(other.later), to: other.later },
  ]);
});

test('A policy is on record when it changes, and not when it is set again', async () => {
  const { body, headers } = await admin.policy();
  const since = service.host.output().length;
  const wanted = { ...body, limit: 39 };
  const set = await admin.setPolicy(wanted, headers.get('etag') as string);
  for (const over of [set, { headers }]) {
    const again = await admin.setPolicy(wanted, over.headers.get('etag') as string);
    expect([again.status, again.headers.get('etag')]).toEqual([200, set.headers.get('etag')]);
  }
  const records = recordsIn(service.host.output().slice(since));
  expect(records.map(({ event, policy }) => [event, policy])).toEqual([['policy.changed', wanted]]);
});
