import type { Actor } from '../person/caller.ts';
import { unlessLost } from '../person/change.ts';
import type { Ports } from '../ports.ts';
import type { Versioned } from '../versioned.ts';
import type { Policy } from './policy.ts';

export interface NewPolicy {
  readonly policy: Policy;
  /** Says whether a version is one that it may replace. */
  readonly mayReplace: (version: string) => boolean;
}

export type PolicySet =
  | { readonly kind: 'set'; readonly policy: Versioned<Policy> }
  | { readonly kind: 'precondition-failed' };

/**
 * Replaces the policy. It holds at once on this instance, and within 60 seconds on the others.
 *
 * @throws Unavailable when storage is away.
 */
export async function setPolicy(
  ports: Pick<Ports, 'policy' | 'audit'>,
  { actor, policy, mayReplace }: NewPolicy & { readonly actor: Actor },
  signal: AbortSignal,
): Promise<PolicySet> {
  const before = await ports.policy.stored(signal);
  if (isSame(before, policy)) return { kind: 'set', policy: before };
  if (!mayReplace(before.version)) return { kind: 'precondition-failed' };
  // The answer may have been lost, or what came back may be that to the repeat of our own request.
  const written = await unlessLost(ports.policy.write(policy, before.version, signal), signal);
  const stored = written ?? (await ports.policy.stored(signal));
  if (written === undefined && !isSame(stored, policy)) return { kind: 'precondition-failed' };
  ports.audit.record({ event: 'policy.changed', actor, policy });
  return { kind: 'set', policy: stored };
}

function isSame({ version: _, ...stored }: Versioned<Policy>, policy: Policy): boolean {
  const sorted = (value: Policy) =>
    JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(stored) === sorted(policy);
}
