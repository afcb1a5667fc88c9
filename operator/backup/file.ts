import { createHash, createHmac, hash as digest, type Hmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { pipeline as pumped } from 'node:stream/promises';
import { isDeepStrictEqual } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import * as z from 'zod';
import type { Clock } from '../../shared/domain/clock.ts';
import { Refused } from '../refused.ts';
import type { MacKey, MacKeys } from './mac-key.ts';
import { type BackupRecord, type Contents, Inspection, Misfit, tenantPattern } from './written.ts';

/** What a reader of another version would not understand makes this number grow; 1 had no MAC. */
const version = 2;

/** How long, in bytes, a line may be: 20 times what the fullest person takes. */
const lineAtMost = 2 * 2 ** 20;
/** How much of a file, in bytes, is read at once. */
const chunkSize = 2 ** 20;

const moment = z.iso.datetime();
const number = z.number().int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const kind = z.literal('app-passwords-backup');
const about = { kind, exportedAt: moment, tenantId: z.string().regex(tenantPattern) };
const header = z.discriminatedUnion('version', [
  z.strictObject({ ...about, version: z.literal(1) }),
  /** `macKey` is the version of the key of the MAC. */
  z.strictObject({ ...about, version: z.literal(version), macKey: z.string().regex(/^[0-9A-Za-z-]{1,64}$/) }),
]);
const contents = z.strictObject({
  people: number,
  appPasswords: number,
  deleted: number,
  usernames: number,
  peppers: z.record(z.string(), number),
});
/** After the records; the hash is of all lines before it, and tells of damage. */
const end = z.strictObject({ kind: z.literal('end'), endedAt: moment.optional(), contents, sha256 });
/** The last line since version 2: HMAC-SHA-256 of all lines before it, in hexadecimal. */
const mac = z.strictObject({ kind: z.literal('mac'), mac: sha256 });

/** Whether a file is by somebody who has the key: `unknown` where it has no MAC, or its version of the key is not at hand. */
type Authenticity =
  | { readonly kind: 'authentic' }
  | { readonly kind: 'unknown'; readonly macKey: string | undefined };

/** A file that was read to its end and found whole. */
export interface Checked {
  /** When the export began, in milliseconds since the epoch. */
  readonly exportedAt: number;
  /** The tenant of the people in it. */
  readonly tenantId: string;
  readonly contents: Contents;
  /** Identifies the file by all that it holds. */
  readonly sha256: string;
  readonly authenticity: Authenticity;
  /** Where the first thing is that this version would not have written, and only a later one may have. */
  readonly foreign: string | undefined;
}

/**
 * Writes a file that only its owner may read: JSON, a line each, compressed. It has its name once it is whole.
 *
 * @throws Refused where there is a file of that name, which may be the only backup, and where the store holds what no
 *   import takes.
 */
export async function writeBackup(
  path: string,
  records: AsyncIterable<BackupRecord>,
  {
    exportedAt,
    tenantId,
    key,
    clock,
  }: Pick<Checked, 'exportedAt' | 'tenantId'> & { readonly key: MacKey; readonly clock: Clock },
): Promise<Contents> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw isThere(path);
  // Of its own, as another export may write to the same name.
  const partial = `${path}.${randomUUID()}.partial`;
  const began = { exportedAt: timestamp(exportedAt), tenantId };
  const inspection = new Inspection(began);
  async function* lines() {
    const [hash, hmac] = [createHash('sha256'), createHmac('sha256', key.value)];
    const line = (value: object) => {
      const text = `${JSON.stringify(value)}\n`;
      if (Buffer.byteLength(text) > lineAtMost) throw new Misfit('a line that is too long');
      hash.update(text);
      hmac.update(text);
      return text;
    };
    const first = { kind: 'app-passwords-backup', version, ...began, macKey: key.version } as const;
    yield line(first satisfies z.infer<typeof header>);
    for await (const it of records) yield line(inspection.add(it));
    const endedAt = clock.now();
    inspection.end(endedAt);
    const last = { kind: 'end', endedAt: timestamp(endedAt), contents: inspection.contents } as const;
    yield line({ ...last, sha256: hash.copy().digest('hex') } satisfies z.infer<typeof end>);
    yield `${JSON.stringify({ kind: 'mac', mac: hmac.digest('hex') } satisfies z.infer<typeof mac>)}\n`;
  }
  try {
    await pumped(lines, createGzip(), createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }));
    // Unlike a renaming, a link never replaces a file; but a share may know none.
    await link(partial, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw isThere(path);
      return rename(partial, path);
    });
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new Refused(
      `The store holds what no import would take: ${error.message}. Look who wrote that, and mend it; until then older files are all that there is.`,
    );
  } finally {
    await rm(partial, { force: true });
  }
  return inspection.contents;
}

function timestamp(at: number): string {
  return new Date(at).toISOString();
}

function isThere(path: string): Refused {
  return new Refused(`${path} is there already, and may be the only backup: give another name.`);
}

/** A file that stays open, so that what comes of it is what was checked, whatever becomes of its name or content. */
export interface Backup extends AsyncDisposable {
  /** Reads it to its end. @throws Refused where it is no file of this kind, not whole, or altered */
  check(): Promise<Checked>;
  /** Its records, once it is checked. @throws Refused before anything that has changed since */
  records(): AsyncGenerator<BackupRecord, Checked>;
}

