import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { persist } from '../../testing/api.ts';
import { type Service, startService } from '../../testing/service.ts';
import { type Fate, startTableProxy, type TableProxy } from '../../testing/table-proxy.ts';
import {
  type Entry,
  expectAsModelled,
  full,
  make,
  on,
  PersonModel,
  people,
  type Somebody,
  seed,
  somebody,
} from './model.ts';

/** Storms that run beside each other, each for one person after the other, with two hosts and a proxy of its own. */
const lanes = 2;
const runs = full ? 40 : 4;

interface Lane {
  readonly proxy: TableProxy;
  readonly hosts: readonly [HostProcess, HostProcess];
}

let service: Service;
let here: Lane;
let there: Lane;
let known = 0;

beforeAll(async () => {
  let proxy: TableProxy | undefined;
  service = await startService({
    users: people(1_000),
    settings: async (stack) => {
      proxy = await startTableProxy(stack.tables);
      return { TABLES_CONNECTION_STRING: proxy.connectionString };
    },
  });
  here = { proxy: proxy as TableProxy, hosts: [service.host, await service.anotherHost()] };
  const other = await startTableProxy(service.stack.tables);
  const settings = { TABLES_CONNECTION_STRING: other.connectionString };
  there = {
    proxy: other,
    hosts: [await service.anotherHost(settings), await service.anotherHost(settings)],
  };
});

beforeEach(() => heal());

afterAll(async () => {
  await service.close();
  await Promise.all([here, there].map(({ proxy }) => proxy.close()));
});

function heal() {
  for (const { proxy } of [here, there]) proxy.fate(() => 'pass');
}

const isCommit = (request: string) => request.startsWith('POST') && request.includes('$batch');
/** A use that is noted after the answer of a verify, and thus comes at any time. */
const isNoted = (request: string) => request.startsWith('PATCH') && request.includes('/AppPasswords(');

/** Somebody whom no other test knows. */
async function stranger() {
  const who = await somebody(service, known++);
  return { who, me: on(here.hosts[0], service, who), elsewhere: on(there.hosts[0], service, who) };
}

/** Loses the answers of the next `count` commits between storage and us. */
function loseCommits(count: number): () => number {
  let lost = 0;
  here.proxy.fate((_, request) => (isCommit(request) && lost < count && ++lost ? 'swallow' : 'pass'));
  return () => lost;
}

// The client library sends a request up to three times by itself; after that the use case looks for what it did.
describe.each([1, 3])('A commit of which storage gave %i answers, all lost on the way to us,', (count) => {
  test('has made the one first password that was answered, when it was a register', async () => {
    const { me } = await stranger();
    await me.create('Before');
    const lost = loseCommits(count);
    const answer = await me.register('Lost');
    expect([lost(), answer.status]).toEqual([count, 201]);
    expect((await me.verify(answer.body.password)).status).toBe(200);
    expect((await me.register('Again')).status).toBe(200);
    const { appPasswords, remaining } = (await me.list()).body;
    expect(appPasswords.map(({ name }: { name: string }) => name)).toEqual(['Lost', 'Before']);
    expect(remaining).toBe(38);
  });

  test('has made the one password that was answered, when it was a create with an idempotency key', async () => {
    const { me } = await stranger();
    await me.create('Before');
    const again = { 'idempotency-key': crypto.randomUUID() };
    const first = await me.create('First', again);
    const lost = loseCommits(count);
    const second = await me.create('Second', again);
    expect([lost(), second.status]).toEqual([count, 201]);
    expect((await me.list()).body).toMatchObject({
      appPasswords: [{ id: second.body.id }, {}],
      remaining: 38,
    });
    expect((await me.verify(first.body.password)).status).toBe(401);
    expect((await me.verify(second.body.password)).status).toBe(200);
  });

  test('has given the name, when it was a rename', async () => {
    const { me } = await stranger();
    const { id, password } = (await me.create('Before')).body;
    const lost = loseCommits(count);
    expect(await me.rename(id, 'After')).toMatchObject({ status: 200, body: { id, name: 'After' } });
    expect(lost()).toBe(count);
    expect((await me.list()).body).toMatchObject({ appPasswords: [{ id, name: 'After' }], remaining: 39 });
    expect((await me.verify(password)).status).toBe(200);
  });

  test('has deleted the password, when it was a delete', async () => {
    const { me } = await stranger();
    const [{ id, password }, other] = [(await me.create('Gone')).body, (await me.create('Other')).body];
    const lost = loseCommits(count);
    expect([(await me.remove(id)).status, lost()]).toEqual([204, count]);
    expect((await me.list()).body).toMatchObject({ appPasswords: [{ id: other.id }], remaining: 39 });
    expect((await me.verify(password)).status).toBe(401);
    expect((await me.verify(other.password)).status).toBe(200);
  });

  test('has deleted as many as are counted in the answer, when it was a delete of all', async () => {
    const { me } = await stranger();
    const made = [await me.create('One'), await me.create('Two'), await me.create('Three')];
    await me.remove(made[0]?.body.id);
    const lost = loseCommits(count);
    expect(await me.removeAll()).toMatchObject({ status: 200, body: { deleted: 2 } });
    expect(lost()).toBe(count);
    expect((await me.list()).body).toMatchObject({ appPasswords: [], remaining: 40 });
    for (const { body } of made) expect((await me.verify(body.password)).status).toBe(401);
  });
});

