import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, lstat, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { pipeline as pumped } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import * as z from 'zod';
import { Refused } from '../../shared/refused.ts';
import { isPassword, readPassword } from '../../shared/storage/entities.ts';
import { asRead, pepperOf, rowSchema } from './rows.ts';

/** What a reader of another version would not understand makes this number grow. */
const version = 1;

const moment = z.iso.datetime();
const number = z.number().int().min(0);
const header = z.strictObject({
  kind: z.literal('app-passwords-backup'),
  version: z.literal(version),
  exportedAt: moment,
  tenantId: z.string(),
});
const record = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('policy'), row: rowSchema }),
  z.strictObject({ kind: z.literal('person'), person: z.string(), at: moment, rows: z.array(rowSchema) }),
  z.strictObject({ kind: z.literal('username'), row: rowSchema }),
]);
const contents = z.strictObject({
  people: number,
  appPasswords: number,
  deleted: number,
  usernames: number,
  /** How many app passwords lie under each version of the pepper. */
  peppers: z.record(z.string(), number),
});
const end = z.strictObject({ kind: z.literal('end'), contents, sha256: z.string() });

/** One line of a file, in this order: the policy, each person as at one moment, each username. */
export type BackupRecord = z.infer<typeof record>;
export type PersonRecord = Extract<BackupRecord, { kind: 'person' }>;

/** How much a file holds; app passwords without the deleted ones, which are remembered. */
export type Contents = z.infer<typeof contents>;

/** A file that was read to its end and found whole. */
export interface Checked {
  /** When the export began, in milliseconds since the epoch. */
  readonly exportedAt: number;
  /** The tenant of the people in it. */
  readonly tenantId: string;
  readonly contents: Contents;
  /** Identifies the file by all that it holds. */
  readonly sha256: string;
}

/**
 * Writes a file that only its owner may read: JSON, a line each, compressed. It has its name once it is whole.
 *
 * @throws Refused where there is a file of that name, which may be the only backup.
 */
export async function writeBackup(
  path: string,
  { exportedAt, tenantId }: Pick<Checked, 'exportedAt' | 'tenantId'>,
  records: AsyncIterable<BackupRecord>,
): Promise<Contents> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw isThere(path);
  // Of its own, as another export may write to the same name.
  const partial = `${path}.${randomUUID()}.partial`;
  const tally = new Tally();
  async function* lines() {
    const hash = createHash('sha256');
    const hashed = (value: object) => {
      const line = `${JSON.stringify(value)}\n`;
      hash.update(line);
      return line;
    };
    yield hashed({
      kind: 'app-passwords-backup',
      version,
      exportedAt: new Date(exportedAt).toISOString(),
      tenantId,
    } satisfies z.infer<typeof header>);
    for await (const it of records) {
      tally.add(it);
      yield hashed(it);
    }
    const last = { kind: 'end', contents: tally.contents, sha256: hash.digest('hex') } as const;
    yield `${JSON.stringify(last satisfies z.infer<typeof end>)}\n`;
  }
  try {
    await pumped(lines, createGzip(), createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }));
    // Unlike a renaming, a link never replaces a file; but a share may know none.
    await link(partial, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw isThere(path);
      return rename(partial, path);
    });
  } finally {
    await rm(partial, { force: true });
  }
  return tally.contents;
}

function isThere(path: string): Refused {
  return new Refused(`${path} is there already, and may be the only backup: give another name.`);
}

/**
 * Reads a file, and checks it by the way: only at its end is it known to be whole.
 *
 * @param sha256 what an earlier look found, where it has to be the very same file
 * @returns what it holds, after the last record
 * @throws Refused where it is no file of this kind, not whole, or altered.
 */
export async function* readBackup(path: string, sha256?: string): AsyncGenerator<BackupRecord, Checked> {
  try {
    const found = yield* checked(linesOf(pipeline(createReadStream(path), createGunzip(), () => {})));
    if (sha256 !== undefined && found.sha256 !== sha256)
      throw new Refused(
        'The file was replaced by another one while it was read, and what that has may be in the store now: look at it by "npm run backup -- verify", and run this again with the first one.',
      );
    return found;
  } catch (error) {
    if (error instanceof Refused) throw error;
    const { code = '', name } = error as NodeJS.ErrnoException;
    const isContent = code.startsWith('Z_') || name === 'ZodError' || name === 'SyntaxError';
    if (isContent) throw notWhole();
    throw new Refused(`The file cannot be read: ${code || name}.`, { cause: error });
  }
}

/** Reads a file to its end. @throws Refused as {@link readBackup} */
export async function checkBackup(path: string): Promise<Checked> {
  const records = readBackup(path);
  for (;;) {
    const next = await records.next();
    if (next.done) return next.value;
  }
}

async function* checked(lines: AsyncIterable<Buffer>): AsyncGenerator<BackupRecord, Checked> {
  const hash = createHash('sha256');
  const tally = new Tally();
  let first: z.infer<typeof header> | undefined;
  let last: z.infer<typeof end> | undefined;
  for await (const line of lines) {
    if (last !== undefined) throw notWhole();
    const value: unknown = JSON.parse(line.toString());
    if ((value as { kind?: unknown }).kind === 'end') {
      last = end.parse(value);
      continue;
    }
    hash.update(line);
    if (first === undefined) {
      first = readHeader(value);
    } else {
      const it = record.parse(value);
      tally.add(it);
      yield it;
    }
  }
  const sha256 = hash.digest('hex');
  if (first === undefined || last?.sha256 !== sha256 || !tally.has(last.contents)) throw notWhole();
  const { exportedAt, tenantId } = first;
  return { exportedAt: Date.parse(exportedAt), tenantId, contents: tally.contents, sha256 };
}

function readHeader(value: unknown): z.infer<typeof header> {
  const { success, data } = header.safeParse(value);
  if (!success)
    throw new Refused('This is no file of "npm run backup -- export", or one of a newer version of it.');
  return data;
}

function notWhole(): Refused {
  return new Refused('The file is not whole, or was altered: take another one.');
}

/** The lines with their ends, and nothing more of the stream in memory than the one that is being read. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of stream) {
    let from = 0;
    for (let to = chunk.indexOf('\n') + 1; to > 0; to = chunk.indexOf('\n', from) + 1) {
      yield Buffer.concat([...begun, chunk.subarray(from, to)]);
      begun = [];
      from = to;
    }
    begun.push(chunk.subarray(from));
  }
  if (begun.some(({ length }) => length > 0)) throw notWhole();
}

class Tally {
  readonly contents: Contents = { people: 0, appPasswords: 0, deleted: 0, usernames: 0, peppers: {} };

  add(it: BackupRecord): void {
    if (it.kind === 'username') this.contents.usernames++;
    if (it.kind !== 'person') return;
    this.contents.people++;
    for (const row of it.rows) {
      const read = asRead(row);
      if (!isPassword(read)) continue;
      if (readPassword(read).state === 'deleted') {
        this.contents.deleted++;
      } else {
        this.contents.appPasswords++;
        const pepper = pepperOf(row);
        this.contents.peppers[pepper] = (this.contents.peppers[pepper] ?? 0) + 1;
      }
    }
  }

  has(contents: Contents): boolean {
    return isDeepStrictEqual(contents, this.contents);
  }
}
