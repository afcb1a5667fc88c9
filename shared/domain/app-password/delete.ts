import type { AuditRecord } from '../audit-record.ts';
import { entry } from '../person/activity.ts';
import { type Actor, type Caller, self } from '../person/caller.ts';
import { type ChangePorts, changePerson, type Decision, touch } from '../person/change.ts';
import {
  byId,
  changeOwn,
  changeOwnPassword,
  type NotFound,
  type Owner,
  type OwnPassword,
  type OwnPorts,
} from '../person/own-change.ts';
import type { PersonKey } from '../person/person.ts';
import type { Change } from '../ports.ts';
import type { Versioned } from '../versioned.ts';
import type { AppPassword } from './app-password.ts';

export interface Deleted {
  readonly kind: 'deleted';
  readonly count: number;
}

/** Who deletes, and whose app passwords. */
export interface Deleter {
  readonly actor: Actor;
  readonly person: PersonKey;
}

const nothing: Deleted = { kind: 'deleted', count: 0 };

/**
 * Deletes one of the caller's app passwords; it stops working with the answer. Deleting it again succeeds as well.
 *
 * @throws Unavailable when storage is away.
 */
export function deleteAppPassword(
  ports: OwnPorts,
  { caller, id }: OwnPassword,
  signal: AbortSignal,
): Promise<Deleted | NotFound> {
  const deleter = { actor: self(caller), person: caller.person };
  return changeOwnPassword<Deleted>(ports, { caller, id, act: 'own', signal }, (password, owner) =>
    deleteOne(ports, { ...deleter, owner, password }),
  );
}

/**
 * Deletes one of a person's app passwords, for an administrator.
 *
 * @throws Unavailable when storage is away.
 */
export function deleteOf(
  ports: ChangePorts,
  { id, ...deleter }: Deleter & { readonly id: string },
  signal: AbortSignal,
): Promise<Deleted | NotFound> {
  return changePerson<Deleted | NotFound>(
    ports,
    { person: deleter.person, signal },
    ({ profile, ...rest }) => {
      if (profile === undefined) return { result: { kind: 'not-found' } };
      const owner = { profile, ...rest };
      const password = byId(owner, id);
      return password === undefined
        ? { result: { kind: 'not-found' } }
        : deleteOne(ports, { ...deleter, owner, password });
    },
  );
}

/**
 * Deletes all of the caller's app passwords at once.
 *
 * @throws Unavailable when storage is away.
 */
export async function deleteAllAppPasswords(
  ports: OwnPorts,
  caller: Caller,
  signal: AbortSignal,
): Promise<Deleted> {
  const deleter = { actor: self(caller), person: caller.person };
  const result = await changeOwn<Deleted>(ports, { caller, signal }, (owner) =>
    deleteLive(ports, { ...deleter, owner, which: () => true }),
  );
  return result.kind === 'deleted' ? result : nothing;
}

/**
 * Deletes those of a person's app passwords that `which` picks, for an administrator or an operator.
 *
 * @throws Unavailable when storage is away.
 */
export function deleteWhere(
  ports: ChangePorts,
  deleter: Deleter & { readonly which: (password: AppPassword) => boolean },
  signal: AbortSignal,
): Promise<Deleted> {
  return changePerson(ports, { person: deleter.person, signal }, ({ profile, ...rest }) =>
    profile === undefined
      ? { result: nothing }
      : deleteLive(ports, { ...deleter, owner: { profile, ...rest } }),
  );
}

function deleteOne(
  ports: ChangePorts,
  {
    actor,
    person,
    owner,
    password,
  }: Deleter & { readonly owner: Owner; readonly password: Versioned<AppPassword> },
): Decision<Deleted> {
  const result: Deleted = { kind: 'deleted', count: 1 };
  if (password.state === 'deleted') return { result };
  const activity = entry(ports, { kind: 'deleted', actor, appPassword: password });
  const records = [deletedRecord(actor, person, password)];
  return { result, change: { ...deletion(owner, [password], ports.clock.now()), activity, records } };
}

function deleteLive(
  ports: ChangePorts,
  {
    actor,
    person,
    owner,
    which,
  }: Deleter & { readonly owner: Owner; readonly which: (password: AppPassword) => boolean },
): Decision<Deleted> {
  const live = owner.passwords.filter((password) => password.state !== 'deleted' && which(password));
  if (live.length === 0) return { result: nothing };
  const activity = entry(ports, { kind: 'deleted-all', actor, count: live.length });
  const records = live.map((password) => deletedRecord(actor, person, password));
  const change = { ...deletion(owner, live, ports.clock.now()), activity, records };
  return { result: { kind: 'deleted', count: live.length }, change };
}

/** What the audit trail says of an app password that was deleted. */
export function deletedRecord(actor: Actor, person: PersonKey, { id }: AppPassword): AuditRecord {
  return { event: 'app-password.deleted', actor, person, appPassword: id };
}

/** What deletes these; the rows stay, so that their use is recognized. */
export function deletion(owner: Owner, live: readonly Versioned<AppPassword>[], now: number): Change {
  return {
    profile: touch(owner.profile, { count: owner.profile.count - live.length }),
    update: live.map((password) => ({
      password,
      set: { state: 'deleted', deletedAt: now },
    })),
  };
}
