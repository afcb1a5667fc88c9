import { PendingRefusals } from '../shared/domain/app-password/pending-refusals.ts';
import { defaultPolicy } from '../shared/domain/policy/policy.ts';
import type { Ports } from '../shared/domain/ports.ts';
import { systemRandom } from '../shared/runtime/system.ts';

/** Ports for a test of something else: no policy but the default one, no directory, no audit trail. */
export function quietPorts(): Pick<
  Ports,
  | 'usernameRules'
  | 'audit'
  | 'policy'
  | 'directory'
  | 'pendingRefusals'
  | 'refused'
  | 'junk'
  | 'wrong'
  | 'unlessCrowded'
  | 'random'
> {
  return {
    usernameRules: { domains: [], aliases: new Map(), defaultDomain: undefined },
    audit: { record: () => {}, flush: async () => true },
    policy: {
      read: async () => defaultPolicy,
      stored: async () => ({ ...defaultPolicy, version: '1' }),
      write: async () => undefined,
    },
    directory: { namesPeople: false, seen: async () => {} },
    pendingRefusals: new PendingRefusals(),
    refused: () => {},
    junk: () => {},
    wrong: () => {},
    unlessCrowded: (_person, task) => task(),
    random: systemRandom,
  };
}
