import type { AppPassword } from '../app-password/app-password.ts';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { Actor } from './caller.ts';

/** What changed, and who changed it, as its owner reads it. */
export interface Activity {
  readonly key: string;
  readonly at: number;
  readonly kind:
    | 'created'
    | 'renamed'
    | 'deleted'
    | 'deleted-all'
    | 'revived'
    | 'suspended'
    | 'resumed'
    | 'restored'
    | 'account-disabled'
    | 'account-enabled'
    | 'account-deleted'
    | 'username-changed';
  readonly by: 'person' | 'administrator' | 'directory' | 'operator';
  /** The one that it was about, with the name that it had. */
  readonly appPassword: Pick<AppPassword, 'id' | 'name'> | null;
  /** How many it was about, where it was about several. */
  readonly count: number | null;
}

/** An entry of what the person reads about a change; it is written in the same transaction. */
export function entry(
  { clock, random }: { readonly clock: Pick<Clock, 'now'>; readonly random: Pick<Random, 'uuid'> },
  about: {
    readonly kind: Activity['kind'];
    readonly actor: Pick<Actor, 'kind'>;
    readonly appPassword?: Pick<AppPassword, 'id' | 'name'>;
    readonly count?: number;
  },
): Activity {
  const { kind, actor, appPassword, count = null } = about;
  const at = clock.now();
  return {
    key: activityKey(at, random.uuid()),
    at,
    kind,
    by: actor.kind === 'application' ? 'administrator' : actor.kind,
    appPassword: appPassword === undefined ? null : { id: appPassword.id, name: appPassword.name },
    count,
  };
}

/** Keys sort by time. */
function activityKey(at: number, id: string): string {
  return `${activityPrefix}${String(at).padStart(15, '0')}.${id}`;
}

/** How the key of every entry begins. */
export const activityPrefix = 'activity.';
