import type { Ports } from '../ports.ts';
import type { Activity, Actor, AppPassword, Caller } from './person.ts';
import { oidOf } from './person.ts';

/** An entry of what the person reads about a change; it is written in the same transaction. */
export function entry(
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
  kind: Activity['kind'],
  actor: Pick<Actor, 'kind'>,
  about: { readonly appPassword?: Pick<AppPassword, 'id' | 'name'>; readonly count?: number } = {},
): Activity {
  const at = clock.now();
  return {
    key: activityKey(at, random.uuid()),
    at,
    kind,
    by: actor.kind === 'application' ? 'administrator' : actor.kind,
    appPassword:
      about.appPassword === undefined ? null : { id: about.appPassword.id, name: about.appPassword.name },
    count: about.count ?? null,
  };
}

/** Keys sort by time. */
function activityKey(at: number, id: string): string {
  return `${activityPrefix}${String(at).padStart(15, '0')}.${id}`;
}

/** How the key of every entry begins. */
export const activityPrefix = 'activity.';

/** The caller, acting on what is the caller's own. */
export function self({ person }: Caller): Actor {
  return { kind: 'person', id: oidOf(person) };
}
