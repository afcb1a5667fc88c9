import { entry, self } from './activity.ts';
import { byId, changeOwn, type NotFound, type Owner } from './change-own.ts';
import { changePerson, type Decision, touch } from './change-person.ts';
import type { Actor, AppPassword, Caller, PersonKey, Versioned } from './person.ts';
import type { Change, Ports } from './ports.ts';

export interface Deleted {
  readonly kind: 'deleted';
  readonly count: number;
}

/** What deleting needs. */
export type DeletePorts = Pick<Ports, 'passwords' | 'clock' | 'random' | 'queue' | 'audit'>;

const deletedOne: Deleted = { kind: 'deleted', count: 1 };

/**
 * Deletes one of the caller's app passwords; it stops working with the answer. Deleting it again succeeds as well.
 *
 * @throws Unavailable when storage is away.
 */
export async function deleteAppPassword(
  ports: Ports,
  caller: Caller,
  id: string,
  signal: AbortSignal,
): Promise<Deleted | NotFound> {
  const actor = self(caller);
  const result = await changeOwn<Deleted>(ports, caller, signal, (owner) =>
    deleteOne(ports, actor, owner, id),
  );
  if (result.kind === 'deleted') report(ports, actor, caller.person, [id]);
  return result;
}

/**
 * Deletes one of a person's app passwords, for an administrator.
 *
 * @throws Unavailable when storage is away.
 */
export async function deleteOf(
  ports: DeletePorts,
  actor: Actor,
  person: PersonKey,
  id: string,
  signal: AbortSignal,
): Promise<Deleted | NotFound> {
  const result = await changePerson<Deleted | NotFound>(ports, person, signal, ({ profile, ...rest }) =>
    profile === undefined
      ? { result: { kind: 'not-found' } }
      : deleteOne(ports, actor, { profile, ...rest }, id),
  );
  if (result.kind === 'deleted') report(ports, actor, person, [id]);
  return result;
}

/**
 * Deletes all of the caller's app passwords at once.
 *
 * @throws Unavailable when storage is away.
 */
export async function deleteAllAppPasswords(
  ports: Ports,
  caller: Caller,
  signal: AbortSignal,
): Promise<Deleted> {
  const actor = self(caller);
  const tried = new Set<string>();
  await changeOwn(ports, caller, signal, (owner) => deleteLive(ports, actor, owner, () => true, tried));
  return report(ports, actor, caller.person, tried);
}

/**
 * Deletes those of a person's app passwords that `which` picks, for an administrator or an operator.
 *
 * @throws Unavailable when storage is away.
 */
export async function deleteWhere(
  ports: DeletePorts,
  actor: Actor,
  person: PersonKey,
  which: (password: AppPassword) => boolean,
  signal: AbortSignal,
): Promise<Deleted> {
  const tried = new Set<string>();
  await changePerson(ports, person, signal, ({ profile, ...rest }) =>
    profile === undefined
      ? { result: undefined }
      : deleteLive(ports, actor, { profile, ...rest }, which, tried),
  );
  return report(ports, actor, person, tried);
}

function deleteOne(
  ports: DeletePorts,
  actor: Actor,
  owner: Owner,
  id: string,
): Exclude<Decision<Deleted | NotFound>, 'again'> {
  const password = byId(owner, id);
  if (password === undefined) return { result: { kind: 'not-found' } };
  if (password.state === 'deleted') return { result: deletedOne };
  const activity = entry(ports, 'deleted', actor, { appPassword: password });
  return { result: deletedOne, change: { ...deletion(owner, [password], ports.clock.now()), activity } };
}

/** Notes what it sets out to delete: what a lost try of the same request deleted is no longer live in the next one. */
function deleteLive(
  ports: DeletePorts,
  actor: Actor,
  owner: Owner,
  which: (password: AppPassword) => boolean,
  tried: Set<string>,
) {
  const live = owner.passwords.filter((password) => password.state !== 'deleted' && which(password));
  for (const { id } of live) tried.add(id);
  if (live.length === 0) return { result: undefined };
  const activity = entry(ports, 'deleted-all', actor, { count: live.length });
  return { result: undefined, change: { ...deletion(owner, live, ports.clock.now()), activity } };
}

function report(ports: DeletePorts, actor: Actor, person: PersonKey, tried: Iterable<string>): Deleted {
  const ids = [...tried];
  for (const appPassword of ids)
    ports.audit.record({ event: 'app-password.deleted', actor, person, appPassword });
  return { kind: 'deleted', count: ids.length };
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