/**
 * Opens a file.
 *
 * @param keys the versions of the key of the MAC that are at hand
 * @throws Refused where it cannot be read.
 */
export async function openBackup(path: string, keys: MacKeys, clock: Clock): Promise<Backup> {
  const handle = await open(path).catch(refuse);
  const { size } = await handle.stat();
  const seen: Buffer[] = [];
  const records = () => checked(linesOf(contentOf(handle, size, seen)), keys, clock);
  return {
    records,
    async check() {
      const all = records();
      for (;;) {
        const next = await all.next();
        if (next.done) return next.value;
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** @param seen the hashes of the chunks: filled by the first reading, and what a later one is held to */
function contentOf(handle: FileHandle, size: number, seen: Buffer[]): AsyncIterable<Buffer> {
  async function* chunks() {
    for (let index = 0; index * chunkSize < size; index++) {
      const at = index * chunkSize;
      const chunk = Buffer.alloc(Math.min(chunkSize, size - at));
      let length = 0;
      while (length < chunk.length) {
        const { bytesRead } = await handle.read(chunk, length, chunk.length - length, at + length);
        if (bytesRead === 0) throw changed();
        length += bytesRead;
      }
      const hash = digest('sha256', chunk, 'buffer');
      if (!hash.equals(seen[index] ?? hash)) throw changed();
      seen[index] = hash;
      yield chunk;
    }
  }
  return pipeline(Readable.from(chunks()), createGunzip(), () => {});
}

function changed(): Refused {
  return new Refused('The file was changed while it was read: take another one.');
}

async function* checked(
  lines: AsyncIterable<Buffer>,
  keys: MacKeys,
  clock: Clock,
): AsyncGenerator<BackupRecord, Checked> {
  try {
    return yield* checkedLines(lines, keys, clock);
  } catch (error) {
    return refuse(error);
  }
}

async function* checkedLines(
  lines: AsyncIterable<Buffer>,
  keys: MacKeys,
  clock: Clock,
): AsyncGenerator<BackupRecord, Checked> {
  const hash = createHash('sha256');
  let begun: { first: z.infer<typeof header>; inspection: Inspection; hmac: Hmac | undefined } | undefined;
  let last: z.infer<typeof end> | undefined;
  let given: string | undefined;
  for await (const line of lines) {
    const value: unknown = JSON.parse(line.toString());
    if (begun === undefined) {
      const first = readHeader(value);
      const key = first.version === 1 ? undefined : keys.get(first.macKey);
      begun = { first, inspection: new Inspection(first), hmac: key && createHmac('sha256', key) };
      hash.update(line);
    } else if (last !== undefined) {
      if (given !== undefined || begun.first.version === 1) throw notWhole();
      given = mac.parse(value).mac;
      continue;
    } else if ((value as { kind?: unknown } | null)?.kind === 'end') {
      last = end.parse(value);
    } else {
      yield begun.inspection.add(value);
      hash.update(line);
    }
    begun.hmac?.update(line);
  }
  const sha256 = hash.digest('hex');
  if (begun === undefined || last?.sha256 !== sha256) throw notWhole();
  const { first, inspection, hmac } = begun;
  if (!isDeepStrictEqual(last.contents, inspection.contents)) throw notWhole();
  if (first.version !== 1 && given === undefined) throw notWhole();
  if (hmac !== undefined && !timingSafeEqual(hmac.digest(), Buffer.from(given ?? '', 'hex')))
    throw new Refused(
      'The file was altered: its MAC is wrong. Take another one, and look who could write to it.',
    );
  inspection.end(Math.min(Date.parse(last.endedAt ?? '') || Number.POSITIVE_INFINITY, clock.now()));
  return {
    exportedAt: Date.parse(first.exportedAt),
    tenantId: first.tenantId,
    contents: inspection.contents,
    sha256,
    foreign: inspection.foreign,
    authenticity:
      hmac === undefined
        ? { kind: 'unknown', macKey: first.version === 1 ? undefined : first.macKey }
        : { kind: 'authentic' },
  };
}

function readHeader(value: unknown): z.infer<typeof header> {
  const { success, data } = header.safeParse(value);
  if (!success)
    throw new Refused('This is no file of "npm run backup -- export", or one of a newer version of it.');
  return data;
}

/** @throws Refused always: why a file is not taken */
function refuse(error: unknown): never {
  if (error instanceof Refused) throw error;
  if (error instanceof Misfit) throw notWhole(` (${error.message})`);
  const { code = '', name } = error as NodeJS.ErrnoException;
  if (code.startsWith('Z_') || name === 'ZodError' || name === 'SyntaxError') throw notWhole();
  throw new Refused(`The file cannot be read: ${code || name}.`, { cause: error });
}

function notWhole(where = ''): Refused {
  return new Refused(
    `The file is not whole, was altered, or is of another version${where}: take another one.`,
  );
}

/** The lines with their ends, and nothing more of the stream in memory than the one that is being read. */
async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer) => {
    length += part.length;
    if (length > lineAtMost) throw notWhole(' (a line that is too long)');
    begun.push(part);
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let to = chunk.indexOf('\n') + 1; to > 0; to = chunk.indexOf('\n', from) + 1) {
      take(chunk.subarray(from, to));
      yield Buffer.concat(begun);
      [begun, length] = [[], 0];
      from = to;
    }
    take(chunk.subarray(from));
  }
  if (length > 0) throw notWhole();
}
