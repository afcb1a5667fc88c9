import { byId, changeOwn, type NotFound, type Owner } from './change-own.ts';
import { type ChangePorts, changePerson, touch } from './change-person.ts';
import type { AppPassword, Caller, PersonKey, Versioned } from './person.ts';
import type { Change, Ports } from './ports.ts';

export interface Deleted {
  readonly kind: 'deleted';
  readonly count: number;
}

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
  const deleted: Deleted = { kind: 'deleted', count: 1 };
  const result = await changeOwn<Deleted>(ports, caller, signal, (owner) => {
    const password = byId(owner, id);
    if (password === undefined) return { result: { kind: 'not-found' } };
    if (password.state === 'deleted') return { result: deleted };
    return {
      result: deleted,
      change: deletion(owner, [password], ports.clock.now()),
    };
  });
  if (result.kind === 'deleted') {
    ports.audit.record({
      event: 'app-password.deleted',
      person: caller.person,
      appPassword: id,
    });
  }
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
  const tried = new Set<string>();
  await changeOwn(ports, caller, signal, (owner) => deleteLive(ports, owner, () => true, tried));
  return report(ports, caller.person, tried);
}

/**
 * Deletes those of a person's app passwords that `which` picks, for an operator.
 *
 * @throws Unavailable when storage is away.
 */
export async function deleteWhere(
  ports: ChangePorts & Pick<Ports, 'audit'>,
  person: PersonKey,
  which: (password: AppPassword) => boolean,
  signal: AbortSignal,
): Promise<Deleted> {
  const tried = new Set<string>();
  await changePerson(ports, person, signal, ({ profile, passwords }) =>
    profile === undefined ? { result: undefined } : deleteLive(ports, { profile, passwords }, which, tried),
  );
  return report(ports, person, tried);
}

/** Notes what it sets out to delete: what a lost try of the same request deleted is no longer live in the next one. */
function deleteLive(
  ports: Pick<Ports, 'clock'>,
  owner: Owner,
  which: (password: AppPassword) => boolean,
  tried: Set<string>,
) {
  const live = owner.passwords.filter((password) => password.state !== 'deleted' && which(password));
  for (const { id } of live) tried.add(id);
  return {
    result: undefined,
    ...(live.length > 0 && {
      change: deletion(owner, live, ports.clock.now()),
    }),
  };
}

function report(ports: Pick<Ports, 'audit'>, person: PersonKey, tried: ReadonlySet<string>): Deleted {
  for (const appPassword of tried) ports.audit.record({ event: 'app-password.deleted', person, appPassword });
  return { kind: 'deleted', count: tried.size };
}

function deletion(owner: Owner, live: readonly Versioned<AppPassword>[], now: number): Change {
  return {
    profile: touch(owner.profile, { count: owner.profile.count - live.length }),
    update: live.map((password) => ({
      password,
      set: { state: 'deleted', deletedAt: now },
    })),
  };
}
