import type { AppPassword, LastUsed, PasswordKey, PersonKey, Profile, Versioned } from '../domain/person.ts';
import type { UsernameClaim } from '../domain/ports.ts';
import { parseProtocol } from '../domain/protocol.ts';
import type { Username } from '../domain/username.ts';

/** The row of a person's partition that holds the profile; every other row is a password. */
export const profileKey = 'profile';

/** A row as the client library reads it. */
export interface Entity {
  readonly etag: string;
  readonly rowKey?: string;
  readonly [column: string]: unknown;
}

// Another version of this program may have written the row: what is missing or of another type reads as nothing.
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const count = (value: unknown): number => (Number.isInteger(value) ? Math.max(0, value as number) : 0);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const time = (value: unknown): number | null => (value instanceof Date ? value.getTime() : null);

export function readProfile(row: Entity): Versioned<Profile> {
  return {
    version: row.etag,
    username: (text(row.username) ?? '') as Username,
    usernameIssuedAt: time(row.usernameIssuedAt) ?? 0,
    formerUsername: text(row.formerUsername) as Username | null,
    registeredAt: time(row.registeredAt),
    count: count(row.count),
    account: row.account === 'enabled' ? 'enabled' : 'disabled',
  };
}

/**
 * The columns of a profile that differ from what was read. A merge keeps what it does not name, so that what another
 * version wrote stays; nothing is written as an empty string.
 */
export function writeProfile(profile: Profile, from?: Profile) {
  const { username, usernameIssuedAt, formerUsername, registeredAt, count, account } = profile;
  return {
    ...(username !== from?.username && { username }),
    ...(usernameIssuedAt !== from?.usernameIssuedAt && { usernameIssuedAt: new Date(usernameIssuedAt) }),
    ...(formerUsername !== from?.formerUsername && { formerUsername: formerUsername ?? '' }),
    ...(registeredAt !== null &&
      registeredAt !== from?.registeredAt && { registeredAt: new Date(registeredAt) }),
    ...(count !== from?.count && { count }),
    ...(account !== from?.account && { account }),
  };
}

/** Whether a row is a password: by the form of its key, and by having a public id. No other row opens anything. */
export function isPassword({ rowKey = '', id }: Entity): boolean {
  return /^[^.]+\.[\w-]{43}$/.test(rowKey) && typeof id === 'string' && uuid.test(id);
}

/** Reads a password. A state that this version does not know is one in which it does not work. */
export function readPassword(row: Entity): Versioned<AppPassword> {
  return {
    version: row.etag,
    key: row.rowKey as PasswordKey,
    id: text(row.id) ?? '',
    name: text(row.name) ?? 'Unnamed',
    createdAt: time(row.createdAt) ?? 0,
    state: row.state === 'active' || row.state === 'deleted' ? row.state : 'suspended',
    deletedAt: time(row.deletedAt),
    lastUsed: readLastUsed(row),
    requestKey: text(row.requestKey),
  };
}

/** The columns of a password, or those of them that are given. */
export function writePassword({ id, name, createdAt, state, deletedAt, requestKey }: Partial<AppPassword>) {
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
    ...(state !== undefined && { state }),
    ...(deletedAt != null && { deletedAt: new Date(deletedAt) }),
    ...(requestKey != null && { requestKey }),
  };
}

function readLastUsed(row: Entity): LastUsed | null {
  const at = time(row.lastUsedAt);
  if (at === null) return null;
  return {
    at,
    protocol: parseProtocol(text(row.lastUsedProtocol) ?? '') ?? null,
    gateway: text(row.lastUsedGateway) ?? 'unknown',
    clientAddress: text(row.lastUsedClientAddress),
  };
}

export function writeLastUsed({ at, protocol, gateway, clientAddress }: LastUsed) {
  return {
    lastUsedAt: new Date(at),
    lastUsedProtocol: protocol ?? '',
    lastUsedGateway: gateway,
    lastUsedClientAddress: clientAddress ?? '',
  };
}

export function readClaim(row: Entity): Versioned<UsernameClaim> {
  return {
    version: row.etag,
    person: (text(row.person) ?? '') as PersonKey,
    username: (text(row.username) ?? '') as Username,
    issuedAt: time(row.issuedAt) ?? 0,
  };
}

export function writeClaim({ person, username, issuedAt }: UsernameClaim) {
  return { person, username, issuedAt: new Date(issuedAt) };
}
