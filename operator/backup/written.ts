import * as z from 'zod';
import type { AppPassword } from '../../shared/domain/app-password/app-password.ts';
import { type PersonKey, tenantOf } from '../../shared/domain/person/person.ts';
import { keyOf } from '../../shared/domain/username/username.ts';
import {
  isPassword,
  policyPlace,
  profileKey,
  readClaim,
  readPassword,
  readRefusals,
  restoredFrom,
  type writeActivity,
  type writeClaim,
  type writeErased,
  type writeLastUsed,
  type writePassword,
  type writePolicy,
  type writeProfile,
  type writeRefusals,
} from '../../shared/tables/rows.ts';
import { asRead, pepperOf, type Row, rowSchema } from './rows.ts';

/** Something that may not come back. The message says where it is, fit for a terminal. */
export class Misfit extends Error {
  override name = 'Misfit';
}

// Each kind of row has exactly the columns that shared/tables/rows.ts writes; what older versions left out may be missing.
const column = <T extends string, V extends z.ZodType>(type: T, value: V) =>
  z.strictObject({ type: z.literal(type), value }).optional();
const text = (pattern?: RegExp) =>
  column('String', pattern === undefined ? z.string().max(32_768) : z.string().regex(pattern));
const oneOf = (...values: string[]) => column('String', z.enum(values));
const moment = column('DateTime', z.iso.datetime());
const number = column('Int32', z.string().regex(/^\d{1,10}$/));
const words = text(/^[a-z0-9,-]{0,200}$/);
const username = text(/^[\x21-\x40\x5b-\x7e]{0,254}$/);
const id = text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const source = oneOf('token', 'directory', 'administrator');

/** The names of what a function writes, in whatever case. */
type Written<F extends (...args: never[]) => object> =
  ReturnType<F> extends infer R ? (R extends unknown ? keyof R : never) : never;
type Columns<Names extends PropertyKey> = Readonly<Record<Names, z.ZodType>>;

const refusals = {
  refusals: column(
    'String',
    z.string().refine((value) => readRefusals({ etag: '', refusals: value }) !== null),
  ),
} satisfies Columns<Written<typeof writeRefusals>>;

const profile = z.strictObject({
  ...refusals,
  username,
  usernameIssuedAt: moment,
  usernameSource: source,
  formerUsername: username,
  mail: username,
  registeredAt: moment,
  count: number.unwrap(),
  account: oneOf('enabled', 'disabled').unwrap(),
  erasedAt: moment,
  [restoredFrom]: text(/^[0-9a-f]{64}$/),
} satisfies Columns<Written<typeof writeProfile> | Written<typeof writeErased> | typeof restoredFrom>);

const password = z.strictObject({
  ...refusals,
  id: id.unwrap(),
  name: text(),
  createdAt: moment.unwrap(),
  expiresAt: moment,
  protocols: words,
  state: oneOf('active', 'suspended', 'deleted').unwrap(),
  suspendedFor: words,
  deletedAt: moment,
  revivedAt: moment,
  requestKey: text(),
  proofAmr: text(),
  proofAcrs: text(),
  authenticatedAt: moment,
  lastUsedAt: moment,
  lastUsedProtocol: words,
  lastUsedGateway: text(),
  lastUsedClientAddress: text(),
} satisfies Columns<Written<typeof writePassword> | Written<typeof writeLastUsed>>);

const activity = z.strictObject({
  at: moment.unwrap(),
  kind: words,
  by: words,
  id,
  name: text(),
  count: number,
} satisfies Columns<Written<typeof writeActivity>>);

const policy = z.strictObject({
  creation: oneOf('everybody', 'app-role', 'nobody').unwrap(),
  verification: oneOf('allowed', 'denied').unwrap(),
  limit: number.unwrap(),
  maximumLifetimeDays: number,
  idleDays: number,
  protocols: words,
} satisfies Columns<Written<typeof writePolicy>>);

const claim = z.strictObject({
  person: text().unwrap(),
  username: username.unwrap(),
  issuedAt: moment.unwrap(),
  source,
  aliasOf: username,
  formerHolder: text(),
  releasedAt: moment,
} satisfies Columns<Written<typeof writeClaim>>);

/** The form of a row's key decides what it is. */
const ofPerson = [
  { key: new RegExp(`^${profileKey}$`), columns: profile },
  { key: /^[0-9A-Za-z-]{1,64}\.[\w-]{43}$/, columns: password },
  { key: /^activity\.\d{15}\.[0-9a-f-]{36}$/, columns: activity },
];

/** Printable, and fit for keys of Table Storage. */
export const tenantPattern = /^(?!.*[/\\#?.])[\x21-\x7e]{1,256}$/;
const personPattern = /^(?!.*[/\\#?])[\x21-\x7e]{1,256}\.[\w-]{1,128}$/;

const recordSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('policy'), row: rowSchema }),
  z.strictObject({
    kind: z.literal('person'),
    person: z.string(),
    at: z.iso.datetime(),
    rows: z.array(rowSchema),
  }),
  z.strictObject({ kind: z.literal('username'), row: rowSchema }),
]);

/** One line of a file, in this order: the policy, each person as at one moment, each username. */
export type BackupRecord = z.infer<typeof recordSchema>;
export type PersonRecord = Extract<BackupRecord, { kind: 'person' }>;

/** How much a file holds; app passwords without the deleted ones, which are remembered. */
export interface Contents {
  readonly people: number;
  readonly appPasswords: number;
  readonly deleted: number;
  readonly usernames: number;
  /** How many app passwords lie under each version of the pepper. */
  readonly peppers: Readonly<Record<string, number>>;
}

