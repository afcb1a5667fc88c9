import { now } from '../client/clock.ts';
import { keptInTab } from '../client/kept.ts';
import type { AppPassword } from '../client/openapi.ts';

/** An app password that is being made, or of which the password was not copied; it holds no secret. */
interface Note {
  readonly name: string;
  /** The service's time before it was asked for, in milliseconds since 1970. */
  readonly since: number;
  /** Undefined as long as the service has not told. */
  readonly id?: string;
}

const key = 'creating';

/** An answer of the service comes within this time, in milliseconds, or never. */
const longest = 60_000;

/** Notes in this tab that an app password is being made, in case the page is left before its password is copied. */
export function noteCreation(note: Pick<Note, 'name' | 'id'>): void {
  keptInTab.set(key, JSON.stringify({ since: now(), ...note } satisfies Note));
}

/** The person has the password, or does not want it, or none was made. */
export function forgetCreation(): void {
  keptInTab.set(key, undefined);
}

/** The app password that was made and whose password nobody has, as far as this tab knows. */
export function leftBehindAmong(appPasswords: readonly AppPassword[]): AppPassword | undefined {
  const kept = keptInTab.get(key);
  if (kept === null) return undefined;
  const note: Note = JSON.parse(kept);
  // The service's times and its `Date` may be a moment apart.
  const isIt = ({ id, name, createdAt }: AppPassword) =>
    note.id === undefined ? name === note.name && Date.parse(createdAt) > note.since - 5000 : id === note.id;
  const found = appPasswords.find((each) => isIt(each) && each.lastUsed === null);
  if (found === undefined && now() - note.since > longest) forgetCreation();
  return found;
}
