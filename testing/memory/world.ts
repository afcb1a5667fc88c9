import { randomUUID } from 'node:crypto';
import { addGateway } from '../../operator/gateway-registry.ts';
import { initPepper } from '../../operator/pepper-rotation.ts';
import type { AuditTrail, TrailRecord } from '../../shared/audit/audit-trail.ts';
import { watchFaults } from '../../shared/audit/fault-watch.ts';
import { type App, assemble } from '../../shared/composition.ts';
import type { Directory } from '../../shared/domain/directory/directory.ts';
import type { Ports } from '../../shared/domain/ports.ts';
import { readSettings } from '../../shared/settings/settings.ts';
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
  GRAPH_URL: 'https://unused.invalid',
  USERNAME_MAIL: 'true',
  ...identitySettings,
});

/** A world at noon, in which nobody has anything yet. */
export async function memoryWorld(): Promise<World> {
  const clock = new FakeClock(noon);
  const keyVault = memoryVault(clock.now);
  await initPepper(keyVault.vault);
  const gatewayKey = await addGateway(keyVault.vault, 'mail', {
    protocols: 'imap,smtp',
    username: 'canonical',
  });
  serveIdentity();
  return { ...memoryTables(), clock, keyVault, gatewayKey };
}

let instances = 0;

/**
 * The app on a world in memory, with seeded randomness.
 *
 * @param directory which it follows, if any
 */
export function instanceIn(world: World, directory?: Directory): Instance {
  const { tables, clock } = world;
  const records: TrailRecord[] = [];
  const flushes: Instance['flushes'] = [];
  const faults: unknown[] = [];
  const waiting: Parameters<Ports['later']>[0][] = [];
  const failed = (error: unknown) => void faults.push(error);
  const audit: AuditTrail = {
    record: (it) => void records.push(it),
    flush: async (what) => flushes.push(what ?? 'everything') > 0,
  };
  const app = assemble({
    settings,
    tables,
    vault: world.keyVault.vault,
    directory,
    audit,
    watch: { ...watchFaults(audit), failed: () => failed },
    clock,
    random: { ...seededRandom(++instances), uuid: randomUUID },
    later: (task) => void waiting.push(task),
    // How fast this machine is decides nothing here.
    turnWithin: 60_000,
  });
  return {
    app,
    ports: app.ports,
    records,
    flushes,
    faults,
    async settle() {
      for (const task of waiting.splice(0)) await task(AbortSignal.timeout(10_000)).catch(failed);
    },
  };
}
