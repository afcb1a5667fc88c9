import * as z from 'zod';
import {
  type AppPassword,
  type LastUsed,
  type PasswordKey,
  type RefusalReason,
  type Refusals,
  type SuspensionReason,
  suspensionReasons,
} from '../domain/app-password/app-password.ts';
import type { DirectoryProgress, Newcomer } from '../domain/directory/directory.ts';
import { type Protocol, parseProtocol, protocols } from '../domain/gateway/protocol.ts';
import { type Activity, activityPrefix } from '../domain/person/activity.ts';
import type { Evidence } from '../domain/person/caller.ts';
import { isNoHolder, type PersonKey } from '../domain/person/person.ts';
import type { Profile } from '../domain/person/profile.ts';
import { highestLimit, type Policy } from '../domain/policy/policy.ts';
import type { Username } from '../domain/username/username.ts';
import type { FormerHolder, UsernameClaim } from '../domain/username/username-claim.ts';
import type { UsernameSource } from '../domain/username/username-proof.ts';
import type { Versioned } from '../domain/versioned.ts';

/** The row of a person's partition that holds the profile; the others are passwords, and entries of the activity. */
export const profileKey = 'profile';

/** The one row of the policy. This partition, as the ones below, is no person's: those have a dot in their keys. */
export const policyPlace = { partitionKey: 'policy', rowKey: 'policy' };

/** What is kept of the directory: how far it was followed, and each person who was seen and is not looked up yet. */
export const directoryPlace = {
  partitionKey: 'directory',
  progressKey: 'state',
  newcomerPrefix: 'seen.',
  /** The first key after all that begin with the prefix. */
  afterNewcomers: 'seen/',
} as const;

/** The networks from which gateways' keys were used: one row each, `<gateway>.<network>`. */
export const networkPlace = {
  partitionKey: 'gateways',
  /** A key of Table Storage holds no slash. */
  rowKey: (gateway: string, network: string) => `${gateway}.${network.replace('/', '-')}`,
  /** A dot follows the name of a gateway, and comes before a slash. */
  range: (gateway: string) => ({ from: `${gateway}.`, to: `${gateway}/` }),
} as const;

