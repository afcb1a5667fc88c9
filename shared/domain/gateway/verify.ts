import {
  type AppPassword,
  type PasswordKey,
  passwordKey,
  type RefusalReason,
} from '../app-password/app-password.ts';
import { effective, refusalReason } from '../app-password/effective-state.ts';
import { noteUse, type UsePorts } from '../app-password/last-used.ts';
import { parsePassword } from '../app-password/password.ts';
import { noteRefusal } from '../app-password/refusals.ts';
import type { Peppers } from '../pepper.ts';
import { nobody, type PersonKey } from '../person/person.ts';
import type { Policy } from '../policy/policy.ts';
import type { Ports } from '../ports.ts';
import { Unavailable } from '../unavailable.ts';
import { type GoesOnWith, keyOfTyped, type Username } from '../username/username.ts';
import type { Versioned } from '../versioned.ts';
import type { VerifyOrigin } from './gateway.ts';

export interface Verified {
  readonly kind: 'verified';
  /** The canonical username, whatever was typed. */
  readonly username: Username;
}

export type InvalidCredentials = { readonly kind: 'invalid-credentials' };

/** What somebody typed into a device: any strings; with which username the gateway goes on; and where it comes from. */
export interface Typed {
  readonly username: string;
  readonly password: string;
  readonly goesOnWith: GoesOnWith;
  readonly origin: VerifyOrigin;
}

/** What verify needs, with what follows its answer. */
export type VerifyPorts = UsePorts &
  Pick<Ports, 'policy' | 'pepper' | 'usernames' | 'usernameRules' | 'later' | 'junk' | 'wrong'>;

/**
 * Says whether a username and an app password belong together: one look-up of the name, and one point read by digest
 * for each enabled version of the pepper. Every refusal of a well-formed password takes the same reads and looks the
 * same; what is recorded about it comes after the answer. Under a former name the right password alone says whose
 * refusal it is.
 *
 * @throws Unavailable when storage or the pepper is away, or where an old list of peppers cannot tell a miss.
 */
export async function verifyCredentials(
  ports: VerifyPorts,
  typed: Typed,
  signal: AbortSignal,
): Promise<Verified | InvalidCredentials> {
  const { origin } = typed;
  const askedAt = ports.clock.now();
  const refuse = (reason: RefusalReason, person: PersonKey | null, found: Found): InvalidCredentials => {
    const durationMs = ports.clock.now() - askedAt;
    ports.later((later) => noteRefusal(ports, { reason, person, found, origin, durationMs }, later));
    return { kind: 'invalid-credentials' };
  };
  const password = parsePassword(typed.password);
  if (password === undefined) {
    ports.junk(origin);
    return { kind: 'invalid-credentials' };
  }
  const usernameKey = keyOfTyped(typed.username, ports.usernameRules, typed.goesOnWith);
  const [policy, peppers, holder] = await Promise.all([
    ports.policy.read(signal),
    ports.pepper.read(signal),
    ports.usernames.holder(usernameKey, signal),
  ]);
  const person = holder?.person ?? nobody(usernameKey);
  const keys = peppers.enabled.map((version) => passwordKey(version, person, password));
  const now = ports.clock.now();
  const objectionTo = (row: Versioned<AppPassword>) =>
    refusalReason(effective(row, policy, now), origin.protocol) ?? denial(policy);
  const username = holder?.username ?? null;
  const isGood = (row: Found) => username !== null && row !== undefined && objectionTo(row) === undefined;
  const found = await findByKey(ports, { person, keys, peppers, isGood }, signal);
  if (username === null)
    return found === undefined
      ? refuse('unknown-username', null, undefined)
      : refuse('former-username', person, found);
  if (found === undefined) return refuse('unknown-app-password', person, undefined);
  const reason = objectionTo(found);
  if (reason !== undefined) return refuse(reason, person, found);
  // Only upwards: an instance that read the list later may write under a newer version already.
  const outdated = keys.indexOf(found.key) > peppers.enabled.indexOf(peppers.writing);
  const moveTo = outdated && !peppers.stale ? keys[peppers.enabled.indexOf(peppers.writing)] : undefined;
  const durationMs = ports.clock.now() - askedAt;
  ports.later((later) => noteUse(ports, { person, password: found, moveTo, origin, durationMs }, later));
  return { kind: 'verified', username };
}

type Found = Versioned<AppPassword> | undefined;

/** Where the policy lets nothing in, everything is looked at as usual first, so that it costs the same. */
function denial({ verification }: Policy): RefusalReason | undefined {
  return verification === 'denied' ? 'verification-denied' : undefined;
}

/**
 * Two parallel reads are no snapshot: a rewrite may have moved the row from the one to the other in between, so
 * with more than one version every refusal first reads the newest once more.
 */
async function findByKey(
  ports: Pick<Ports, 'passwords'>,
  {
    person,
    keys,
    peppers,
    isGood,
  }: {
    readonly person: PersonKey;
    readonly keys: readonly PasswordKey[];
    readonly peppers: Peppers;
    readonly isGood: (row: Found) => boolean;
  },
  signal: AbortSignal,
): Promise<Found> {
  const readRows = async (some: readonly PasswordKey[]): Promise<Found> => {
    const rows = await Promise.all(some.map((key) => ports.passwords.find(person, key, signal)));
    return rows.find(isGood) ?? rows.find((row) => row !== undefined);
  };
  const first = await readRows(keys);
  if (isGood(first)) return first;
  const found = keys.length === 1 ? first : ((await readRows(keys.slice(0, 1))) ?? first);
  if (!isGood(found) && peppers.stale) throw new Unavailable('the list of peppers is too old for a refusal');
  return found;
}
