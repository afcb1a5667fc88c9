import fc from 'fast-check';
import type { HostProcess } from '../../local/host-process.ts';
import { tenantId } from '../../local/identities.ts';
import { type Answer, gateway, persist, person } from '../../testing/api.ts';
import type { Service } from '../../testing/service.ts';

/** Whether the storms run in their full form, as `npm run test:storm` does. */
export const full = process.env.STORM === 'full';

/** Where everything random in a storm comes from: STORM_SEED repeats a run. */
export const seed = Number.parseInt(
  process.env.STORM_SEED ?? `${Math.floor(Math.random() * 0x7fffffff)}`,
  10,
);
console.info(`STORM_SEED=${seed}${full ? ' STORM=full' : ''}`);

const limit = 40;

/** Something random that a run with the same seed gets again; each `salt` gives another one. */
export function draw<T>(arbitrary: fc.Arbitrary<T>, salt: number): T {
  return fc.sample(arbitrary, { seed: seed + salt, numRuns: 1 })[0] as T;
}

/** An answer, or undefined where there was none. A 503 is no answer either. */
export type Heard = Answer | undefined;

/** One request for a password, and what it should have come to: undefined stands for either. */
export interface Entry {
  readonly operation: 'create' | 'register';
  readonly key: string | undefined;
  readonly names: Set<string>;
  id: string | undefined;
  secret: string | undefined;
  live: boolean | undefined;
  /** It was tried by a verify, so its use may be noted. */
  used: boolean;
  /** Its refusal was seen. */
  refused: boolean;
}

/**
 * What one person should have, as far as the answers tell. A request that was not answered leaves both: what was
 * before it, and what it wanted. Requests for one password must follow each other; those for different ones need not.
 */
export class PersonModel {
  readonly entries: Entry[] = [];
  registered: boolean | undefined = false;
  #firstPasswordGiven = false;
  #names = 0;

  /** A name that this person gave nothing yet. */
  newName(): string {
    return `Device ${this.#names++}`;
  }

  live(): Entry[] {
    return this.entries.filter(({ live }) => live === true);
  }

  /** How many there may be at most: of all that share an idempotency key, one. */
  atMost(): number {
    const possible = this.entries.filter(({ live }) => live !== false);
    return new Set(possible.map((entry) => (entry.key ? `${entry.operation} ${entry.key}` : entry))).size;
  }

  async create(
    operation: Entry['operation'],
    key: string | undefined,
    send: (name: string, headers: Record<string, string>) => Promise<Heard>,
  ): Promise<Entry> {
    const name = this.newName();
    const names = new Set([name]);
    const entry: Entry = {
      operation,
      key,
      names,
      id: undefined,
      secret: undefined,
      live: undefined,
      used: false,
      refused: false,
    };
    const rivals = this.entries.filter(
      (other) => key !== undefined && other.key === key && other.operation === operation,
    );
    const before = rivals.map(({ live }) => live);
    const [atLeast, atMost, wasRegistered] = [this.live().length, this.atMost(), this.registered];
    this.entries.push(entry);
    for (const rival of rivals) if (rival.live === true) rival.live = undefined;
    if (operation === 'register') this.registered ||= undefined;

    const answer = await send(name, key === undefined ? {} : { 'idempotency-key': key });
    if (answer === undefined || answer.status === 503) return entry;
    if (answer.status === 201) {
      const isFirst = wasRegistered !== true && !this.#firstPasswordGiven;
      if (operation === 'register')
        right(isFirst || rivals.length > 0, 'a second first password was handed out');
      right(atLeast < limit || before.includes(true) || before.includes(undefined), 'more than the limit');
      right(answer.body.name === name, 'created under another name');
      for (const rival of rivals) rival.live = false;
      Object.assign(entry, { live: true, id: answer.body.id, secret: answer.body.password });
      if (operation === 'register') this.registered = this.#firstPasswordGiven = true;
      return entry;
    }
    entry.live = false;
    rivals.forEach((rival, index) => {
      rival.live = before[index];
    });
    if (answer.status === 200) {
      right(operation === 'register', 'create answered 200');
      const others = this.entries.some((other) => other !== entry && other.operation === 'register');
      right(wasRegistered !== false || others, 'already registered, it says, but nobody did');
      right(!before.includes(true), 'the repeat of a register got no password');
      this.registered = true;
    } else if (answer.body.type === '/problems/limit-reached') {
      right(atMost >= limit, `the limit was reached at ${atMost}`);
      right(!before.includes(true), 'the repeat of a create ran into the limit');
    } else if (answer.body.type === '/problems/already-used') {
      const usable = rivals.some(({ used }, index) => used && before[index] !== false);
      right(usable, 'already used, it says, but nobody used it');
    } else wrong(operation, answer);
    return entry;
  }

