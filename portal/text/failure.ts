import type { Answer } from '../client/api.ts';
import type { Text } from './languages/en.ts';

type Failed = Extract<Answer<unknown>, { kind: 'fault' | 'problem' }>;

/** What a person is told of a failure. */
export interface Failure {
  readonly words: string;
  /** The field that has to be filled in otherwise, as in `name`. */
  readonly field?: string;
  /** Whether the same, tried once more, may succeed. */
  readonly isPassing: boolean;
}

/**
 * Finds the words for a failure.
 *
 * @param isChange whether something was to be changed, so that after a fault nobody knows whether it was
 */
export function tell(failed: Failed, text: Text, { isChange = false, limit = 0 } = {}): Failure {
  if (failed.kind === 'fault') {
    const words = failed.isOffline ? text.offline : isChange ? text.faultUnknown : text.fault;
    return { words, isPassing: true };
  }
  const { slug } = failed;
  if (slug === 'limit-reached') return { words: text.limitReached(limit), isPassing: false };
  const field = failed.field?.split('.')[0];
  if (slug === 'invalid-request' && field !== undefined)
    return { words: text.invalid[field] ?? text.otherProblem, field, isPassing: false };
  return { words: text.problems[slug] ?? text.otherProblem, isPassing: slug === 'too-many-requests' };
}
