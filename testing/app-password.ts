import type { AppPassword, PasswordKey } from '../shared/domain/app-password/app-password.ts';

let made = 0;

/** A stored app password: active, never used, and made at the epoch. No two have the same key and id. */
export function appPassword(change: Partial<AppPassword> = {}): AppPassword {
  const number = `${++made}`;
  return {
    key: `version.${number.padStart(43, 'x')}` as PasswordKey,
    id: `00000000-0000-4000-8000-${number.padStart(12, '0')}`,
    name: 'Phone',
    createdAt: 0,
    expiresAt: null,
    protocols: null,
    state: 'active',
    suspendedFor: [],
    deletedAt: null,
    revivedAt: null,
    lastUsed: null,
    refusals: null,
    proof: null,
    requestKey: null,
    ...change,
  };
}
