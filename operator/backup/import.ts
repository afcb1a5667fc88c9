import { type TableClient, TableTransaction } from '@azure/data-tables';
import type { Clock } from '../../shared/domain/clock.ts';
import { type Activity, entry } from '../../shared/domain/person/activity.ts';
import { tombstoneAge } from '../../shared/domain/person/change.ts';
import { type PersonKey, tenantOf } from '../../shared/domain/person/person.ts';
import { isErased } from '../../shared/domain/person/profile.ts';
import type { Ports } from '../../shared/domain/ports.ts';
import { removeUsername } from '../../shared/domain/username/claim-username.ts';
import { answerUnless } from '../../shared/tables/answer.ts';
import { directoryStateIn } from '../../shared/tables/directory-state.ts';
import { passwordsIn } from '../../shared/tables/passwords.ts';
import { policyPlace, profileKey, readClaim, writeActivity } from '../../shared/tables/rows.ts';
import type { Tables } from '../../shared/tables/tables.ts';
import { usernamesIn } from '../../shared/tables/usernames.ts';
import { Refused } from '../refused.ts';
import { inBatches } from './batches.ts';
import { type Checked, openBackup } from './file.ts';
import { type MacKeys, macKeySecret } from './mac-key.ts';
import { type ImportDecision, leaveMark, readMark, removeMark } from './mark.ts';
import { bringsNameBack, type Plan, planPerson, type Restoration, type Terms } from './plan.ts';
import { asRead, firstPersonIn, patience, type Row, rowsOf, type StoredRow, toEntity } from './rows.ts';
import type { Contents, PersonRecord } from './written.ts';

/** What an import needs beside the file. */
export interface ImportPorts extends Pick<Ports, 'clock' | 'random' | 'audit'> {
  readonly tables: Tables;
  /** The versions of the pepper under which an app password works. */
  readonly peppers: ReadonlySet<string>;
  readonly macKeys: MacKeys;
}

/** What the operator decides about an import. */
export interface ImportChoices {
  /** What is to become of app passwords that may have been deleted since the export, for an empty store. */
  readonly decision: ImportDecision | undefined;
  /** Whether a file is taken whose MAC cannot be checked. */
  readonly withoutMac: boolean;
}

/** What an import did. */
export interface Imported {
  /** People who got something back. */
  people: number;
  appPasswords: number;
  /** How many of these are suspended. */
  suspended: number;
  /** App passwords that were deleted, as they are in the file. */
  deleted: number;
  usernames: number;
  /** App passwords that did not come back as they would be more than the limit. */
  beyondLimit: number;
  /** App passwords that did not come back as their version of the pepper is gone. */
  withoutPepper: number;
  /** People whose erasure is in the file, and was not in the store. */
  readonly notErased: PersonKey[];
}

/** How many people are restored at once. */
const atOnce = 8;
/** How many rows a transaction takes. */
const rowsAtOnce = 100;
const question = `The store is empty, so nobody can know which app passwords were deleted since the export. Say what is to become of them:
  --deleted-since-export=suspend  all come back suspended, until an administrator resumes them
  --deleted-since-export=accept   all come back as they were, also those that were deleted since`;
const actor = { kind: 'operator' } as const;

/**
 * Gives everybody back what of a file is missing in the store, also deletions; nothing else that is there is changed.
 * Doing it again after whatever ended it does the rest.
 *
 * @param choices.tell is told how many people are done
 * @throws Refused before anything is written, where the file is not whole, not authentic or does not fit the store,
 *   and afterwards where it was changed meanwhile; Unavailable when storage is away.
 */
export async function importBackup(
  ports: ImportPorts,
  path: string,
  { decision, withoutMac, tell }: ImportChoices & { readonly tell: (people: number) => void },
): Promise<Imported> {
  const { passwords: table } = ports.tables;
  await using file = await openBackup(path, ports.macKeys, ports.clock);
  const found = await file.check();
  expectTrust(found, withoutMac);
  const terms = await begin(ports, found, decision);
  const imported: Imported = {
    people: 0,
    appPasswords: 0,
    suspended: 0,
    deleted: 0,
    usernames: 0,
    beyondLimit: 0,
    withoutPepper: 0,
    notErased: [],
  };
  let done = 0;
  for await (const batch of inBatches(file.records(), atOnce)) {
    const people = batch.filter((record) => record.kind === 'person');
    await Promise.all(people.map((record) => restorePerson(ports, record, { terms, imported })));
    // A name needs its person.
    const names = batch.filter((record) => record.kind === 'username');
    await Promise.all(names.map(({ row }) => restoreUsername(ports, row, imported)));
    for (const { row } of batch.filter((record) => record.kind === 'policy')) await restorePolicy(table, row);
    done += people.length;
    if (people.length > 0) tell(done);
  }
  await end(table, ports.clock);
  return imported;
}

