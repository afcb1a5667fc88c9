import { entry } from '../person/activity.ts';
import { self } from '../person/caller.ts';
import { touch } from '../person/change.ts';
import { changeOwnPassword, type NotFound, type OwnPassword, type OwnPorts } from '../person/own-change.ts';
import type { Ports } from '../ports.ts';
import type { AppPassword } from './app-password.ts';
import { effective } from './effective-state.ts';

export interface Renamed {
  readonly kind: 'renamed';
  readonly appPassword: AppPassword;
}

/**
 * Gives one of the caller's app passwords another name.
 *
 * @throws Unavailable when storage is away.
 */
export async function renameAppPassword(
  ports: OwnPorts & Pick<Ports, 'policy'>,
  { caller, id, name }: OwnPassword & { readonly name: string },
  signal: AbortSignal,
): Promise<Renamed | NotFound> {
  const policy = await ports.policy.read(signal);
  const actor = self(caller);
  return changeOwnPassword<Renamed>(ports, { caller, id, act: 'own', signal }, (password, owner) => {
    if (password.state === 'deleted') return { result: { kind: 'not-found' } };
    const renamed: Renamed = {
      kind: 'renamed',
      appPassword: effective({ ...password, name }, policy, ports.clock.now()),
    };
    if (password.name === name) return { result: renamed };
    return {
      result: renamed,
      change: {
        profile: touch(owner.profile),
        activity: entry(ports, { kind: 'renamed', actor, appPassword: { id: password.id, name } }),
        records: [{ event: 'app-password.renamed', actor, person: caller.person, appPassword: password.id }],
        update: [{ password, set: { name } }],
      },
    };
  });
}
