import { entry } from '../person/activity.ts';
import { self } from '../person/caller.ts';
import { touch } from '../person/change.ts';
import { changeOwnPassword, type NotFound, type OwnPassword, type OwnPorts } from '../person/own-change.ts';
import type { Ports } from '../ports.ts';
import type { AppPassword } from './app-password.ts';
import { effective } from './effective-state.ts';

export interface Revived {
  readonly kind: 'revived';
  /** It may still be suspended for another reason, which only an administrator lifts. */
  readonly appPassword: AppPassword;
}

/**
 * Takes one of the caller's app passwords back into use that was suspended because it was not used for long.
 *
 * @throws Unavailable when storage is away.
 */
export async function reviveAppPassword(
  ports: OwnPorts & Pick<Ports, 'policy'>,
  { caller, id }: OwnPassword,
  signal: AbortSignal,
): Promise<Revived | NotFound | { readonly kind: 'account-disabled' }> {
  const policy = await ports.policy.read(signal);
  const actor = self(caller);
  return changeOwnPassword<Revived | { readonly kind: 'account-disabled' }>(
    ports,
    { caller, id, act: 'own-recent', signal },
    (password, owner) => {
      if (password.state === 'deleted') return { result: { kind: 'not-found' } };
      if (owner.profile.account === 'disabled') return { result: { kind: 'account-disabled' } };
      const now = ports.clock.now();
      const found = effective(password, policy, now);
      if (!found.suspendedFor.includes('idle')) return { result: { kind: 'revived', appPassword: found } };
      const set = { revivedAt: now };
      return {
        result: { kind: 'revived', appPassword: effective({ ...password, ...set }, policy, now) },
        change: {
          profile: touch(owner.profile),
          activity: entry(ports, { kind: 'revived', actor, appPassword: password }),
          records: [
            { event: 'app-password.revived', actor, person: caller.person, appPassword: password.id },
          ],
          update: [{ password, set }],
        },
      };
    },
  );
}
