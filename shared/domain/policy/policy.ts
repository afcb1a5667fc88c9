import type { Protocol } from '../gateway/protocol.ts';
import { type Caller, userRole } from '../person/caller.ts';

/** What the administrator allows, for everybody of the tenant. */
export interface Policy {
  /** Who may make app passwords: everybody, those with the app role, or nobody. */
  readonly creation: 'everybody' | 'app-role' | 'nobody';
  /** Whether any app password works at all. */
  readonly verification: 'allowed' | 'denied';
  /** After how many days an app password stops working at the latest. */
  readonly maximumLifetimeDays: number | null;
  /** After how many days without use an app password is suspended. */
  readonly idleDays: number | null;
  /** The protocols that app passwords may be used for; null for all. */
  readonly protocols: readonly Protocol[] | null;
  /** How many app passwords a person may have. */
  readonly limit: number;
}

/** How many app passwords a person may have at most, whatever the policy says. */
export const highestLimit = 40;

/** What holds until an administrator says otherwise. */
export const defaultPolicy: Policy = {
  creation: 'everybody',
  verification: 'allowed',
  maximumLifetimeDays: null,
  idleDays: null,
  protocols: null,
  limit: highestLimit,
};

export function mayCreate({ creation }: Policy, { roles }: Caller): boolean {
  return creation === 'everybody' || (creation === 'app-role' && roles.includes(userRole));
}
