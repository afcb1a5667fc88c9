import type { User } from '../local/identities.ts';
import type { Username } from '../shared/domain/username/username.ts';

/**
 * Groups of two people, each of whom the directory may give three names. Where one is to get a name of the other,
 * theirs is spelled in full-width letters, as the identity provider knows a name once; both are one username
 * (RFC 8265 section 3.3.2).
 */
export const labels = ['red', 'green', 'blue'] as const;

export type Who = 'x' | 'y';
export type Label = (typeof labels)[number];

export const nameOf = (group: number, label: Label) => `${label}${group}@example.com` as Username;
export const oidOf = (group: number, who: Who) => `group-${group}-${who}`;

/** The name by which the identity provider knows a person under a username. */
export function signInName(who: Who, username: Username): string {
  if (who === 'x') return username;
  return username.replace(/^[a-z]+/, (letters) =>
    [...letters].map((c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join(''),
  );
}

/** Everybody of the first groups, under each name that they may have. */
export function everybody(groups: number): User[] {
  return Array.from({ length: groups }, (_, group) =>
    labels.flatMap((label) =>
      (['x', 'y'] as const).map((who) => ({
        username: signInName(who, nameOf(group, label)),
        oid: oidOf(group, who),
      })),
    ),
  ).flat();
}
