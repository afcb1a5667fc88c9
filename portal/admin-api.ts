import type { Policy } from '../shared/domain/policy/policy.ts';
import type { Counts } from '../shared/domain/report/counts.ts';
import type { AppPassword, Call, Change, Refusals } from './api.ts';

/** A person, as an administrator sees them. */
export interface AdminPerson {
  /** Immutable; the `oid` of the directory. */
  readonly id: string;
  readonly username: string;
  readonly account: Account;
  readonly registeredAt: string | null;
  readonly limit: number;
  readonly remaining: number;
  readonly appPasswords: readonly AdminAppPassword[];
  readonly deleted: readonly DeletedAppPassword[];
  /** Of passwords that this person never had. */
  readonly refusals: Refusals | null;
  readonly changes: readonly Change[];
}

type Account = 'enabled' | 'disabled';

export interface AdminAppPassword extends AppPassword {
  /** The second factor with which it was made. */
  readonly proof: {
    /** RFC 8176. */
    readonly amr: readonly string[];
    readonly acrs: readonly string[];
    readonly authenticatedAt: string | null;
  } | null;
  readonly refusals: Refusals | null;
}

export interface DeletedAppPassword extends Pick<AppPassword, 'id' | 'name' | 'createdAt' | 'lastUsed'> {
  readonly deletedAt: string;
  readonly refusals: Refusals | null;
}

/** A change that an administrator makes to a person. */
export type PersonChange =
  | { readonly kind: 'suspend' | 'resume' | 'delete'; readonly id: string }
  | { readonly kind: 'delete-all' | 'enable' | 'disable' | 'erase' }
  | { readonly kind: 'username'; readonly username: string };

/** The numbers of the report, in the order in which they are shown. */
export const counted = [
  'people',
  'disabledPeople',
  'peopleWithAppPasswords',
  'appPasswords',
  'active',
  'suspended',
  'expired',
  'neverUsed',
  'unused30Days',
  'unused90Days',
  'unused365Days',
  'expiringIn30Days',
  'createdWithin30Days',
  'createdWithin90Days',
  'createdWithin365Days',
  'olderThan365Days',
  'restricted',
  'refused',
  'refusals',
] as const satisfies readonly (keyof Counts)[];

/** One page of the report. */
export interface ReportPage {
  readonly counts: Counts;
  readonly continuation: string | null;
}

/** What is known of the directory. */
export interface Directory {
  readonly configured: boolean;
  readonly lastSuccessAt: string | null;
  readonly isCheckingEverybody: boolean;
}

/** An administrator's calls. */
export function adminApiWith(call: Call) {
  const place = (person: string) => `/api/admin/people/${encodeURIComponent(person)}`;
  const one = (person: string, id: string) => `${place(person)}/app-passwords/${encodeURIComponent(id)}`;
  return {
    find: (username: string) => call<{ readonly id: string }>('POST', '/api/admin/people/find', { username }),
    person: (person: string) => call<AdminPerson>('GET', place(person)),
    change(person: string, change: PersonChange) {
      switch (change.kind) {
        case 'suspend':
        case 'resume':
          return call<unknown>('POST', `${one(person, change.id)}/${change.kind}`);
        case 'delete':
          return call<unknown>('DELETE', one(person, change.id));
        case 'delete-all':
          return call<unknown>('POST', `${place(person)}/delete-all`, { confirm: true });
        case 'enable':
        case 'disable':
          return call<unknown>('PATCH', place(person), { account: `${change.kind}d` });
        case 'username':
          return call<unknown>('PATCH', place(person), { username: change.username });
        case 'erase':
          return call<unknown>('DELETE', place(person));
      }
    },
    policy: () => call<Policy>('GET', '/api/admin/policy'),
    /** @param etag of the policy that this one replaces */
    changePolicy: (policy: Policy, etag: string) =>
      call<Policy>('PUT', '/api/admin/policy', policy, { 'if-match': etag }),
    report: (continuation: string | null) =>
      call<ReportPage>(
        'GET',
        `/api/admin/report${continuation === null ? '' : `?${new URLSearchParams({ continuation })}`}`,
      ),
    directory: () => call<Directory>('GET', '/api/admin/directory'),
  };
}