describe.each(['create', 'register'] as const)('A %s whose answer did not reach the client', (operation) => {
  /** One password is live of the key, and of those that were answered its secret is the last one. */
  async function expectLast(who: Somebody, last: { id: string; password: string }, earlier: string[]) {
    for (const { hosts } of [here, there]) {
      const me = on(hosts[0], service, who);
      expect((await me.list()).body).toMatchObject({ appPasswords: [{ id: last.id }], remaining: 39 });
      for (const secret of earlier) expect((await me.verify(secret)).status).toBe(401);
      expect((await me.verify(last.password)).status).toBe(200);
    }
  }

  /** Leaves a profile that holds the name, so that the next commit is the password's. */
  async function settleIn(me: ReturnType<typeof on>) {
    await me.remove((await me.create('Before')).body.id);
  }

  test('and that is repeated with its key, on the same host and on another, leaves one password with the secret of the last answer', async () => {
    const { who, me, elsewhere } = await stranger();
    const again = { 'idempotency-key': crypto.randomUUID() };
    const answers = [];
    for (const next of [me, me, elsewhere, me])
      answers.push(await next[operation](`Try ${answers.length}`, again));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const secrets: string[] = answers.map(({ body }) => body.password);
    await expectLast(who, answers.at(-1)?.body, secrets.slice(0, -1));
  });

  test('because the client was cut off while we committed, repeated on the same host, leaves the password of the last answer', async () => {
    const { who, me } = await stranger();
    const { token } = who;
    const again = { 'idempotency-key': crypto.randomUUID() };
    await settleIn(me);
    const client = new AbortController();
    here.proxy.fate((_, request) => {
      if (isCommit(request)) client.abort();
      return 'pass';
    });
    const [method, path] =
      operation === 'create' ? ['POST', '/api/app-passwords'] : ['PUT', '/api/registration'];
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...again };
    const body = JSON.stringify({ name: 'Cut off' });
    const { signal } = client;
    await expect(fetch(here.hosts[0].origin + path, { method, headers, body, signal })).rejects.toThrow();
    const last = await me[operation]('Repeated', again);
    expect(last.status).toBe(201);
    await expectLast(who, last.body, []);
  });

  test('while it is still under way on one host, repeated on another, leaves the password of the last answer', async () => {
    const { who, me, elsewhere } = await stranger();
    const again = { 'idempotency-key': crypto.randomUUID() };
    await settleIn(me);
    const reached = Promise.withResolvers<void>();
    let isAnswered = false;
    here.proxy.fate((_, request) => {
      if (!isCommit(request) || isAnswered) return 'pass';
      reached.resolve();
      return 'cut';
    });
    // Nobody waits for this answer any more once the repeat is sent.
    const abandoned = me[operation]('Abandoned', again);
    await reached.promise;
    const last = await persist(() => elsewhere[operation]('Repeated', again));
    isAnswered = true;
    expect(last.status).toBe(201);
    expect((await abandoned).status).toBe(503);
    await expectLast(who, last.body, []);
  });
});

const fate = fc.oneof(
  { weight: 120, arbitrary: fc.constant<Fate>('pass') },
  { weight: 30, arbitrary: fc.constant<Fate>('cut') },
  { weight: 30, arbitrary: fc.constant<Fate>('swallow') },
  { weight: 1, arbitrary: fc.constant<Fate>('hang') },
);
const fates = fc.oneof(
  { weight: 12, arbitrary: fc.array(fate, { maxLength: 12, size: 'max' }) },
  { weight: 1, arbitrary: fc.constantFrom<Fate[]>(Array(100).fill('cut'), Array(100).fill('swallow')) },
);
const weather = fc.record({ host: fc.nat({ max: 1 }), fates, noted: fate });
type Weather = typeof weather extends fc.Arbitrary<infer T> ? T : never;

