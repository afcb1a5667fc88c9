import type { RefusalReason } from './app-password/app-password.ts';
import type { VerifyOrigin } from './gateway/gateway.ts';
import type { Actor, Viewer } from './person/caller.ts';
import type { PersonKey } from './person/person.ts';
import type { Policy } from './policy/policy.ts';
import type { Username } from './username/username.ts';
import type { UsernameProof } from './username/username-proof.ts';

/** One structured record of what happened; it never holds a secret, nor what somebody typed as a username. */
export type AuditRecord =
  | {
      readonly event: 'app-password.created';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly appPassword: string;
      readonly operation: 'create' | 'register';
    }
  | {
      readonly event: 'app-password.not-created';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly reason: string;
      readonly operation: 'create' | 'register';
    }
  | {
      readonly event:
        | 'app-password.renamed'
        | 'app-password.deleted'
        | 'app-password.revived'
        | 'app-password.suspended'
        | 'app-password.resumed';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly appPassword: string;
    }
  | {
      readonly event: 'app-password.rewritten';
      readonly person: PersonKey;
      readonly appPassword: string;
    }
  | {
      readonly event: 'app-passwords.listed';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly count: number;
    }
  | {
      readonly event: 'account.disabled' | 'account.enabled' | 'account.deleted' | 'person.erased';
      readonly actor: Actor;
      readonly person: PersonKey;
    }
  | {
      readonly event: 'person.viewed' | 'person.found';
      readonly actor: Viewer;
      readonly person: PersonKey;
    }
  /** Somebody looked for a person who is not here, or at everybody. */
  | { readonly event: 'person.not-found' | 'report.viewed'; readonly actor: Viewer }
  | {
      readonly event: 'username.changed';
      readonly actor: Actor;
      readonly person: PersonKey;
      readonly from: Username;
      readonly to: Username;
    }
  | {
      readonly event: 'person.restored';
      readonly actor: Actor;
      readonly person: PersonKey;
      /** How many app passwords came back. */
      readonly count: number;
    }
  | { readonly event: 'policy.changed'; readonly actor: Actor; readonly policy: Policy }
  | {
      readonly event: 'username.claimed';
      readonly person: PersonKey;
      readonly username: Username;
      readonly from: PersonKey | null;
      readonly source: UsernameProof['source'];
    }
  | { readonly event: 'username.released'; readonly person: PersonKey; readonly username: Username }
  | ({
      readonly event: 'verify.accepted';
      readonly person: PersonKey;
      readonly appPassword: string;
      /** From the accepted gateway key to the answer, in milliseconds. */
      readonly durationMs: number;
    } & VerifyOrigin)
  | RefusedVerify
  | CountedGuesses
  | {
      readonly event: 'gateway.new-network';
      readonly gateway: string;
      /** As in `203.0.113.0/24`. */
      readonly network: string;
      /** The gateway was never used before. */
      readonly isFirst: boolean;
    }
  /** All changes of the directory up to now are followed. */
  | { readonly event: 'directory.followed'; readonly people: number };

export interface RefusedVerify<Reason extends RefusalReason = RefusalReason> extends VerifyOrigin {
  readonly event: 'verify.refused';
  readonly reason: Reason;
  readonly person: PersonKey | null;
  readonly appPassword: string | null;
  readonly durationMs: number;
}

/** Why a guess is wrong: there is no such person, or none of this person's app passwords is it. */
export type WrongGuess = Extract<RefusalReason, 'unknown-username' | 'unknown-app-password'>;

/** What cannot be an app password, or many that nobody has, counted. */
export interface CountedGuesses {
  readonly event: 'verify.refused';
  readonly reason: 'not-an-app-password' | WrongGuess;
  readonly gateway: string;
  readonly count: number;
  /** Where most of it came from, the most first; a network as in `203.0.113.0/24`. */
  readonly networks: readonly { readonly network: string; readonly count: number }[];
}

/** A request to manage app passwords, or to administrate, that was refused. */
export interface ManagementRefusal {
  readonly event: 'management.refused';
  readonly act: ManagementAct;
  readonly reason: ManagementRefusalReason;
  /** Who asked (`oid`, or the application's id), where the token's signature is right; else null. */
  readonly caller: string | null;
  /** The tenant of the caller (`tid`), where the token's signature is right; else null. */
  readonly tenant: string | null;
}

/**
 * What a request is about: one's own app passwords, a new or revived one, for which the sign-in must be fresh, or what
 * an administrator does.
 */
export type ManagementAct = 'own' | 'own-recent' | 'read' | 'change' | 'set-policy';

export type ManagementRefusalReason =
  /** The token itself. */
  | 'no-token'
  | 'malformed-token'
  | 'wrong-signature'
  | 'expired-token'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-tenant'
  | 'wrong-client'
  | 'wrong-claim'
  /** The sign-in. */
  | 'no-second-factor'
  | 'old-sign-in'
  /** Who it is. */
  | 'no-scope'
  | 'no-role'
  | 'application'
  | 'own-account'
  | 'guest'
  | 'username-not-accepted'
  /** How often. */
  | 'too-many-requests'
  /** An app password that is not the caller's, or is not there. */
  | 'not-found';
