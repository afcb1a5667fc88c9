import { beforeEach, describe, expect, test } from 'vitest';
import { tenantId, type User } from '../../local/identities.ts';
import type { Directory } from '../../shared/domain/directory/directory.ts';
import type { DirectoryUser } from '../../shared/domain/directory/follow-user.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { alice, bob, personOn, signal } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

let world: World;
let instance: Instance;
let people: Map<string, DirectoryUser>;
/** The ids of those of whom something changed, page by page. */
let pages: string[][];
let lookedUp: string[][];
let isLinkGood: boolean;
let begun: number;

const directory: Directory = {
  begin: async () => `begin ${begun++}`,
  async changes(link) {
    if (!isLinkGood) {
      isLinkGood = true;
      return undefined;
    }
    const oids = pages.shift() ?? [];
    return {
      users: usersOf(oids),
      removed: oids.filter((oid) => !people.has(oid)),
      next: `${link}+`,
      isLast: pages.length === 0,
    };
  },
  async lookUp(oids) {
    lookedUp.push([...oids]);
    return usersOf(oids);
  },
};

function usersOf(oids: readonly string[]): DirectoryUser[] {
  return oids.flatMap((oid) => people.get(oid) ?? []);
}

function inDirectory({ oid, username }: User, change: Partial<DirectoryUser> = {}): void {
  people.set(oid, { oid, username, mail: null, isEnabled: true, ...change });
}

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world, directory);
  people = new Map();
  [pages, lookedUp, isLinkGood, begun] = [[], [], true, 0];
  for (const user of [alice, bob]) inDirectory(user);
});

/** One run on an instance. */
async function run({ app: { followTheDirectory } }: Instance, until = signal): Promise<void> {
  if (!followTheDirectory) throw new Error('no directory is followed');
  await followTheDirectory(until);
}

async function follow(...changes: string[][]): Promise<void> {
  pages.push(...changes);
  await run(instance);
}

const trail = (event: string) => instance.records.filter((record) => record.event === event);

