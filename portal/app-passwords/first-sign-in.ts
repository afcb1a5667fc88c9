import { useState } from 'preact/hooks';
import type { AppPassword } from '../client/openapi.ts';
import { usePolling } from '../client/use-polling.ts';

/** An app password that was just made, of which the page waits for the first sign-in. */
export interface Watched {
  readonly id: string;
  readonly name: string;
  /** When it was made, in milliseconds on the clock of `performance.now`. */
  readonly since: number;
}

/** How far that is: after two minutes something may be wrong, after ten nobody waits any more. */
export type FirstSignIn = 'waiting' | 'late' | 'done' | 'given-up';

const often = 3000;
const late = 120_000;
const end = 600_000;

/**
 * Looks whether the device has signed in.
 *
 * @param refresh reads the list again
 */
export function useFirstSignIn(
  watched: Watched | undefined,
  appPasswords: readonly AppPassword[],
  refresh: () => Promise<void>,
): FirstSignIn | undefined {
  const [, draw] = useState({});
  const age = watched && performance.now() - watched.since;
  const isDone = appPasswords.some(({ id, lastUsed }) => id === watched?.id && lastUsed !== null);
  const isWaiting = age !== undefined && age < end && !isDone;
  const look = async () => {
    await refresh();
    draw({});
  };
  usePolling(isWaiting ? look : undefined, often);
  if (age === undefined) return undefined;
  if (isDone) return 'done';
  return isWaiting ? (age < late ? 'waiting' : 'late') : 'given-up';
}
