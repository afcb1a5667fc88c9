import type { Answer } from '../client/api.ts';
import type { Text } from './en.ts';

type Failure = Extract<Answer<unknown>, { kind: 'fault' | 'problem' }>;

/**
 * What to tell a person about a failure.
 *
 * @param isChange whether something was to be changed, so that after a fault nobody knows whether it was
 */
export function tell(failure: Failure, text: Text, isChange: boolean, limit = 0): string {
  if (failure.kind === 'fault')
    return failure.isOffline ? text.offline : isChange ? text.faultUnknown : text.fault;
  if (failure.slug === 'limit-reached') return text.limitReached(limit);
  if (failure.slug === 'invalid-request')
    return text.invalid[failure.field?.split('.')[0] ?? ''] ?? text.otherProblem;
  return text.problems[failure.slug] ?? text.otherProblem;
}
