import type { Call, ValueOf } from '../client/api.ts';
import type { AccountChange, Confirmation, Counts, PersonQuery, Policy } from '../client/openapi.ts';

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

/** An administrator's calls. */
export function adminApiWith(call: Call) {
  const place = (person: string) => `/api/admin/people/${encodeURIComponent(person)}`;
  const one = (person: string, id: string) => `${place(person)}/app-passwords/${encodeURIComponent(id)}`;
  return {
    find: (username: string) =>
      call<ValueOf<'findPerson'>>('POST', '/api/admin/people/find', { username } satisfies PersonQuery),
    person: (person: string) => call<ValueOf<'getPerson'>>('GET', place(person)),
    change(person: string, change: PersonChange) {
      switch (change.kind) {
        case 'suspend':
        case 'resume':
          return call<unknown>('POST', `${one(person, change.id)}/${change.kind}`);
        case 'delete':
          return call<unknown>('DELETE', one(person, change.id));
        case 'delete-all':
          return call<unknown>('POST', `${place(person)}/delete-all`, {
            confirm: true,
          } satisfies Confirmation);
        case 'enable':
        case 'disable':
          return call<unknown>('PATCH', place(person), {
            account: `${change.kind}d`,
          } satisfies AccountChange);
        case 'username':
          return call<unknown>('PATCH', place(person), {
            username: change.username,
          } satisfies AccountChange);
        case 'erase':
          return call<unknown>('DELETE', place(person));
      }
    },
    policy: () => call<ValueOf<'getPolicy'>>('GET', '/api/admin/policy'),
    /** @param etag of the policy that this one replaces */
    changePolicy: (policy: Policy, etag: string) =>
      call<ValueOf<'setPolicy'>>('PUT', '/api/admin/policy', policy, { 'if-match': etag }),
    report: (continuation: string | null) =>
      call<ValueOf<'getReport'>>(
        'GET',
        `/api/admin/report${continuation === null ? '' : `?${new URLSearchParams({ continuation })}`}`,
      ),
    directory: () => call<ValueOf<'getDirectory'>>('GET', '/api/admin/directory'),
  };
}