describe('A run that follows the directory', () => {
  test('suspends and resumes what belongs to an account', async () => {
    const me = personOn(instance, alice);
    const { secret } = await me.made();
    await follow();
    inDirectory(alice, { isEnabled: false });
    await follow([alice.oid]);
    expect(await me.opens(secret)).toBe(false);
    expect(await me.create()).toEqual({ kind: 'account-disabled' });
    inDirectory(alice);
    await follow([alice.oid]);
    expect(await me.opens(secret)).toBe(true);
    expect(trail('account.disabled')).toMatchObject([{ actor: { kind: 'directory' } }]);
    expect(trail('account.enabled')).toHaveLength(1);
  });

  test('gives the new name, which no older or newer token takes back', async () => {
    const me = personOn(instance, alice);
    const { secret } = await me.made();
    await follow();
    world.clock.advance({ minutes: 1 });
    inDirectory({ ...alice, username: 'new@example.com' });
    await follow([alice.oid]);
    world.clock.advance({ minutes: 1 });
    expect((await me.list()).username).toBe('new@example.com');
    expect(await me.opens(secret, { username: 'new@example.com' })).toBe(true);
    expect(await me.opens(secret)).toBe(false);
  });

  test('lets the mail address work in the place of the name, for as long as the directory says it', async () => {
    const { secret } = await personOn(instance, alice).made();
    const opens = (username: string) => personOn(instance, { ...alice, username }).opens(secret);
    inDirectory(alice, { mail: 'mail@example.com' });
    await follow();
    expect(await opens('mail@example.com')).toBe(true);
    world.clock.advance({ minutes: 1 });
    inDirectory(alice, { mail: 'other@example.com' });
    await follow([alice.oid]);
    expect([await opens('mail@example.com'), await opens('other@example.com')]).toEqual([false, true]);
    inDirectory(alice);
    await follow([alice.oid]);
    expect([await opens('other@example.com'), await opens(alice.username)]).toEqual([false, true]);
  });

  test('gives a name to whom it belongs, and no mail address takes a name', async () => {
    const [first, second] = [personOn(instance, alice), personOn(instance, bob)];
    const made = { first: await first.made(), second: await second.made() };
    await follow();
    inDirectory({ ...bob, username: 'bob.new@example.com' });
    inDirectory(alice, { mail: bob.username });
    await follow([alice.oid]);
    expect(await second.opens(made.second.secret)).toBe(true);
    inDirectory({ ...alice, username: bob.username });
    await follow([bob.oid, alice.oid]);
    world.clock.advance({ seconds: 11 });
    expect(await second.opens(made.second.secret)).toBe(false);
    expect(await second.opens(made.first.secret)).toBe(true);
    expect(await second.opens(made.second.secret, { username: 'bob.new@example.com' })).toBe(true);
  });

  test('takes the name from whoever is not accepted under it any more', async () => {
    const me = personOn(instance, alice);
    const { secret } = await me.made();
    await follow();
    for (const username of ['alice@example.net', 'alice_partner.example#EXT#@example.com']) {
      inDirectory({ ...alice, username });
      await follow([alice.oid]);
      world.clock.advance({ seconds: 11 });
      expect(await me.opens(secret)).toBe(false);
      expect((await me.create()).kind).toBe('username-not-accepted');
    }
  });

  test('deletes what belongs to an account that is gone, and frees its names', async () => {
    const me = personOn(instance, alice);
    const { secret } = await me.made();
    await follow();
    people.delete(alice.oid);
    await follow([alice.oid]);
    await follow([alice.oid]);
    world.clock.advance({ seconds: 11 });
    expect(await me.opens(secret)).toBe(false);
    expect(trail('account.deleted')).toHaveLength(1);
    expect((await instance.ports.usernames.read(me.username, signal))?.person).not.toBe(me.person);
  });

  test('looks a newcomer up, whom it may have known before it followed anything', async () => {
    await follow();
    inDirectory(alice, { isEnabled: false });
    const me = personOn(instance, alice);
    const { secret } = await me.made();
    await follow();
    expect(lookedUp).toContainEqual([alice.oid]);
    expect(await me.opens(secret)).toBe(false);
    expect(await instance.app.directoryState.newcomers(signal)).toEqual([]);
  });

  test('forgets after an hour who was seen, and of whom nothing was kept', async () => {
    const stranger = personKey(tenantId, 'stranger');
    await instance.ports.directory.seen(stranger, signal);
    await follow();
    expect(await instance.app.directoryState.newcomers(signal)).toHaveLength(1);
    world.clock.advance({ minutes: 61 });
    await follow();
    expect(await instance.app.directoryState.newcomers(signal)).toEqual([]);
    expect(lookedUp.flat()).not.toContain('stranger');
  });

  test('checks everybody once from the beginning, and again where its place is not accepted any more', async () => {
    for (const user of [alice, bob]) await personOn(instance, user).made();
    await follow();
    expect(lookedUp.flat()).toEqual(expect.arrayContaining([alice.oid, bob.oid]));
    expect((await instance.app.directoryState.read(signal))?.check).toBe('done');
    lookedUp = [];
    await follow();
    expect(lookedUp.flat()).toEqual([]);
    isLinkGood = false;
    await follow();
    expect(lookedUp.flat().toSorted()).toEqual([alice.oid, bob.oid].toSorted());
    expect(begun).toBe(2);
  });

  test('reads all pages, and says when everything was read', async () => {
    await follow();
    await follow([alice.oid], [bob.oid], ['stranger']);
    expect(pages).toEqual([]);
    expect(trail('directory.followed').at(-1)).toEqual({ event: 'directory.followed', people: 3 });
    expect((await instance.app.directoryState.read(signal))?.lastSuccessAt).toBe(world.clock.now());
  });

  test('goes on where a fault ended it', async () => {
    const me = personOn(instance, alice);
    const { secret } = await me.made();
    await follow();
    inDirectory(alice, { isEnabled: false });
    world.fate((_, request) => (request.includes('$batch') ? 'cut' : 'pass'));
    pages.push([alice.oid]);
    await expect(run(instance, AbortSignal.timeout(200))).rejects.toThrow(Unavailable);
    world.fate(() => 'pass');
    await follow([alice.oid], []);
    expect(await me.opens(secret)).toBe(false);
  });

  test('of two at once, the later to save stops, and has the people of its page looked up anew', async () => {
    await personOn(instance, alice).made();
    await follow();
    pages.push([alice.oid], [bob.oid]);
    await Promise.all([instance, instanceIn(world, directory)].map((one) => run(one)));
    expect(await instance.app.directoryState.newcomers(signal)).not.toEqual([]);
    await follow();
    expect(lookedUp.flat().length).toBeGreaterThan(0);
  });
});
