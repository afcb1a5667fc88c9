import { type HostProcess, startHost } from '../local/host-process.ts';
import { sampleUsers, type User } from '../local/identities.ts';
import { signIn } from '../local/sign-in.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { root, runningStack } from '../local/stack-file.ts';
import type { Tables } from '../shared/tables/tables.ts';
import { startStore } from './store.ts';

/** What an end-to-end test needs: a running service, whoever runs it. */
export interface Target {
  readonly origin: string;
  readonly gatewayKey: string;
  /** An access token from a real sign-in. */
  token(username: string, options?: { secondFactor?: boolean }): Promise<string>;
  close(): Promise<void>;
}

/** The service on this machine, with what lies behind it in reach of the test. */
export interface Service extends Target {
  readonly stack: Stack;
  readonly host: HostProcess;
  readonly tables: Tables;
  /**
   * Another functions host over the same stores, as another instance in the cloud.
   *
   * @param port where it listens, for a page that the identity provider must know; else anywhere
   */
  anotherHost(settings?: Record<string, string>, port?: number): Promise<HostProcess>;
}

export interface ServiceOptions {
  /** People beside alice and bob; two may share one oid, as a renamed person. */
  readonly users?: readonly User[];
  /** Settings in the place of the stack's. */
  readonly settings?: (stack: Stack) => Record<string, string> | Promise<Record<string, string>>;
  /** The Key Vault's time, in milliseconds. */
  readonly vaultNow?: () => number;
  /** Where the host listens, for a page that the identity provider must know; else anywhere. */
  readonly port?: number;
}

/** Starts the stack in memory and the built bundle on a functions host. */
export async function startService({
  users = [],
  settings,
  vaultNow,
  port = 0,
}: ServiceOptions = {}): Promise<Service> {
  const store = await startStore();
  const stack = await startStack({
    tables: store,
    origin: `http://127.0.0.1:${port}`,
    users: [...sampleUsers, ...users],
    ...(vaultNow && { vaultNow }),
  });
  const values = { ...stack.settings, ...(await settings?.(stack)) };
  const host = await startHost(root, values, { port });
  const hosts = [host];
  return {
    origin: host.origin,
    gatewayKey: stack.gatewayKey,
    stack,
    host,
    tables: store.tables,
    token: (username, options) => signIn(stack.issuer, username, options),
    async anotherHost(more = {}, port = 0) {
      const another = await startHost(root, { ...values, ...more }, { port });
      hosts.push(another);
      return another;
    },
    async close() {
      await Promise.all(hosts.map((it) => it.stop()));
      await stack.close();
    },
  };
}

/**
 * The service that end-to-end tests speak to: whatever answers at E2E_ORIGIN beside a running local stack, or else
 * one of their own.
 */
export async function target(): Promise<Target> {
  const origin = process.env.E2E_ORIGIN;
  if (origin === undefined) return startService();
  const stack = runningStack();
  if (stack === undefined)
    throw new Error('E2E_ORIGIN needs the identity provider of a running "npm run stack"');
  const { issuer, gatewayKey } = stack;
  return {
    origin: origin.replace(/\/$/, ''),
    gatewayKey,
    token: (username, options) => signIn(issuer, username, options),
    close: async () => {},
  };
}
