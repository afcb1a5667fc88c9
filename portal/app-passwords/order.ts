import { now } from '../client/clock.ts';
import type { AppPassword } from '../client/openapi.ts';

/** What a list can be sorted by. */
export const orders = ['created', 'used', 'name'] as const;

export type Order = (typeof orders)[number];

/**
 * Sorts a list.
 *
 * @param order `unused` is for who has to delete one: never used ones first, then by how long ago
 * @param language whose alphabet names follow
 */
export function sorted(
  appPasswords: readonly AppPassword[],
  order: Order | 'unused',
  language: string,
): readonly AppPassword[] {
  const used = ({ lastUsed }: AppPassword) => lastUsed?.at ?? '';
  const age = (it: AppPassword) => `${it.lastUsed === null ? 0 : 1}${it.lastUsed?.at ?? it.createdAt}`;
  const collator = new Intl.Collator(language, { numeric: true });
  const compare: Record<Order | 'unused', (a: AppPassword, b: AppPassword) => number> = {
    // As the service has it.
    created: () => 0,
    used: (a, b) => (used(a) < used(b) ? 1 : used(a) > used(b) ? -1 : 0),
    name: (a, b) => collator.compare(a.name, b.name),
    unused: (a, b) => (age(a) < age(b) ? -1 : 1),
  };
  return [...appPasswords].sort(compare[order]);
}

/** So long, in milliseconds, without use looks as if the device is gone. */
const long = 90 * 86_400_000;

/** Whether one was never used, or not for long. */
export function isUnused({ lastUsed }: AppPassword): boolean {
  return lastUsed === null || Date.parse(lastUsed.at) < now() - long;
}

/** Whether a name has what is searched for, whatever the case, the accents, and the form they are written in. */
export function matches(name: string, search: string): boolean {
  return plain(name).includes(plain(search.trim()));
}

function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