/**
 * Ends an import that is unfinished, without the rest. If anybody came back, the store is not empty from then on.
 *
 * @throws Refused where there is none; Unavailable when storage is away.
 */
export async function abandonImport({ passwords }: Tables, clock: Clock): Promise<void> {
  if ((await readMark(passwords)) === undefined) throw new Refused('No import is unfinished.');
  await end(passwords, clock);
}

/** Has the directory asked about everybody, as what came back may be behind it, and takes the mark away. */
async function end(table: TableClient, clock: Clock): Promise<void> {
  await directoryStateIn(table, clock).restart(AbortSignal.timeout(patience));
  await removeMark(table);
}

/** Decides on which terms the import goes on, and leaves a mark of one into an empty store. */
async function begin(
  { tables, clock, peppers }: ImportPorts,
  { exportedAt, tenantId, contents, sha256 }: Checked,
  decision: ImportDecision | undefined,
): Promise<Terms> {
  const now = clock.now();
  let mark = await readMark(tables.passwords);
  // Names that are there stay, so a store is empty without them or with them.
  const somebody = await firstPersonIn(tables.passwords, clock);
  if (somebody !== undefined && tenantOf(somebody) !== tenantId)
    throw new Refused(`The file is of another tenant than this store: ${tenantId}.`);
  const isEmpty = mark === undefined && somebody === undefined;
  if (isEmpty && decision === undefined) throw new Refused(question);
  if (isEmpty || mark !== undefined) expectPepper(contents, peppers);
  if (isEmpty && decision !== undefined) mark = await leaveMark(tables.passwords, { sha256, decision });
  if (mark !== undefined) {
    if (mark.sha256 !== sha256 || mark.decision !== decision)
      throw new Refused(
        `An import is unfinished. Run it again, with the same file and with --deleted-since-export=${mark.decision}. Where that file is gone, or the decision was wrong: "npm run backup -- abandon" leaves what came back as it is; if anybody did, what an import brings back from then on comes back suspended.`,
      );
    return { accept: decision === 'accept', file: sha256, peppers, now };
  }
  if (decision === 'accept')
    throw new Refused(
      'The store is not empty: what is missing there comes back suspended. Leave --deleted-since-export out.',
    );
  if (now - exportedAt > tombstoneAge)
    throw new Refused(
      'The file is older than 90 days. The store is not empty, and remembers for 90 days what was deleted: nobody can know what of the file was.',
    );
  return { accept: false, file: undefined, peppers, now };
}

/** @throws Refused where nobody can tell who wrote a file, unless that is to be so and this version may have. */
function expectTrust({ authenticity, foreign }: Checked, withoutMac: boolean): void {
  if (authenticity.kind === 'authentic') return;
  const { macKey } = authenticity;
  if (withoutMac) {
    if (foreign === undefined) return;
    throw new Refused(
      `The file holds what this version does not write, and nobody can tell who did: ${foreign}. Take another one.`,
    );
  }
  const why =
    macKey === undefined
      ? 'The file has no MAC, as an older version wrote it'
      : `The MAC of the file cannot be checked: version ${macKey} of the secret ${macKeySecret} is not enabled in the vault. Bring it back`;
  throw new Refused(
    `${why}. Whoever could write to the file may have made it open any mailbox. Where nobody could: --without-mac.`,
  );
}

/** @throws Refused where no app password of a file would ever work. */
function expectPepper({ peppers: inFile }: Contents, peppers: ReadonlySet<string>): void {
  const versions = Object.keys(inFile);
  if (versions.length === 0 || versions.some((version) => peppers.has(version))) return;
  throw new Refused(
    `None of the versions of the pepper under which the app passwords in the file lie is enabled in the vault: ${versions.join(', ')}. No app password would work: bring the pepper back first.`,
  );
}

/**
 * Gives a person back what is missing, by as many transactions as it takes, each under the version that was read. The
 * next look tells what became of one, also of one whose answer was lost.
 */