interface Real {
  readonly lane: Lane;
  readonly who: Somebody;
}

/** What one command does, to somebody's passwords as the model has them. */
type Act = (model: PersonModel, me: ReturnType<typeof on>) => Promise<unknown>;

class Command implements fc.AsyncCommand<PersonModel, Real> {
  readonly #text: string;
  readonly #weather: Weather;
  readonly #act: Act;

  constructor(text: string, inWeather: Weather, act: Act) {
    this.#text = text;
    this.#weather = inWeather;
    this.#act = act;
  }

  check = () => true;

  async run(model: PersonModel, { lane, who }: Real): Promise<void> {
    const { host, fates, noted } = this.#weather;
    let next = 0;
    lane.proxy.fate((_, request) => (isNoted(request) ? noted : (fates[next++] ?? 'pass')));
    await this.#act(model, on(lane.hosts[host as 0 | 1], service, who));
  }

  toString(): string {
    const { host, fates, noted } = this.#weather;
    return `${this.#text} on ${host} [${fates.join(' ')}; ${noted}]`;
  }
}

/** A command that says one more number: which password, or which idempotency key. */
function command(text: string, act: (pick: number) => Act): fc.Arbitrary<Command> {
  return fc
    .tuple(fc.nat({ max: 63 }), weather)
    .map(([pick, inWeather]) => new Command(`${text} ${pick}`, inWeather, act(pick)));
}

/** One of those that a request can name; half of the time one that may be live. */
function choose(from: readonly Entry[], pick: number, known: (entry: Entry) => boolean): Entry | undefined {
  const all = from.filter(known);
  const live = all.filter((entry) => entry.live !== false);
  const some = pick % 4 > 0 && live.length > 0 ? live : all;
  return some.at(-1 - (Math.floor(pick / 4) % Math.max(1, some.length)));
}

const keyFor = (pick: number) =>
  pick % 5 === 4 ? undefined : `00000000-0000-4000-8000-00000000000${pick % 5}`;
const hasId = ({ id }: Entry) => id !== undefined;
const hasSecret = ({ secret }: Entry) => secret !== undefined;

const create = command('create', (pick) => (model, me) => model.create('create', keyFor(pick), me.create));
const register = command(
  'register',
  (pick) => (model, me) => model.create('register', keyFor(pick), me.register),
);
const rename = command('rename', (pick) => async (model, me) => {
  const entry = choose(model.entries, pick, hasId);
  if (entry !== undefined) await model.rename(entry, me.rename);
});
const remove = command('delete', (pick) => async (model, me) => {
  const entry = choose(model.entries, pick, hasId);
  if (entry !== undefined) await model.remove(entry, me.remove);
});
const removeAll = command('delete all', () => (model, me) => model.removeAll(me.removeAll));
const verify = command('verify', (pick) => async (model, me) => {
  const entry = choose(model.entries, pick, hasSecret);
  if (entry !== undefined) await model.verify(entry, me.verify);
});
const list = command('list', () => async (model, me) => {
  const answer = await me.list();
  if (answer.status !== 503) model.compare(answer);
});

const commands = fc.commands([create, create, create, register, rename, remove, removeAll, verify, list], {
  maxCommands: 25,
  size: 'max',
});

test('Whatever gets lost of whatever is asked for, only right answers and 503 are heard, and afterwards all is as it should be', {
  timeout: 300_000,
}, async () => {
  const property = (lane: Lane) =>
    fc.asyncProperty(commands, fc.constantFrom(0, 0, 37), async (asked, already) => {
      const who = await somebody(service, known++);
      const model = new PersonModel();
      const me = on(lane.hosts[0], service, who);
      lane.proxy.fate(() => 'pass');
      await Promise.all(
        Array.from({ length: already }, () => model.create('create', undefined, (name) => make(me, name))),
      );
      await fc.asyncModelRun(() => ({ model, real: { lane, who } }), asked);
      lane.proxy.fate(() => 'pass');
      await expectAsModelled(model, service, who, lane.hosts);
    });
  await Promise.all(
    [here, there].slice(0, lanes).map((lane, index) =>
      fc.assert(property(lane), {
        seed: seed + index,
        numRuns: runs,
        plugins: [fc.interruptAfterTimeLimit(280_000, { failOnInterrupt: true })],
      }),
    ),
  );
});