/** The one row of an import that has begun, and not ended. */
export const importPlace = { partitionKey: 'import', rowKey: 'import' };

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
    usernameSource: sourceOf(row.usernameSource),
    mail: text(row.mail) as Username | null,
    refusals: readRefusals(row),
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
  const { username, usernameIssuedAt, usernameSource, formerUsername, mail, registeredAt, count, account } =
    profile;
  return {
    ...(username !== from?.username && { username }),
    ...(usernameIssuedAt !== from?.usernameIssuedAt && { usernameIssuedAt: new Date(usernameIssuedAt) }),
    ...(usernameSource !== from?.usernameSource && { usernameSource }),
    ...(mail !== (from?.mail ?? null) && { mail: mail ?? '' }),
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

/** The column of a profile that tells an import run again by which file it has brought the person back already. */
export const restoredFrom = 'restoredFrom';

/** A profile of whose person nothing is left. */
export function writeErased(at: number) {
  return { erasedAt: new Date(at), account: 'enabled', count: 0 };
}

/** Reads a password. A state, a reason or a protocol that this version does not know is one in which it does not work. */
export function readPassword(row: Entity): Versioned<AppPassword> {
  const reasons = readList(row.suspendedFor).filter(isSuspensionReason);
  const isSuspended = row.state !== 'active' || reasons.length > 0;
  return {
    version: row.etag,
    key: row.rowKey as PasswordKey,
    id: text(row.id) ?? '',
    name: text(row.name) ?? 'Unnamed',
    createdAt: time(row.createdAt) ?? 0,
    expiresAt: time(row.expiresAt),
    protocols: readProtocols(row.protocols),
    state: row.state === 'deleted' ? 'deleted' : isSuspended ? 'suspended' : 'active',
    suspendedFor: isSuspended && reasons.length === 0 ? ['administrator'] : reasons,
    deletedAt: time(row.deletedAt),
    revivedAt: time(row.revivedAt),
    lastUsed: readLastUsed(row),
    refusals: readRefusals(row),
    proof: readEvidence(row),
    requestKey: text(row.requestKey),
  };
}

/** The columns of a password, or those of them that are given. */
export function writePassword(password: Partial<AppPassword>) {
  const { id, name, createdAt, expiresAt, protocols, state, suspendedFor } = password;
  const { deletedAt, revivedAt, proof, requestKey } = password;
  return {
    ...(expiresAt != null && { expiresAt: new Date(expiresAt) }),
    ...(protocols != null && { protocols: protocols.join(',') }),
    ...(suspendedFor !== undefined && { suspendedFor: suspendedFor.join(',') }),
    ...(revivedAt != null && { revivedAt: new Date(revivedAt) }),
    ...(proof != null && writeEvidence(proof)),
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    ...(createdAt !== undefined && { createdAt: new Date(createdAt) }),
    ...(state !== undefined && { state }),
    ...(deletedAt != null && { deletedAt: new Date(deletedAt) }),
    ...(requestKey != null && { requestKey }),
  };
}

export function readLastUsed(row: Entity): LastUsed | null {
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

function readEvidence(row: Entity): Evidence | null {
  if (typeof row.proofAmr !== 'string') return null;
  return {
    amr: readList(row.proofAmr),
    acrs: readList(row.proofAcrs),
    authenticatedAt: time(row.authenticatedAt),
  };
}

function writeEvidence({ amr, acrs, authenticatedAt }: Evidence) {
  return {
    proofAmr: amr.join(','),
    proofAcrs: acrs.join(','),
    ...(authenticatedAt !== null && { authenticatedAt: new Date(authenticatedAt) }),
  };
}

function readList(value: unknown): string[] {
  return (text(value) ?? '').split(',').filter((entry) => entry !== '');
}

function isSuspensionReason(reason: string): reason is SuspensionReason {
  return reason !== 'idle' && (suspensionReasons as readonly string[]).includes(reason);
}

/** A list that is there restricts, also where it holds nothing that this version knows. */
function readProtocols(value: unknown): readonly Protocol[] | null {
  if (typeof value !== 'string' || value === '') return null;
  return readList(value)
    .map(parseProtocol)
    .filter((protocol) => protocol !== undefined);
}

const moment = z.number().int();
const refusals = z.object({
  count: moment.min(1),
  since: moment,
  writtenAt: moment,
  recent: z.array(
    z.object({
      at: moment,
      reason: z.string().transform((reason) => reason as RefusalReason),
      protocol: z.enum(protocols).nullable(),
      gateway: z.string(),
      clientAddress: z.string().nullable(),
    }),
  ),
});

export function readRefusals(row: Entity): Refusals | null {
  const result = refusals.safeParse(parseJson(row.refusals));
  return result.success ? result.data : null;
}

export function writeRefusals({ count, since, writtenAt, recent }: Refusals) {
  return { refusals: JSON.stringify({ count, since, writtenAt, recent }) };
}

function parseJson(value: unknown): unknown {
  try {
    return JSON.parse(text(value) ?? 'null');
  } catch {
    return null;
  }
}

export function isActivity({ rowKey = '' }: Entity): boolean {
  return rowKey.startsWith(activityPrefix);
}

export function readActivity(row: Entity): Activity {
  const id = text(row.id);
  return {
    key: row.rowKey ?? '',
    at: time(row.at) ?? 0,
    kind: (text(row.kind) ?? '') as Activity['kind'],
    by: (text(row.by) ?? '') as Activity['by'],
    appPassword: id === null ? null : { id, name: text(row.name) ?? '' },
    count: Number.isInteger(row.count) ? (row.count as number) : null,
  };
}

export function writeActivity({ at, kind, by, appPassword, count }: Activity) {
  return { at: new Date(at), kind, by, ...appPassword, ...(count !== null && { count }) };
}

/** What this version does not know of a policy allows nothing; days that are none are no limit. */
export function readPolicy(row: Entity): Policy {
  const days = (value: unknown) =>
    Number.isInteger(value) && (value as number) > 0 ? (value as number) : null;
  const { creation } = row;
  return {
    creation: creation === 'everybody' || creation === 'app-role' ? creation : 'nobody',
    verification: row.verification === 'allowed' ? 'allowed' : 'denied',
    maximumLifetimeDays: days(row.maximumLifetimeDays),
    idleDays: days(row.idleDays),
    protocols: readProtocols(row.protocols),
    limit: Math.min(count(row.limit), highestLimit),
  };
}

/** All columns, as a policy replaces the one before it. */
export function writePolicy(policy: Policy) {
  const { creation, verification, maximumLifetimeDays, idleDays, limit } = policy;
  return {
    creation,
    verification,
    limit,
    ...(maximumLifetimeDays !== null && { maximumLifetimeDays }),
    ...(idleDays !== null && { idleDays }),
    ...(policy.protocols !== null && { protocols: policy.protocols.join(',') }),
  };
}

/** What was proved before the source was kept came from a token. */
function sourceOf(value: unknown): UsernameSource {
  return value === 'directory' || value === 'administrator' ? value : 'token';
}

/** What can be a key of Table Storage: a claim that says anything else of its person says nothing. */
export function isPartitionKey(text: string): boolean {
  return /^[^/\\#?\p{Cc}]{1,512}$/u.test(text);
}

export function readClaim(row: Entity): Versioned<UsernameClaim> {
  const person = (text(row.person) ?? '') as PersonKey;
  return {
    person,
    // Who takes a name leaves these columns, if the version before does it.
    former: isNoHolder(person) ? readFormer(row) : null,
    source: sourceOf(row.source),
    aliasOf: text(row.aliasOf) as Username | null,
    version: row.etag,
    username: (text(row.username) ?? '') as Username,
    issuedAt: time(row.issuedAt) ?? 0,
  };
}

function readFormer(row: Entity): FormerHolder | null {
  const [person, since] = [text(row.formerHolder), time(row.releasedAt)];
  return person === null || !isPartitionKey(person) || since === null
    ? null
    : { person: person as PersonKey, since };
}

export function writeClaim({ person, username, issuedAt, source, aliasOf, former }: UsernameClaim) {
  return {
    person,
    username,
    issuedAt: new Date(issuedAt),
    source,
    aliasOf: aliasOf ?? '',
    formerHolder: former?.person ?? '',
    ...(former !== null && { releasedAt: new Date(former.since) }),
  };
}

export function readProgress(row: Entity): Versioned<DirectoryProgress> {
  const { etag: version, link, check, lastSuccessAt } = row;
  return {
    version,
    // A link that no directory accepts makes reading begin again.
    link: typeof link === 'string' ? link : '',
    check: typeof check === 'string' && check !== '' ? check : null,
    lastSuccessAt: lastSuccessAt instanceof Date ? lastSuccessAt.getTime() : null,
  };
}

export function writeProgress({ link, check, lastSuccessAt }: DirectoryProgress) {
  return {
    link,
    check: check ?? '',
    ...(lastSuccessAt !== null && { lastSuccessAt: new Date(lastSuccessAt) }),
  };
}

export function readNewcomer({ etag: version, rowKey = '', seenAt }: Entity): Versioned<Newcomer> {
  return {
    version,
    person: rowKey.slice(directoryPlace.newcomerPrefix.length) as PersonKey,
    seenAt: seenAt instanceof Date ? seenAt.getTime() : 0,
  };
}
