import type { HttpRequest } from '@azure/functions';
import type { AppPassword, Refusals } from '../domain/app-password/app-password.ts';
import type { Activity } from '../domain/person/activity.ts';
import { oidOf, type PersonKey, personKey } from '../domain/person/person.ts';
import type { ActivityView, PersonView } from '../domain/person/view.ts';
import { moment, momentOrNull, show, showLastUsed } from './app-password.ts';

/** The person that an administrator's request is about: the immutable id (`oid`) stands in its route. */
export function personIn({ params }: Pick<HttpRequest, 'params'>, tenantId: string): PersonKey {
  return personKey(tenantId, params.person ?? '');
}

/** What a person reads about what happened. */
export function showActivity({ changes, refused }: ActivityView) {
  return {
    changes: changes.map(showChange),
    refusals: refused.map(({ id, name, state, deletedAt, refusals }) => ({
      appPassword: { id, name, state, deletedAt: momentOrNull(deletedAt) },
      ...showRefusals(refusals),
    })),
  };
}

/** A person as an administrator sees them. */
export function showPerson(view: PersonView) {
  const { person, profile, limit, remaining, appPasswords, deleted, activity } = view;
  return {
    id: oidOf(person),
    username: profile.username,
    account: profile.account,
    registeredAt: momentOrNull(profile.registeredAt),
    limit,
    remaining,
    appPasswords: appPasswords.map(showForAdministrator),
    deleted: deleted.map(({ id, name, createdAt, deletedAt, lastUsed, refusals }) => ({
      id,
      name,
      createdAt: moment(createdAt),
      deletedAt: momentOrNull(deletedAt),
      lastUsed: showLastUsed(lastUsed),
      refusals: refusals && showRefusals(refusals),
    })),
    refusals: profile.refusals && showRefusals(profile.refusals),
    changes: activity.map(showChange),
  };
}

/** An app password with how it was made, and where it was refused. */
export function showForAdministrator(appPassword: AppPassword) {
  const { proof, refusals } = appPassword;
  return {
    ...show(appPassword),
    proof: proof && { ...proof, authenticatedAt: momentOrNull(proof.authenticatedAt) },
    refusals: refusals && showRefusals(refusals),
  };
}

function showRefusals({ count, since, recent }: Refusals) {
  return {
    count,
    since: moment(since),
    recent: recent.map((refusal) => ({ ...refusal, at: moment(refusal.at) })),
  };
}

function showChange({ at, kind, by, appPassword, count }: Activity) {
  return { at: moment(at), kind, by, appPassword, count };
}
