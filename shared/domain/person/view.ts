import type { AppPassword, Refusals } from '../app-password/app-password.ts';
import { effective, remaining } from '../app-password/effective-state.ts';
import { liveOnes } from '../app-password/list.ts';
import type { Ports } from '../ports.ts';
import { keyOfTyped, type Username } from '../username/username.ts';
import type { Activity } from './activity.ts';
import type { Caller, Viewer } from './caller.ts';
import type { NotFound } from './own-change.ts';
import type { PersonKey } from './person.ts';
import { isErased, type Person, type Profile } from './profile.ts';

/** What administrators and the helpdesk see of a person; never a password. */
export interface PersonView {
  readonly kind: 'person';
  readonly person: PersonKey;
  readonly profile: Profile;
  readonly limit: number;
  readonly remaining: number;
  /** As they stand, newest first. */
  readonly appPasswords: readonly AppPassword[];
  /** Those that are remembered, the last deleted first. */
  readonly deleted: readonly AppPassword[];
  readonly activity: readonly Activity[];
}

/** What a person reads about what happened. */
export interface ActivityView {
  readonly changes: readonly Activity[];
  readonly refused: readonly (AppPassword & { readonly refusals: Refusals })[];
}

/**
 * Finds who holds what somebody typed as a username.
 *
 * @throws Unavailable when storage is away.
 */
export async function findPerson(
  ports: Pick<Ports, 'usernames' | 'usernameRules' | 'audit'>,
  { viewer: actor, typed }: { readonly viewer: Viewer; readonly typed: string },
  signal: AbortSignal,
): Promise<{ kind: 'found'; person: PersonKey; username: Username } | NotFound> {
  const holder = await ports.usernames.holder(keyOfTyped(typed, ports.usernameRules, 'canonical'), signal);
  if (holder === undefined || holder.username === null) {
    ports.audit.record({ event: 'person.not-found', actor });
    return { kind: 'not-found' };
  }
  ports.audit.record({ event: 'person.found', actor, person: holder.person });
  return { kind: 'found', person: holder.person, username: holder.username };
}

/**
 * Shows a person to an administrator or the helpdesk.
 *
 * @throws Unavailable when storage is away.
 */
export async function viewPerson(
  ports: Pick<Ports, 'policy' | 'passwords' | 'audit' | 'clock'>,
  { viewer: actor, person }: { readonly viewer: Viewer; readonly person: PersonKey },
  signal: AbortSignal,
): Promise<PersonView | NotFound> {
  const [policy, found] = await Promise.all([
    ports.policy.read(signal),
    ports.passwords.person(person, signal),
  ]);
  const { profile, activity } = found;
  if (profile === undefined || isErased(profile)) {
    ports.audit.record({ event: 'person.not-found', actor });
    return { kind: 'not-found' };
  }
  ports.audit.record({ event: 'person.viewed', actor, person });
  return {
    kind: 'person',
    person,
    profile,
    limit: policy.limit,
    remaining: remaining(profile, policy),
    appPasswords: liveOnes(found, policy, ports.clock.now()),
    deleted: deletedOnes(found),
    activity,
  };
}

/**
 * Shows the caller what changed, and what was refused: also of app passwords that are deleted.
 *
 * @throws Unavailable when storage is away.
 */
export async function viewActivity(
  ports: Pick<Ports, 'policy' | 'passwords' | 'clock'>,
  { person }: Caller,
  signal: AbortSignal,
): Promise<ActivityView> {
  const [policy, found] = await Promise.all([
    ports.policy.read(signal),
    ports.passwords.person(person, signal),
  ]);
  const now = ports.clock.now();
  const refused = found.passwords
    .flatMap((password) => {
      const { refusals } = password;
      return refusals === null ? [] : [{ ...effective(password, policy, now), refusals }];
    })
    .sort((a, b) => lastAt(b) - lastAt(a));
  return { changes: found.activity, refused };
}

function lastAt({ refusals }: ActivityView['refused'][number]): number {
  return refusals.recent[0]?.at ?? refusals.writtenAt;
}

function deletedOnes({ passwords }: Person): AppPassword[] {
  return passwords
    .filter(({ state }) => state === 'deleted')
    .sort((a, b) => (b.deletedAt ?? 0) - (a.deletedAt ?? 0));
}
