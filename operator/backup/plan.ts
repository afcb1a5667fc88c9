import type { AppPassword, SuspensionReason } from '../../shared/domain/app-password/app-password.ts';
import { suspension } from '../../shared/domain/app-password/suspend.ts';
import { entriesAtMost, tombstoneAge, tombstonesAtMost } from '../../shared/domain/person/change.ts';
import { isErased, type Profile } from '../../shared/domain/person/profile.ts';
import { highestLimit } from '../../shared/domain/policy/policy.ts';
import type { UsernameClaim } from '../../shared/domain/username/username-claim.ts';
import type { Versioned } from '../../shared/domain/versioned.ts';
import {
  isActivity,
  isPassword,
  profileKey,
  readActivity,
  readPassword,
  readProfile,
  restoredFrom,
  writePassword,
} from '../../shared/tables/rows.ts';
import { asRead, pepperOf, type Row } from './rows.ts';

/** What decides how a person's app passwords come back. */
export interface Terms {
  /** Whether those that are missing come back as they were; else suspended, as they may have been deleted since. */
  readonly accept: boolean;
  /** The versions of the pepper under which an app password works. */
  readonly peppers: ReadonlySet<string>;
  /** Identifies the file of an import into an empty store, so that doing it again brings nothing back twice. */
  readonly file: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What is written to give one person back what is missing. */
export interface Restoration {
  /** The columns of the profile that are missing; all of them where there is none. */
  readonly profile: Row;
  /** How many app passwords count afterwards. */
  readonly count: number;
  /** App passwords that count; at most as many as fit into one transaction. */
  readonly passwords: readonly Row[];
  /** How many of these came back suspended. */
  readonly suspended: number;
  /** App passwords in the store whose deletion is in the file, with what changes of their rows. */
  readonly deleted: readonly (Versioned<Pick<AppPassword, 'id'>> & { readonly row: Row })[];
  /** Everything else: app passwords that are deleted and remembered, and changes. */
  readonly remembered: readonly Row[];
  /** Keys of old changes that give way to the one that tells of this. */
  readonly remove: readonly string[];
}

/** What one person gets back, and what not. */
export interface Plan {
  /** Undefined where nothing is missing. */
  readonly restoration: Restoration | undefined;
  /** Whether this import has brought back before what counts; what did not come back then is not counted again. */
  readonly isBack: boolean;
  /** App passwords that would be more than the limit; the newest come back. */
  readonly beyondLimit: number;
  /** App passwords under a version of the pepper that is gone. */
  readonly withoutPepper: number;
  /** Whether the file has an erasure of which the store, though it was not empty, knows nothing. */
  readonly isErasureLost: boolean;
}

/**
 * What of a person in a file is missing in the store. What is in the store is newer and stays as it is, also an app
 * password that is deleted there, and a person who was erased since. But a deletion and an erasure are final: where the
 * file has one, the store has lost it.
 */
export function planPerson(fileRows: readonly Row[], storeRows: readonly Row[], terms: Terms): Plan {
  const [file, store] = [sorted(fileRows), sorted(storeRows)];
  const profileRow = store.profile ?? file.profile;
  if (profileRow === undefined || erasureIn(store) > erasureIn(file))
    return {
      restoration: undefined,
      isBack: false,
      beyondLimit: 0,
      withoutPepper: 0,
      isErasureLost: false,
    };
  const profile = readProfile(asRead(profileRow));

  // By their ids, as a rewrite under another pepper moves a row.
  const ids = new Set(store.passwords.map(({ id }) => id));
  const keys = new Set(storeRows.map(({ rowKey }) => rowKey));
  const isMissing = ({ row }: { readonly row: Row }) => !keys.has(row.rowKey);
  const missing = file.passwords.filter((password) => isMissing(password) && !ids.has(password.id));
  const deleted = store.passwords.flatMap((password) => {
    const deletedAt = isLive(password) ? deletionIn(file, password) : undefined;
    return deletedAt === undefined ? [] : [deletedAs(password, deletedAt)];
  });
  const live = store.passwords.filter(isLive).length - deleted.length;
  // All that count came back at once: what is missing since then was deleted, and may be forgotten.
  const isBack = terms.file !== undefined && store.profile?.columns[restoredFrom]?.value === terms.file;
  const missed = isBack ? [] : missing.filter(isLive);
  const usable = missed.filter(({ row }) => terms.peppers.has(pepperOf(row)));
  const fitting = newestFirst(usable, ({ createdAt }) => createdAt).slice(
    0,
    Math.max(0, highestLimit - live),
  );

  const tombstones = store.passwords.filter((password) => !isLive(password));
  // A store that remembers so many deleted ones may have forgotten others.
  const accept = terms.accept && tombstones.length < tombstonesAtMost;
  const passwords = fitting.map((password) => {
    const reasons = reasonsFor(password, profile, accept);
    return { row: suspendedAs(password, reasons), isSuspended: reasons.length > 0 };
  });

  const isRemembered = ({ deletedAt }: Password) => terms.now - (deletedAt ?? 0) <= tombstoneAge;
  const buried = missing.filter((password) => !isLive(password) && isRemembered(password));
  const entriesLeft = entriesAtMost - [passwords, deleted].filter(({ length }) => length > 0).length;
  const remembered = [
    ...amongNewest(
      tombstonesAtMost,
      { missing: buried, there: tombstones },
      ({ deletedAt }) => deletedAt ?? 0,
    ),
    ...amongNewest(
      entriesLeft,
      { missing: file.entries.filter(isMissing), there: store.entries },
      ({ at }) => at,
    ),
    ...file.others.filter(isMissing),
  ].map(({ row }) => row);
  const count = live + passwords.length;
  const isErasureLost =
    terms.file === undefined && store.profile !== undefined && erasureIn(file) > erasureIn(store);
  const columns = Object.entries(file.profile?.columns ?? {}).filter(
    ([name]) => !(name in (store.profile?.columns ?? {})) && !(isErasureLost && name === 'erasedAt'),
  );
  if (terms.file !== undefined && !isBack)
    columns.push([restoredFrom, { type: 'String', value: terms.file }]);
  const changes = [columns, passwords, deleted, remembered];
  const isComplete = count === profile.count && changes.every(({ length }) => length === 0);
  return {
    restoration: isComplete
      ? undefined
      : {
          profile: { rowKey: profileKey, columns: Object.fromEntries(columns) },
          count,
          passwords: passwords.map(({ row }) => row),
          suspended: passwords.filter(({ isSuspended }) => isSuspended).length,
          deleted,
          remembered,
          remove: newestFirst(store.entries, ({ at }) => at)
            .slice(entriesLeft)
            .map(({ row }) => row.rowKey),
        },
    isBack,
    beyondLimit: usable.length - fitting.length,
    withoutPepper: missed.length - usable.length,
    isErasureLost,
  };
}

/**
 * Whether a name comes back that nobody holds in the store: not where its person is unknown or erased there, has proved
 * another one since, has another mail address, or has no use for it, as one whom the directory does not know any more.
 *
 * @param profile the person's, as it is in the store
 */
export function bringsNameBack(claim: UsernameClaim, profile: Profile | undefined): boolean {
  if (profile === undefined || isErased(profile)) return false;
  if (profile.account === 'disabled' && profile.count === 0) return false;
  if (claim.aliasOf !== null) return profile.mail === claim.username;
  const isTheirs = [profile.username, profile.formerUsername, profile.mail].includes(claim.username);
  return isTheirs || profile.usernameIssuedAt < claim.issuedAt;
}

interface Sorted {
  readonly profile: Row | undefined;
  readonly passwords: readonly Password[];
  readonly entries: readonly { readonly row: Row; readonly at: number }[];
  /** Rows that this version does not know. */
  readonly others: readonly { readonly row: Row }[];
}

type Password = Versioned<AppPassword> & { readonly row: Row };

function sorted(rows: readonly Row[]): Sorted {
  const passwords: Password[] = [];
  const entries: { row: Row; at: number }[] = [];
  const others: { row: Row }[] = [];
  for (const row of rows) {
    const read = asRead(row);
    if (isPassword(read)) passwords.push({ ...readPassword(read), row });
    else if (isActivity(read)) entries.push({ at: readActivity(read).at, row });
    else if (row.rowKey !== profileKey) others.push({ row });
  }
  return { profile: rows.find(({ rowKey }) => rowKey === profileKey), passwords, entries, others };
}

/** When somebody was erased for the last time, which a profile keeps for ever; 0 for never. */
function erasureIn({ profile }: Sorted): number {
  return Date.parse(profile?.columns.erasedAt?.value ?? '') || 0;
}

/** When an app password was deleted as a file has it, also by an erasure; undefined where it was not. */
function deletionIn(file: Sorted, { id, createdAt }: Password): number | undefined {
  const erasedAt = erasureIn(file);
  if (createdAt < erasedAt) return erasedAt;
  const inFile = file.passwords.find((password) => password.id === id);
  return inFile?.state === 'deleted' ? (inFile.deletedAt ?? 0) : undefined;
}

function deletedAs({ id, version, row }: Password, at: number): Restoration['deleted'][number] {
  const deletedAt = { type: 'DateTime', value: new Date(at).toISOString() } as const;
  const columns = { state: { type: 'String', value: 'deleted' }, deletedAt } as const;
  return { id, version, row: { rowKey: row.rowKey, columns } };
}

function isLive({ state }: AppPassword): boolean {
  return state !== 'deleted';
}

/** For which reasons an app password is suspended when it comes back. */
function reasonsFor(
  { suspendedFor }: Password,
  { account }: Profile,
  accept: boolean,
): readonly SuspensionReason[] {
  const isDisabled = account === 'disabled';
  // A sign-in into an empty store makes an enabled account, whatever it was.
  const isLifted = suspendedFor.includes('account') && !isDisabled;
  return [
    ...suspendedFor.filter((reason) => reason !== 'account' && reason !== 'restored'),
    ...(isDisabled ? (['account'] as const) : []),
    ...(!accept || isLifted || suspendedFor.includes('restored') ? (['restored'] as const) : []),
  ];
}

/** The row with these reasons; the very same where they are what it has. */
function suspendedAs({ row, suspendedFor }: Password, reasons: readonly SuspensionReason[]): Row {
  if (suspendedFor.length === reasons.length && suspendedFor.every((reason) => reasons.includes(reason)))
    return row;
  const columns = Object.entries(writePassword(suspension(reasons)));
  const typed = columns.map(([name, value]) => [name, { type: 'String', value: String(value) }]);
  return { ...row, columns: { ...row.columns, ...Object.fromEntries(typed) } };
}

function newestFirst<T>(items: readonly T[], at: (item: T) => number): T[] {
  return items.toSorted((a, b) => at(b) - at(a));
}

/** Those of the missing ones that belong to the newest of all. */
function amongNewest<T>(
  atMost: number,
  { missing, there }: { readonly missing: readonly T[]; readonly there: readonly T[] },
  at: (item: T) => number,
): T[] {
  const back = new Set(missing);
  return newestFirst([...there, ...missing], at)
    .slice(0, atMost)
    .filter((item) => back.has(item));
}
