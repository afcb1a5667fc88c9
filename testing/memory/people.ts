import { sampleUsers, tenantId, type User } from '../../local/identities.ts';
import { createAppPassword } from '../../shared/domain/app-password/create.ts';
import { listAppPasswords } from '../../shared/domain/app-password/list.ts';
import type { NewAppPassword } from '../../shared/domain/app-password/new-app-password.ts';
import { type Typed, verifyCredentials } from '../../shared/domain/gateway/verify.ts';
import type { Actor, Caller } from '../../shared/domain/person/caller.ts';
import { personKey } from '../../shared/domain/person/person.ts';
import { defaultPolicy, type Policy } from '../../shared/domain/policy/policy.ts';
import type { Ports } from '../../shared/domain/ports.ts';
import { type Username, usernameOfToken } from '../../shared/domain/username/username.ts';
import type { Instance } from './world.ts';

export const [alice, bob] = sampleUsers as [User, User];

/** Somebody who acts on what is somebody else's. */
export const administrator: Actor = { kind: 'administrator', id: bob.oid };

/** A signal that nothing aborts. */
export const { signal } = new AbortController();

/** A person as a token says it, issued now. */
function callerOf(
  { username, oid, roles = [] }: User,
  { clock, usernameRules }: Pick<Ports, 'clock' | 'usernameRules'>,
): Caller {
  return {
    person: personKey(tenantId, oid),
    username: usernameOfToken(username, usernameRules) as Username,
    issuedAt: clock.now(),
    source: 'token',
    roles,
    proof: { amr: ['pwd', 'mfa'], acrs: [], authenticatedAt: clock.now() },
  };
}

/** What a request for a new app password says, if it says only a name. */
export function wanted(change: Partial<NewAppPassword> = {}): NewAppPassword {
  return {
    name: 'Phone',
    expiresAt: null,
    lifetimeDays: null,
    protocols: null,
    idempotencyKey: undefined,
    ...change,
  };
}

/** The use cases of one person, on one instance. */
export function personOn({ ports }: Pick<Instance, 'ports'>, user: User) {
  const caller = () => callerOf(user, ports);
  const create = (change: Partial<NewAppPassword> = {}) =>
    createAppPassword(ports, { caller: caller(), wanted: wanted(change) }, signal);
  return {
    ...caller(),
    caller,
    create,
    /** An app password that was made. */
    async made(change: Partial<NewAppPassword> = {}) {
      const result = await create(change);
      if (result.kind !== 'created') throw new Error(result.kind);
      return { ...result.appPassword, secret: result.password };
    },
    list: () => listAppPasswords(ports, caller(), signal),
    /** Asks as a gateway for IMAP does, and says whether the answer is yes. */
    async opens(secret: string, change: Partial<Typed> = {}) {
      return (
        (await verifyCredentials(ports, typed(user.username, secret, change), signal)).kind === 'verified'
      );
    },
  };
}

/** Has a policy in force that differs from the usual one in this. */
export async function putPolicy({ ports: { policy } }: Pick<Instance, 'ports'>, change: Partial<Policy>) {
  const { version } = await policy.stored(signal);
  await policy.write({ ...defaultPolicy, ...change }, version, signal);
}

/** What a gateway for IMAP hands on. */
export function typed(username: string, password: string, change: Partial<Typed> = {}): Typed {
  const origin = { gateway: 'mail', protocol: 'imap', clientAddress: '192.0.2.1' } as const;
  return { username, password, goesOnWith: 'canonical', origin, ...change };
}