/** The columns whose times are of the past, at the latest of the export. */
const past = [
  ...['usernameIssuedAt', 'registeredAt', 'erasedAt', 'createdAt', 'deletedAt', 'revivedAt'],
  ...['authenticatedAt', 'lastUsedAt', 'at', 'issuedAt', 'releasedAt'],
];
/** How far, in milliseconds, the clocks of those who wrote a row may be ahead. */
const clockSkew = 5 * 60_000;
/** More than anybody rotates the pepper while a password lives. */
const peppersAtMost = 100;

/**
 * Holds a file, a line at a time, to what may come back: people and names of one tenant, each once, in rows that are
 * rows, with no time after the export. Counts what is in it, and finds what this version would not have written.
 */
export class Inspection {
  readonly #tenantId: string;
  readonly #counts = { people: 0, appPasswords: 0, deleted: 0, usernames: 0 };
  readonly #peppers = new Map<string, number>();
  #place = '';
  #latest = { at: 0, where: '' };
  #foreign: string | undefined;

  /** @param first of the file */
  constructor({ tenantId, exportedAt }: { readonly tenantId: string; readonly exportedAt: string }) {
    this.#tenantId = tenantId;
    this.#see(exportedAt, 'the first line');
  }

  get contents(): Contents {
    return { ...this.#counts, peppers: Object.fromEntries(this.#peppers) };
  }

  /** Where the first thing is that this version would not have written, and only a later one may have. */
  get foreign(): string | undefined {
    return this.#foreign;
  }

  /** Takes the next line. @throws Misfit */
  add(value: unknown): BackupRecord {
    const { success, data: record, error } = recordSchema.safeParse(value);
    if (!success) throw new Misfit(`a line${placeIn(error)}`);
    switch (record.kind) {
      case 'policy':
        this.#expect(record.row.rowKey === policyPlace.rowKey, 'the policy');
        this.#comeTo('0', 'the policy');
        this.#look(policy, record.row, 'the policy');
        break;
      case 'person':
        this.#addPerson(record);
        break;
      case 'username':
        this.#addUsername(record.row);
    }
    return record;
  }

  /** @param at when all was read, in milliseconds since the epoch @throws Misfit where something is later */
  end(at: number): void {
    this.#expect(this.#latest.at <= at + clockSkew, `${this.#latest.where}: a time after the export`);
  }

  #addPerson({ person, at, rows }: PersonRecord): void {
    const who = `person ${shown(person)}`;
    this.#expect(this.#isPerson(person), who);
    this.#comeTo(`1 ${person}`, who);
    const keys = new Set(rows.map(({ rowKey }) => rowKey));
    this.#expect(keys.size === rows.length, `${who}: a row that comes twice`);
    this.#see(at, who);
    this.#counts.people++;
    for (const row of rows) {
      const where = `${who}, row ${shown(row.rowKey)}`;
      this.#look(ofPerson.find(({ key }) => key.test(row.rowKey))?.columns, row, where);
      const read = asRead(row);
      if (isPassword(read)) this.#count(readPassword(read).state, pepperOf(row), where);
    }
  }

  #count(state: AppPassword['state'], pepper: string, where: string): void {
    if (state === 'deleted') {
      this.#counts.deleted++;
      return;
    }
    this.#counts.appPasswords++;
    this.#peppers.set(pepper, (this.#peppers.get(pepper) ?? 0) + 1);
    this.#expect(this.#peppers.size <= peppersAtMost, `${where}: one version of the pepper too many`);
  }

  #addUsername(row: Row): void {
    const where = `username ${shown(row.rowKey)}`;
    this.#comeTo(`2 ${row.rowKey}`, where);
    const { person, username } = readClaim(asRead(row));
    this.#expect(keyOf(username) === row.rowKey, where);
    this.#expect(this.#isPerson(person), `${where}, column person`);
    this.#look(claim, row, where);
    this.#counts.usernames++;
  }

  #isPerson(key: string): boolean {
    return personPattern.test(key) && tenantOf(key as PersonKey) === this.#tenantId;
  }

  /** All comes in the order of its keys, as a table gives it: so nothing comes twice. */
  #comeTo(place: string, where: string): void {
    this.#expect(place > this.#place, `${where}: twice, or not in its order`);
    this.#place = place;
  }

  #look(exact: z.ZodType | undefined, { columns }: Row, where: string): void {
    for (const name of past) {
      const { value } = columns[name] ?? {};
      if (value !== undefined) this.#see(value, `${where}, column ${name}`);
    }
    const error = exact?.safeParse(columns).error;
    if (exact === undefined) this.#foreign ??= where;
    else if (error !== undefined) this.#foreign ??= where + placeIn(error);
  }

  #see(time: string, where: string): void {
    const at = Date.parse(time);
    this.#expect(Number.isFinite(at), where);
    if (at > this.#latest.at) this.#latest = { at, where };
  }

  #expect(isSo: boolean, where: string): void {
    if (!isSo) throw new Misfit(where);
  }
}

function placeIn({ issues: [issue] }: z.ZodError): string {
  const names = issue?.code === 'unrecognized_keys' ? issue.keys : (issue?.path ?? []);
  return names.length === 0 ? '' : `, ${names.map((name) => shown(String(name))).join('.')}`;
}

/** What anybody may have written, fit for a terminal. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200)).replace(/[^\x20-\x7e]/g, '?');
}
