import { entry } from '../person/activity.ts';
import type { Actor } from '../person/caller.ts';
import { type ChangePorts, changePerson, touch, unlessLost } from '../person/change.ts';
import type { NotFound } from '../person/own-change.ts';
import { isNoHolder, type PersonKey } from '../person/person.ts';
import { isErased, type Profile } from '../person/profile.ts';
import type { Ports } from '../ports.ts';
import { type HeldUsername, releaseFully } from './claim-username.ts';
import { claimOfNobody, isGivenUp } from './former-username.ts';
import type { Username } from './username.ts';

export type ReleasePorts = ChangePorts & Pick<Ports, 'usernames'>;

/** What became of a username: `person` had it; it was nobody's since `at`; or it stands for another username, and goes with that. */
export type Released =
  | { readonly kind: 'released'; readonly person: PersonKey }
  | { readonly kind: 'already-released'; readonly at: number }
  | { readonly kind: 'alias'; readonly aliasOf: Username };

/**
 * Makes a username nobody's, with the mail address that stands for it. A proof from before this does not bring it back;
 * the first later one does, whoever's it is; until then it is a former one of its holder's. App passwords stay that one's,
 * who reads of it: that is written first, so that no username is released without a trace.
 *
 * @returns `not-found` for a username that nobody holds
 * @throws Unavailable when storage is away; doing it again does the rest.
 */
export async function releaseToNobody(
  ports: ReleasePorts,
  { actor, username }: { readonly actor: Actor; readonly username: Username },
  signal: AbortSignal,
): Promise<Released | NotFound> {
  const held = await ports.usernames.read(username, signal);
  if (held === undefined || isGivenUp(held)) return { kind: 'not-found' };
  const { person, issuedAt, aliasOf } = held;
  if (isNoHolder(person)) return { kind: 'already-released', at: issuedAt };
  if (aliasOf !== null) return { kind: 'alias', aliasOf };
  await changePerson(ports, { person, signal }, async ({ profile }) => {
    if (profile === undefined || isErased(profile)) return { result: undefined };
    const mail = await withoutAlias(ports, { person, username, mail: profile.mail }, signal);
    const activity = entry(ports, { kind: 'username-changed', actor });
    return { result: undefined, change: { profile: touch(profile, { mail }), activity } };
  });
  while (!(await claimForNobody(ports, { person, username }, signal)));
  ports.audit.record({ event: 'username.released', person, username });
  return { kind: 'released', person };
}

/** Releases the mail address if it stands for the username. @returns what is left of it */
async function withoutAlias(
  ports: ReleasePorts,
  { person, username, mail }: HeldUsername & Pick<Profile, 'mail'>,
  signal: AbortSignal,
): Promise<Username | null> {
  if (mail === null || (await ports.usernames.read(mail, signal))?.aliasOf !== username) return mail;
  await releaseFully(ports, { person, username: mail }, signal);
  return null;
}

/** Takes a username from its holder, unless it is somebody else's by now; false if it changed in between. */
async function claimForNobody(
  { usernames, clock }: ReleasePorts,
  { person, username }: HeldUsername,
  signal: AbortSignal,
): Promise<boolean> {
  const held = await usernames.read(username, signal);
  if (held?.person !== person) return true;
  const now = clock.now();
  // This machine's clock may be behind the one of whoever gave the proof.
  const claim = claimOfNobody({ person, username }, { issuedAt: Math.max(now, held.issuedAt), since: now });
  return (await unlessLost(usernames.write(claim, held, signal), signal)) ?? false;
}