  async rename(entry: Entry, send: (id: string, name: string) => Promise<Heard>): Promise<void> {
    const name = this.newName();
    entry.names.add(name);
    const answer = await send(entry.id as string, name);
    if (answer === undefined || answer.status === 503) return;
    if (answer.status === 200) {
      right(entry.live !== false, 'a deleted password was renamed');
      right(answer.body.name === name && answer.body.id === entry.id, 'renamed otherwise than asked');
      entry.live = true;
      entry.names.clear();
      entry.names.add(name);
    } else if (answer.status === 404) {
      right(entry.live !== true, 'a live password is not found by rename');
      entry.live = false;
    } else wrong('rename', answer);
  }

  async remove(entry: Entry, send: (id: string) => Promise<Heard>): Promise<void> {
    const before = entry.live;
    if (entry.live === true) entry.live = undefined;
    const answer = await send(entry.id as string);
    if (answer === undefined || answer.status === 503) return;
    if (answer.status === 404) right(before !== true, 'a live password is not found by delete');
    else if (answer.status !== 204) wrong('delete', answer);
    entry.live = false;
  }

  async removeAll(send: () => Promise<Heard>): Promise<void> {
    const [atLeast, atMost] = [this.live().length, this.atMost()];
    for (const entry of this.live()) entry.live = undefined;
    const answer = await send();
    if (answer === undefined || answer.status === 503) return;
    if (answer.status !== 200) return wrong('delete all', answer);
    const { deleted } = answer.body;
    right(atLeast <= deleted && deleted <= atMost, `${deleted} deleted, not ${atLeast} to ${atMost}`);
    // Where there was nothing to delete, nothing was written, and an unanswered create may still come through.
    for (const entry of this.entries) if (deleted > 0 || entry.id !== undefined) entry.live = false;
  }

  async verify(entry: Entry, send: (secret: string) => Promise<Heard>): Promise<void> {
    if (entry.live !== false) entry.used = true;
    const answer = await send(entry.secret as string);
    if (answer === undefined || answer.status === 503) return;
    if (answer.status === 200) right(entry.live !== false, 'a password verifies that should not');
    else if (answer.status === 401) {
      right(entry.live !== true, 'a password is refused that should verify');
      // Nothing brings a password back.
      entry.live = false;
      entry.refused = true;
    } else wrong('verify', answer);
  }

  /**
   * Compares a list with what should be there. It also tells the ids of passwords whose create was not answered.
   *
   * @returns the entries that are in it
   */
  compare(answer: Answer): Entry[] {
    right(answer.status === 200, `list answered ${answer.status}`);
    const { appPasswords, remaining } = answer.body;
    right(remaining === limit - appPasswords.length, `${remaining} remain beside ${appPasswords.length}`);
    const listed: Entry[] = appPasswords.map(({ id, name }: { id: string; name: string }) => {
      const entry =
        this.entries.find((it) => it.id === id) ??
        this.entries.find((it) => it.id === undefined && it.names.has(name));
      if (entry === undefined) throw new Error(`the list has "${name}", which nobody asked for`);
      right(entry.live !== false, `the list has "${name}", which should be gone`);
      right(entry.names.has(name), `the list has the name "${name}" for ${[...entry.names].join(' or ')}`);
      entry.id = id;
      return entry;
    });
    for (const entry of this.live())
      right(listed.includes(entry), `${[...entry.names].join(' or ')} is missing in the list`);
    const keys = listed.flatMap(({ key, operation }) => (key === undefined ? [] : [`${operation} ${key}`]));
    right(new Set(keys).size === keys.length, 'two passwords live of one idempotency key');
    return listed;
  }

