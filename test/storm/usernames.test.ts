import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { HostProcess } from '../../local/host-process.ts';
import { tenantId } from '../../local/identities.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { keyOf, type Username } from '../../shared/domain/username/username.ts';
import { readClaim } from '../../shared/tables/rows.ts';
import { gateway, person } from '../../testing/api.ts';
import {
  everybody,
  type Label,
  labels,
  nameOf,
  oidOf,
  signInName,
  type Who,
} from '../../testing/directory.ts';
import { type Service, startService } from '../../testing/service.ts';
import { startWorldClock, type WorldClock } from '../../testing/world-clock.ts';
import { draw, full } from './model.ts';

/** Groups of two people and three names, which storm beside each other. */
const groups = full ? 12 : 4;
const rounds = full ? 25 : 4;
/** How long, in seconds, a host may remember who holds a name. */
const remembered = 10;

let clock: WorldClock;
let service: Service;
let hosts: readonly [HostProcess, HostProcess];

beforeAll(async () => {
  clock = startWorldClock();
  service = await startService({
    users: everybody(groups),
    vaultNow: clock.now,
    settings: () => ({ ...clock.settings }),
  });
  hosts = [service.host, await service.anotherHost()];
});

afterAll(async () => {
  await service.close();
  clock.close();
});

const people = ['x', 'y'] as const;

/** What the directory does in a round: one of the two people gets a name, or both do, perhaps each other's. */
const change = fc.record({
  gets: fc.constantFrom<Partial<Record<Who, Label>>[]>(
    ...labels.flatMap((one) => [
      { x: one },
      { y: one },
      ...labels.filter((other) => other !== one).map((other) => ({ x: one, y: other })),
    ]),
  ),
  /** On which host each of them is first seen, by which request, and how often at once. */
  at: fc.record({ x: fc.nat({ max: 1 }), y: fc.nat({ max: 1 }) }),
  by: fc.constantFrom('list', 'rename', 'delete'),
  times: fc.integer({ min: 1, max: 3 }),
});

/** Who holds a name: the newest proof, until its owner is seen under another; and who held it last. */
class Names {
  readonly #holders = new Map<Label, Who>();
  readonly #last = new Map<Label, Who>();

  /** Whose a name was that nobody holds. */
  formerHolder(label: Label): Who | undefined {
    return this.#holders.has(label) ? undefined : this.#last.get(label);
  }

  holds(who: Who, label: Label): boolean {
    return this.#holders.get(label) === who;
  }

  give(who: Who, label: Label): void {
    for (const [other, holder] of this.#holders) if (holder === who) this.#holders.delete(other);
    this.#holders.set(label, who);
    this.#last.set(label, who);
  }

  copy(): Names {
    const copy = new Names();
    for (const [label, who] of this.#holders) copy.#holders.set(label, who);
    return copy;
  }
}

class Group {
  readonly #group: number;
  readonly names = new Names();
  readonly secrets = new Map<Who, string>();
  readonly #history: string[] = [];

  constructor(group: number) {
    this.#group = group;
  }

  name(label: Label): Username {
    return nameOf(this.#group, label);
  }

  /** Signs in by a token of the present second. */
  async #signIn(who: Who, label: Label, host: HostProcess) {
    const token = await service.token(signInName(who, this.name(label)));
    return person(host.origin, token);
  }

  /** Both come with a password each, under the first two names. */
  async begin(): Promise<void> {
    for (const [who, label] of [
      ['x', 'red'],
      ['y', 'green'],
    ] as const) {
      const answer = await (await this.#signIn(who, label, hosts[0])).create('Phone');
      expect(answer.status).toBe(201);
      this.secrets.set(who, answer.body.password);
      this.names.give(who, label);
    }
  }

  /** The directory changes names, and its people are seen with them; meanwhile devices go on asking. */
  async turn({
    gets,
    at,
    by,
    times,
  }: typeof change extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
    const before = this.names.copy();
    this.#history.push(JSON.stringify({ gets, at, by, times }));
    const changes = people.flatMap((who) => {
      const label = gets[who];
      return label === undefined ? [] : [{ who, label, host: hosts[at[who] as 0 | 1] }];
    });
    for (const { who, label } of changes) this.names.give(who, label);
    const after = this.names;

    let isOver = false;
    const devices = hosts.map(async (host) => {
      while (!isOver)
        await this.check(host, (who, label) => [before.holds(who, label), after.holds(who, label)]);
    });
    await Promise.all(
      changes.map(async ({ who, label, host }) => {
        const me = await this.#signIn(who, label, host);
        const requests = {
          list: [me.list, 200],
          rename: [() => me.rename(randomUUID(), 'Renamed'), 404],
          delete: [() => me.remove(randomUUID()), 404],
        } as const;
        const [request, status] = requests[by as keyof typeof requests];
        const answers = await Promise.all(Array.from({ length: times }, request));
        for (const answer of answers) expect([status, 503]).toContain(answer.status);
        expect((await me.list()).status).toBe(200);
      }),
    );
    isOver = true;
    await Promise.all(devices);
  }

  /** Whoever gave a name up is known for it, as long as nobody holds it. */
  async checkFormer(): Promise<void> {
    for (const label of labels) {
      const key = keyOf(this.name(label));
      const filter = `PartitionKey eq '${key}'`;
      const rows = service.tables.usernames.listEntities({ queryOptions: { filter } });
      const [row] = await Array.fromAsync(rows);
      const former = this.names.formerHolder(label);
      expect(row && readClaim(row).former?.person, `${label}, after ${this.#history.join(' ')}`).toBe(
        former && personKey(tenantId, oidOf(this.#group, former)),
      );
    }
  }

  /** Tries every password under every name; `held` says what each may be, one way or the other. */
  async check(
    { origin }: HostProcess,
    held: (who: Who, label: Label) => readonly boolean[] = (who, label) => [this.names.holds(who, label)],
  ): Promise<void> {
    const { verify } = gateway(origin, service.gatewayKey);
    for (const who of people) {
      for (const label of labels) {
        const { status, headers } = await verify(this.name(label), this.secrets.get(who) as string);
        const story = `${who} under ${label}, after ${this.#history.join(' ')}`;
        expect(
          held(who, label).map((holds) => (holds ? 200 : 401)),
          story,
        ).toContain(status);
        if (status === 200) expect(headers.get('x-auth-user')).toBe(this.name(label));
      }
    }
  }
}

test('Names that change hands under load open to each person what is theirs, at the latest after 10 seconds everywhere, and never what is another’s', {
  timeout: 300_000,
}, async () => {
  const all = Array.from({ length: groups }, (_, index) => new Group(index));
  await Promise.all(all.map((group) => group.begin()));
  for (let round = 0; round < rounds; round++) {
    clock.advance({ seconds: remembered + 1 });
    await Promise.all(all.flatMap((group) => hosts.map((host) => group.check(host))));
    // Tokens know whole seconds, and only a newer one takes a name from somebody.
    const second = Math.floor(Date.now() / 1_000);
    await vi.waitUntil(() => Date.now() / 1_000 >= second + 1, { timeout: 2_000, interval: 10 });
    await Promise.all(all.map((group, index) => group.turn(draw(change, round * 100 + index))));
  }
  clock.advance({ seconds: remembered + 1 });
  await Promise.all(all.flatMap((group) => hosts.map((host) => group.check(host))));
  for (const group of all) await group.checkFormer();
});