async function restorePerson(
  { tables: { passwords: table }, clock, random, audit }: ImportPorts,
  { person: key, rows }: PersonRecord,
  { terms, imported }: { readonly terms: Terms; readonly imported: Imported },
): Promise<void> {
  const person = key as PersonKey;
  let tried: { readonly told: readonly Activity[]; readonly restoration: Restoration } | undefined;
  let left: Pick<Plan, 'beyondLimit' | 'withoutPepper'> | undefined;
  for (;;) {
    const stored = await rowsOf(table, person);
    if (tried?.told.some(({ key }) => stored.some(({ rowKey }) => rowKey === key))) {
      const { passwords, suspended, deleted } = tried.restoration;
      imported.appPasswords += passwords.length;
      imported.suspended += suspended;
      imported.deleted += deleted.length;
      if (passwords.length > 0)
        audit.record({ event: 'person.restored', actor, person, count: passwords.length });
      for (const { id } of deleted)
        audit.record({ event: 'app-password.deleted', actor, person, appPassword: id });
    }
    const plan = planPerson(rows, stored, terms);
    const { restoration } = plan;
    if (!plan.isBack) left = plan;
    if (restoration === undefined) {
      imported.beyondLimit += left?.beyondLimit ?? 0;
      imported.withoutPepper += left?.withoutPepper ?? 0;
      if (plan.isErasureLost) imported.notErased.push(person);
      if (tried !== undefined) imported.people++;
      return;
    }
    const { passwords, deleted } = restoration;
    const tell = (kind: 'restored' | 'deleted-all', { length: count }: readonly unknown[]) =>
      count > 0 ? [entry({ clock, random }, { kind, actor, count })] : [];
    const told = [...tell('restored', passwords), ...tell('deleted-all', deleted)];
    tried = { told, restoration };
    const { actions } = transactionOf({ person, stored }, restoration, told);
    const abortSignal = AbortSignal.timeout(patience);
    await answerUnless([404, 409, 412], table.submitTransaction(actions, { abortSignal }));
  }
}

/** One transaction; what does not fit into it is still missing at the next look. */
function transactionOf(
  { person: partitionKey, stored }: { readonly person: PersonKey; readonly stored: readonly StoredRow[] },
  { profile, count, passwords, deleted, remembered, remove }: Restoration,
  told: readonly Activity[],
): TableTransaction {
  const transaction = new TableTransaction();
  const create = (row: Row) => transaction.createEntity(toEntity(partitionKey, row));
  const there = stored.find(({ rowKey }) => rowKey === profileKey);
  const profileRow = { ...toEntity(partitionKey, profile), count };
  if (there === undefined) transaction.createEntity(profileRow);
  else transaction.updateEntity(profileRow, 'Merge', { etag: there.version });
  passwords.forEach(create);
  for (const { row, version: etag } of deleted)
    transaction.updateEntity(toEntity(partitionKey, row), 'Merge', { etag });
  for (const it of told) transaction.createEntity({ partitionKey, rowKey: it.key, ...writeActivity(it) });
  for (const rowKey of remove) transaction.deleteEntity(partitionKey, rowKey);
  remembered.slice(0, rowsAtOnce - transaction.actions.length).forEach(create);
  return transaction;
}

async function restorePolicy(table: TableClient, row: Row): Promise<void> {
  const options = { abortSignal: AbortSignal.timeout(patience) };
  await answerUnless([409], table.createEntity(toEntity(policyPlace.partitionKey, row), options));
}

/**
 * Gives a name back that nobody holds. The person's profile is touched after that, so that an erasure which looked for
 * names before it looks again.
 */
async function restoreUsername(
  { tables, clock, audit }: ImportPorts,
  row: Row,
  imported: Imported,
): Promise<void> {
  const claim = readClaim(asRead(row));
  const people = passwordsIn(tables.passwords);
  const usernames = usernamesIn(tables.usernames, clock);
  let isNew = false;
  for (;;) {
    const abortSignal = AbortSignal.timeout(patience);
    const profile = await people.profile(claim.person, abortSignal);
    if (profile === undefined || !bringsNameBack(claim, profile)) {
      // It is left over from an erasure, or came back just when its person got another one.
      const isLeft = isNew || (profile !== undefined && isErased(profile));
      if (!isLeft) return;
      if (await removeUsername({ usernames, audit }, claim, abortSignal)) return;
      continue;
    }
    const created = tables.usernames.createEntity(toEntity(row.rowKey, row), { abortSignal });
    isNew = (await answerUnless([409], created)) !== undefined || isNew;
    if (!isNew) return;
    const touched = tables.passwords.updateEntity(
      { partitionKey: claim.person, rowKey: profileKey },
      'Merge',
      { etag: profile.version, abortSignal },
    );
    if ((await answerUnless([404, 412], touched)) === undefined) continue;
    imported.usernames++;
    return;
  }
}
