import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { tenantId } from '../../local/identities.ts';
import { addGateway } from '../../operator/gateway-registry.ts';
import { initPepper } from '../../operator/pepper-rotation.ts';
import type { AuditTrail, TrailRecord } from '../../shared/audit/audit-trail.ts';
import { watchFaults } from '../../shared/audit/fault-watch.ts';
import { countGuesses } from '../../shared/audit/guesses.ts';
import type { App } from '../../shared/composition.ts';
import { PendingRefusals } from '../../shared/domain/app-password/pending-refusals.ts';
import type { Clock } from '../../shared/domain/clock.ts';
import type { Directory } from '../../shared/domain/directory/directory.ts';
import { followDirectory } from '../../shared/domain/directory/follow-directory.ts';
import type { Ports } from '../../shared/domain/ports.ts';
import { reportOn } from '../../shared/domain/report/report.ts';
import { Unavailable } from '../../shared/domain/unavailable.ts';
import { forgetFormerUsernames } from '../../shared/domain/username/former-username.ts';
import type { UsernameRules } from '../../shared/domain/username/username.ts';
import { authenticator } from '../../shared/identity/authenticator.ts';
import { gatewayKeysIn } from '../../shared/key-vault/gateway-keys.ts';
import { pepperIn } from '../../shared/key-vault/pepper.ts';
import { healthOf } from '../../shared/runtime/health.ts';
import { crowdLimit, keyedQueue } from '../../shared/runtime/keyed-queue.ts';
import { deviceSettings, portalSettings } from '../../shared/settings/portal-settings.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { pagesOf } from '../../shared/tables/all-people.ts';
import { keepAddressesFor, removeOldAddresses } from '../../shared/tables/client-addresses.ts';
import { directoryStateIn } from '../../shared/tables/directory-state.ts';
import { gatewayNetworksIn } from '../../shared/tables/gateway-networks.ts';
import { passwordsIn } from '../../shared/tables/passwords.ts';
import { policiesIn } from '../../shared/tables/policy.ts';
import { usernamesIn } from '../../shared/tables/usernames.ts';
import { FakeClock } from '../clock.ts';
import { seededRandom } from '../random.ts';
import { identitySettings, serveIdentity } from './identity-provider.ts';
import { type MemoryTables, memoryTables } from './table-service.ts';
import { type MemoryVault, memoryVault } from './vault.ts';

/** What instances of the app share: time, storage, and Key Vault with a pepper and a gateway. */
export interface World extends MemoryTables {
  readonly clock: FakeClock;
  readonly keyVault: MemoryVault;
  /** The key of the gateway `mail`, which speaks for IMAP and SMTP. */
  readonly gatewayKey: string;
}

/** One instance of the app. */
export interface Instance {
  readonly app: App;
  readonly ports: Ports;
  /** The audit trail. */
  readonly records: TrailRecord[];
  /** What of it was handed on, each time. */
  readonly flushes: ('changes' | 'everything')[];
  /** What went wrong beside the answers. */
  readonly faults: unknown[];
  /** Does what waits until after the answers. */
  settle(): Promise<void>;
}

const noon = Date.UTC(2026, 10, 29, 12);

const settings = readSettings({
  VARIANT: 'local',
  TABLES_CONNECTION_STRING: 'unused',
  KEY_VAULT_URL: 'https://unused.invalid',
  KEY_VAULT_CERTIFICATE: 'unused',
  KEY_VAULT_TOKEN: 'unused',
  ...identitySettings,
});

export const usernameRules: UsernameRules = {
  domains: ['example.com'],
  aliases: new Map([['example', 'example.com']]),
  defaultDomain: 'example.com',
};

/** A world at noon, in which nobody has anything yet. */
export async function memoryWorld(): Promise<World> {
  const clock = new FakeClock(noon);
  const keyVault = memoryVault(clock.now);
  await initPepper(keyVault.vault);
  const gatewayKey = await addGateway(keyVault.vault, 'mail', 'imap,smtp', 'canonical');
  serveIdentity();
  return { ...memoryTables(), clock, keyVault, gatewayKey };
}

let instances = 0;

/**
 * The app as `compose` puts it together, on a world in memory: the same adapters and rules, with seeded randomness.
 *
 * @param directory which it follows, if any
 */
export function instanceIn(world: World, directory?: Directory): Instance {
  const { tables, clock } = world;
  const { vault } = world.keyVault;
  const records: TrailRecord[] = [];
  const flushes: Instance['flushes'] = [];
  const faults: unknown[] = [];
  const waiting: Parameters<Ports['later']>[0][] = [];
  const failed = (error: unknown) => void faults.push(error);
  const later: Ports['later'] = (task) => void waiting.push(task);
  const audit: AuditTrail = {
    record: (it) => void records.push(it),
    flush: async (what) => flushes.push(what ?? 'everything') > 0,
  };
  const { refused, keyRefused, end } = watchFaults(audit);
  const { junk, wrong } = countGuesses(audit);
  const keptSince = keepAddressesFor(settings.CLIENT_ADDRESS_DAYS, clock);
  const directoryState = directoryStateIn(tables.passwords, clock);
  const ports: Ports = {
    usernameRules,
    passwords: passwordsIn(tables.passwords, keptSince),
    usernames: usernamesIn(tables.usernames, clock),
    pepper: pepperIn(vault, clock, failed),
    clock: withoutWaiting(clock),
    random: { ...seededRandom(++instances), uuid: randomUUID },
    policy: policiesIn(tables.passwords, clock, failed),
    directory: {
      namesPeople: directory !== undefined,
      seen: directory === undefined ? async () => {} : directoryState.seen,
    },
    pendingRefusals: new PendingRefusals(),
    junk,
    wrong,
    refused,
    audit,
    // How fast this machine is decides nothing here.
    unlessCrowded: crowdLimit(250, 60_000),
    queue: keyedQueue(),
    later,
  };
  const gatewayKeys = gatewayKeysIn(vault, clock, { failed, refused: keyRefused });
  const rules = { tenantId, usernames: usernameRules, takesMail: true };
  const app: App = {
    ports,
    audit,
    gatewayKeys,
    noteNetwork: gatewayNetworksIn(tables.passwords, { audit, later, clock }),
    ...authenticator(settings, { usernameRules, clock, failed, refused }),
    tenantId,
    async forget(signal) {
      await removeOldAddresses(tables.passwords, keptSince, signal);
      await forgetFormerUsernames(ports, signal);
    },
    report: reportOn(pagesOf(tables.passwords), ports.policy, clock),
    directoryState,
    followTheDirectory:
      directory && ((signal) => followDirectory({ ports, directory, state: directoryState, rules }, signal)),
    health: healthOf(ports, gatewayKeys),
    end: async () => end(),
    portal: portalSettings(settings),
    deviceSettings: deviceSettings(settings),
    signProfile: undefined,
  };
  return {
    app,
    ports,
    records,
    flushes,
    faults,
    async settle() {
      for (const task of waiting.splice(0)) await task(AbortSignal.timeout(10_000)).catch(failed);
    },
  };
}

/** Time as the clock has it; who waits lets the others go first, and no more. */
function withoutWaiting({ now, timeout }: Clock): Clock {
  return {
    now,
    timeout,
    async wait(_milliseconds, signal) {
      await turn();
      if (signal.aborted) throw new Unavailable('the time is up');
    },
  };
}
