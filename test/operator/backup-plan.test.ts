import { describe, expect, test } from 'vitest';
import { bringsNameBack, type Plan, planPerson, type Terms } from '../../operator/backup/plan.ts';
import type { Row } from '../../operator/backup/rows.ts';
import { activityPrefix } from '../../shared/domain/person/activity.ts';
import { type PersonKey, personKey } from '../../shared/domain/person/person.ts';
import type { Profile } from '../../shared/domain/person/profile.ts';
import type { Username } from '../../shared/domain/username/username.ts';
import type { UsernameClaim } from '../../shared/domain/username/username-claim.ts';

const day = 24 * 3600_000;
const now = Date.UTC(2026, 10, 24);
const terms: Terms = { accept: true, peppers: new Set(['pepper']), file: undefined, now };

const text = (value: string) => ({ type: 'String', value }) as const;
const moment = (at: number) => ({ type: 'DateTime', value: new Date(at).toISOString() }) as const;
const number = (value: number) => ({ type: 'Int32', value: `${value}` }) as const;

function profile(count: number, columns: Row['columns'] = {}): Row {
  const same = { username: text('alice@example.com'), account: text('enabled'), count: number(count) };
  return { rowKey: 'profile', columns: { ...same, ...columns } };
}

/** The app password of a number; the higher the number, the newer. */
function password(index: number, columns: Row['columns'] = {}, pepper = 'pepper'): Row {
  return {
    rowKey: `${pepper}.${String(index).padStart(43, '0')}`,
    columns: {
      id: text(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`),
      createdAt: moment(now - 200 * day + index),
      state: text('active'),
      suspendedFor: text(''),
      ...columns,
    },
  };
}

const suspendedFor = (...reasons: string[]) => ({
  state: text('suspended'),
  suspendedFor: text(reasons.join(',')),
});
const deletedAt = (at: number) => ({ state: text('deleted'), deletedAt: moment(at) });

function change(index: number): Row {
  return { rowKey: `${activityPrefix}${index}`, columns: { at: moment(now + index), kind: text('created') } };
}

const many = <T>(from: number, to: number, make: (index: number) => T) =>
  Array.from({ length: to - from }, (_, i) => make(from + i));
const keys = (rows: readonly Row[] | undefined) => rows?.map(({ rowKey }) => rowKey).sort();
const reasonsIn = ({ restoration }: Plan) =>
  restoration?.passwords.map(({ columns }) => [columns.state?.value, columns.suspendedFor?.value]);

describe('What comes back to a person', () => {
  test('is nothing where nothing is missing', () => {
    const rows = [profile(1), password(1), change(1)];
    expect(planPerson(rows, rows, terms)).toEqual({
      restoration: undefined,
      isBack: false,
      beyondLimit: 0,
      withoutPepper: 0,
      isErasureLost: false,
    });
  });

  test('is a profile of which nothing is there, and else what it lacks', () => {
    const first = profile(0, { registeredAt: moment(now), newer: text('x') });
    expect(planPerson([first], [], terms).restoration?.profile).toEqual(first);
    const plan = planPerson([first], [profile(0, { username: text('new@example.com') })], terms);
    expect(plan.restoration?.profile.columns).toEqual({ registeredAt: moment(now), newer: text('x') });
  });

  test('is counted by what is there, also where the profile says otherwise', () => {
    const plan = planPerson([profile(2), password(1), password(2)], [profile(7), password(2)], terms);
    expect(plan.restoration).toMatchObject({ count: 2, passwords: [password(1)] });
    expect(planPerson([profile(1), password(1)], [profile(7), password(1)], terms).restoration?.count).toBe(
      1,
    );
  });

  test('is suspended where it was not accepted, with the reasons that it had', () => {
    const rows = [profile(2), password(1), password(2, suspendedFor('administrator'))];
    expect(reasonsIn(planPerson(rows, [], terms))).toEqual([
      ['suspended', 'administrator'],
      ['active', ''],
    ]);
    expect(reasonsIn(planPerson(rows, [], { ...terms, accept: false }))).toEqual([
      ['suspended', 'administrator,restored'],
      ['suspended', 'restored'],
    ]);
  });

  test('is suspended as well once the store remembers 100 deleted ones, as it forgets more', () => {
    const tombstones = (count: number) => many(100, 100 + count, (i) => password(i, deletedAt(now)));
    const rows = [profile(1), password(1)];
    expect(reasonsIn(planPerson(rows, [profile(0), ...tombstones(99)], terms))).toEqual([['active', '']]);
    expect(reasonsIn(planPerson(rows, [profile(0), ...tombstones(100)], terms))).toEqual([
      ['suspended', 'restored'],
    ]);
  });

  test('is nothing that was deleted since an unfinished import brought it back, also once that is forgotten', () => {
    const unfinished = { ...terms, file: 'sha256' };
    const rows = [profile(1), password(1), password(2, deletedAt(now))];
    const { restoration } = planPerson(rows, [], unfinished);
    expect(restoration?.profile.columns).toMatchObject({ restoredFrom: text('sha256') });
    const back = profile(0, restoration?.profile.columns);
    const again = planPerson(rows, [{ ...back, columns: { ...back.columns, count: number(0) } }], unfinished);
    expect(again.restoration).toMatchObject({ count: 0, passwords: [], remembered: [rows[2]] });
    expect(again.isBack).toBe(true);
    expect(planPerson(rows, [back], { ...unfinished, file: 'another' }).restoration?.passwords).toHaveLength(
      1,
    );
  });

  test('follows the account as it is in the store', () => {
    const disabled = { account: text('disabled') };
    expect(reasonsIn(planPerson([profile(1), password(1)], [profile(0, disabled)], terms))).toEqual([
      ['suspended', 'account'],
    ]);
    const off = [profile(1, disabled), password(1, suspendedFor('account'))];
    expect(reasonsIn(planPerson(off, [], terms))).toEqual([['suspended', 'account']]);
    // Nobody enabled it: a sign-in into an empty store did.
    expect(reasonsIn(planPerson(off, [profile(0)], terms))).toEqual([['suspended', 'restored']]);
  });

  test('is at most 40 with what is there, the newest first', () => {
    const there = many(100, 130, (i) => password(i));
    const plan = planPerson(
      [profile(20), ...many(0, 20, (i) => password(i))],
      [profile(30), ...there],
      terms,
    );
    expect(plan).toMatchObject({ restoration: { count: 40 }, beyondLimit: 10, withoutPepper: 0 });
    expect(keys(plan.restoration?.passwords)).toEqual(keys(many(10, 20, (i) => password(i))));
  });

  test('is nothing whose pepper is gone', () => {
    const plan = planPerson([profile(2), password(1), password(2, {}, 'gone')], [], terms);
    expect(plan).toMatchObject({ restoration: { count: 1, passwords: [password(1)] }, withoutPepper: 1 });
  });

  test('is nothing that moved under another pepper', () => {
    expect(
      planPerson([profile(1), password(1)], [profile(1), password(1, {}, 'other')], terms),
    ).toMatchObject({
      restoration: undefined,
      withoutPepper: 0,
    });
  });

  test('is the newest 100 deleted ones of both together, none older than 90 days', () => {
    const inFile = many(0, 110, (i) => password(i, deletedAt(now - (110 - i) * day + 1)));
    const inStore = many(200, 250, (i) => password(i, deletedAt(now)));
    const plan = planPerson([profile(0), ...inFile], [profile(0), ...inStore], terms);
    expect(keys(plan.restoration?.remembered)).toEqual(keys(inFile.slice(60)));
    const alone = planPerson([profile(0), ...inFile], [], terms);
    expect(keys(alone.restoration?.remembered)).toEqual(keys(inFile.slice(20)));
  });

  test('is the newest 100 changes of both together, with the one that tells of this', () => {
    const inFile = [profile(1), password(1), ...many(0, 80, change)];
    const plan = planPerson(inFile, [profile(0), ...many(100, 150, change)], terms);
    expect(keys(plan.restoration?.remembered)).toEqual(keys(many(31, 80, change)));
    const full = planPerson(inFile, [profile(0), ...many(100, 200, change)], terms);
    expect(full.restoration).toMatchObject({ remembered: [], remove: [change(100).rowKey] });
  });

  test('is a deletion that the store has lost, also of one that has moved, and it makes room', () => {
    const inFile = [profile(1), password(0), password(1, deletedAt(now - day))];
    const inStore = [profile(40), password(1, {}, 'newer'), ...many(100, 139, (i) => password(i))];
    const { restoration } = planPerson(inFile, inStore, terms);
    expect(restoration).toMatchObject({ count: 40, passwords: [password(0)] });
    expect(restoration?.deleted.map(({ row }) => row)).toEqual([
      { rowKey: password(1, {}, 'newer').rowKey, columns: deletedAt(now - day) },
    ]);
  });

  test('is the end of what somebody had before an erasure that the store has lost', () => {
    const erasedAt = now - 100 * day;
    const erased = { rowKey: 'profile', columns: { erasedAt: moment(erasedAt), account: text('enabled') } };
    const made = { createdAt: moment(erasedAt + 1) };
    const lost = planPerson([erased], [profile(2), password(1), password(2, made)], terms);
    expect(lost).toMatchObject({ isErasureLost: true, restoration: { count: 1 } });
    expect(lost.restoration?.profile.columns).toEqual({});
    expect(lost.restoration?.deleted.map(({ row }) => row)).toEqual([
      { rowKey: password(1).rowKey, columns: deletedAt(erasedAt) },
    ]);
    // Whoever signs in while an empty store is filled has made all anew.
    const anew = planPerson([erased], [profile(1), password(2, made)], { ...terms, file: 'sha256' });
    expect(anew).toMatchObject({ isErasureLost: false, restoration: { count: 1, deleted: [] } });
    expect(anew.restoration?.profile.columns).toMatchObject({ erasedAt: moment(erasedAt) });
  });

  test('is nothing of somebody who was erased after it was exported', () => {
    const erased = { rowKey: 'profile', columns: { erasedAt: moment(now), account: text('enabled') } };
    const rows = [profile(1), password(1)];
    expect(planPerson(rows, [erased], terms).restoration).toBeUndefined();
    const back = [profile(1, { erasedAt: moment(now) }), password(1)];
    expect(planPerson(back, [erased], terms).restoration).toMatchObject({ count: 1 });
    const before = [profile(1, { erasedAt: moment(now - 1) }), password(1)];
    expect(planPerson(back, before, terms)).toMatchObject({ isErasureLost: true });
    const erasedAgain = { ...erased, columns: { ...erased.columns, erasedAt: moment(now + 1) } };
    expect(planPerson(back, [erasedAgain], terms).restoration).toBeUndefined();
  });
});

describe('A name that nobody holds', () => {
  const username = 'alice@example.com' as Username;
  const claim: UsernameClaim = {
    person: personKey('tenant', 'alice') as PersonKey,
    username,
    issuedAt: now,
    source: 'token',
    aliasOf: null,
    former: null,
  };
  const holder: Profile = {
    username,
    usernameIssuedAt: now,
    usernameSource: 'token',
    formerUsername: null,
    mail: null,
    registeredAt: null,
    count: 1,
    account: 'enabled',
    refusals: null,
  };
  const newName = 'new0@example.com' as Username;

  test.each<[string, Profile | undefined, boolean]>([
    ['comes back to its person', holder, true],
    [
      'comes back as a mail address',
      { ...holder, username: newName, usernameIssuedAt: now + 1, mail: username },
      true,
    ],
    [
      'comes back where the person proved another one before',
      { ...holder, username: newName, usernameIssuedAt: now - 1 },
      true,
    ],
    [
      'stays free where the person has proved another one since',
      { ...holder, username: newName, usernameIssuedAt: now + 1 },
      false,
    ],
    ['comes back to a disabled account with app passwords', { ...holder, account: 'disabled' }, true],
    [
      'stays free where the directory knows the person no more',
      { ...holder, account: 'disabled', count: 0 },
      false,
    ],
    ['stays free where the person was erased', { ...holder, username: '' as Username }, false],
    ['stays free where there is no such person', undefined, false],
  ])('%s', (_, profile, isBack) => {
    expect(bringsNameBack(claim, profile)).toBe(isBack);
  });

  test.each<[string, Profile, boolean]>([
    ['comes back while it is the mail address of the person', { ...holder, mail: username }, true],
    ['stays free where the person has another one', { ...holder, mail: newName }, false],
    ['stays free where the person has none', holder, false],
  ])('and that stands for another one %s', (_, profile, isBack) => {
    const canonical = 'alice.example@example.com' as Username;
    const alias = { ...claim, aliasOf: canonical };
    const person = { ...profile, username: canonical, usernameIssuedAt: now - 1 };
    expect(bringsNameBack(alias, person)).toBe(isBack);
  });
});
