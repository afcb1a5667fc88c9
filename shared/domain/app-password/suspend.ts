import { entry } from '../person/activity.ts';
import type { Actor } from '../person/caller.ts';
import { type ChangePorts, changePerson, touch } from '../person/change.ts';
import { byId, type NotFound } from '../person/own-change.ts';
import type { PersonKey } from '../person/person.ts';
import type { Ports } from '../ports.ts';
import type { AppPassword, SuspensionReason } from './app-password.ts';
import { effective } from './effective-state.ts';

export type SuspensionResult =
  | { readonly kind: 'changed'; readonly appPassword: AppPassword }
  | { readonly kind: 'account-disabled' }
  | NotFound;

/**
 * Suspends one of a person's app passwords, or lifts that, for an administrator. Resuming lifts what an administrator
 * may lift: a suspension by one, and that after a restore. What follows from the account or from long disuse stays.
 *
 * @returns `account-disabled` for resuming one of a disabled account.
 * @throws Unavailable when storage is away.
 */
export async function suspendOrResume(
  ports: ChangePorts & Pick<Ports, 'policy'>,
  {
    actor,
    kind,
    person,
    id,
  }: { readonly person: PersonKey; readonly id: string } & {
    readonly actor: Actor;
    readonly kind: 'suspended' | 'resumed';
  },
  signal: AbortSignal,
): Promise<SuspensionResult> {
  const policy = await ports.policy.read(signal);
  return changePerson<SuspensionResult>(ports, { person, signal }, ({ profile, ...rest }) => {
    if (profile === undefined) return { result: { kind: 'not-found' } };
    const password = byId({ profile, ...rest }, id);
    if (password === undefined || password.state === 'deleted') return { result: { kind: 'not-found' } };
    if (kind === 'resumed' && profile.account === 'disabled') return { result: { kind: 'account-disabled' } };
    const ofAccount = password.suspendedFor.filter((reason) => reason === 'account');
    const set = suspension(
      kind === 'resumed' ? ofAccount : [...new Set([...password.suspendedFor, 'administrator' as const])],
    );
    const appPassword = effective({ ...password, ...set }, policy, ports.clock.now());
    const result = { kind: 'changed', appPassword } as const;
    if (set.suspendedFor.length === password.suspendedFor.length) return { result };
    const activity = entry(ports, { kind, actor, appPassword: password });
    const records = [{ event: `app-password.${kind}`, actor, person, appPassword: password.id } as const];
    return { result, change: { profile: touch(profile), activity, records, update: [{ password, set }] } };
  });
}

/** The columns that say for which reasons a password is suspended; it works when none is left. */
export function suspension(suspendedFor: readonly SuspensionReason[]) {
  return { state: suspendedFor.length > 0 ? 'suspended' : 'active', suspendedFor } as const;
}