  /** Takes a list for the truth: nothing that was asked for earlier may come through any more. */
  settle(answer: Answer): void {
    const listed = this.compare(answer);
    for (const entry of this.entries) entry.live = listed.includes(entry);
    for (const { id, name } of answer.body.appPasswords) {
      const entry = listed.find((it) => it.id === id) as Entry;
      entry.names.clear();
      entry.names.add(name);
    }
    if (listed.some(({ operation }) => operation === 'register'))
      this.registered = this.#firstPasswordGiven = true;
  }
}

/** Throws where the service did something that the model does not allow. */
function right(isRight: boolean, otherwise: string): void {
  if (!isRight) throw new Error(`Wrong: ${otherwise}`);
}

function wrong(operation: string, { status, body }: Answer): never {
  throw new Error(`Wrong: ${operation} answered ${status} ${body.type ?? ''}`);
}

/** Somebody who takes part in a storm. */
export interface Somebody {
  readonly username: string;
  readonly token: string;
  readonly partition: string;
}

/** People for a storm, to be known to the identity provider. */
export function people(count: number) {
  return Array.from({ length: count }, (_, i) => ({ username: `storm${i}@example.com`, oid: `storm-${i}` }));
}

export async function somebody(service: Service, index: number): Promise<Somebody> {
  const username = `storm${index}@example.com`;
  return { username, token: await service.token(username), partition: `${tenantId}.storm-${index}` };
}

/** The calls of somebody on one host, with the verifies of this person's passwords. */
export function on(host: Pick<HostProcess, 'origin'>, service: Service, { username, token }: Somebody) {
  const { verify } = gateway(host.origin, service.gatewayKey);
  return { ...person(host.origin, token), verify: (secret: string) => verify(username, secret) };
}

/** Makes one password, however often the answer is a fault: with a key, a repeat takes the place of what it made. */
export function make({ create }: ReturnType<typeof on>, name: string): Promise<Answer> {
  const again = { 'idempotency-key': crypto.randomUUID() };
  return persist(() => create(name, again));
}

/** What is stored of a person. */
export async function stored(service: Service, { partition }: Somebody) {
  const queryOptions = { filter: `PartitionKey eq '${partition}'` };
  const rows = await Array.fromAsync(
    service.tables.passwords.listEntities<Record<string, unknown>>({ queryOptions }),
  );
  return {
    count: rows.find(({ rowKey }) => rowKey === 'profile')?.count ?? 0,
    live: rows.filter(({ state }) => state === 'active').map(({ id }) => id as string),
    rows,
  };
}

/**
 * Compares a person with the model once all is well again: list, `remaining`, what is stored, and every secret.
 * A change comes first, which leaves no chance to a commit that is still on its way.
 */
export async function expectAsModelled(
  model: PersonModel,
  service: Service,
  who: Somebody,
  hosts: readonly Pick<HostProcess, 'origin'>[],
): Promise<void> {
  const [me] = hosts.map((host) => on(host, service, who));
  if (me === undefined) throw new Error('no host');
  for (;;) {
    const [entry] = model.compare(await persist(me.list));
    if (entry === undefined) {
      const made = await model.create('create', undefined, (name) => make(me, name));
      await model.remove(made, (id) => persist(() => me.remove(id)));
      break;
    }
    await model.rename(entry, (id, name) => persist(() => me.rename(id, name)));
    if (entry.live) break;
  }
  const list = await persist(me.list);
  model.settle(list);
  const { count, live } = await stored(service, who);
  right(count === live.length, `${count} noted beside ${live.length} that are stored`);
  const ids: string[] = list.body.appPasswords.map(({ id }: { id: string }) => id);
  right(ids.sort().join() === live.sort().join(), 'what is listed is not what is stored');
  const known = model.entries.filter(({ secret, refused }) => secret !== undefined && !refused);
  await Promise.all(
    known.map((entry, index) => {
      const { verify } = on(hosts[index % hosts.length] as HostProcess, service, who);
      return model.verify(entry, (secret) => persist(() => verify(secret)));
    }),
  );
}
