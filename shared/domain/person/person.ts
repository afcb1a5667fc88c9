import type { UsernameKey } from '../username/username.ts';

/** A person, for ever: `<tid>.<oid>`. Never derived from a username. */
export type PersonKey = string & { readonly __brand: 'PersonKey' };

export function personKey(tid: string, oid: string): PersonKey {
  return `${tid}.${oid}` as PersonKey;
}

/** The tenant of a person (`tid`). */
export function tenantOf(person: PersonKey): string {
  return person.slice(0, person.indexOf('.'));
}

/** The immutable id of a person in the directory (`oid`). */
export function oidOf(person: PersonKey): string {
  return person.slice(person.indexOf('.') + 1);
}

/** Stands in for the person of an unknown username, so that a refusal costs the same reads. It owns nothing. */
export function nobody(username: UsernameKey): PersonKey {
  return `nobody.${username}` as PersonKey;
}

/** Stands in for the holder of a username that was released. It owns nothing, and nobody is it, as no `oid` has a dot. */
export function noHolder(tid: string): PersonKey {
  return personKey(tid, idOfNoHolder);
}

export function isNoHolder(person: PersonKey): boolean {
  return oidOf(person) === idOfNoHolder;
}

const idOfNoHolder = 'no.owner';
