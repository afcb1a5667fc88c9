import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import type { SecretClient } from '@azure/keyvault-secrets';
import { auditOf } from './audit/audit.ts';
import type { AuditTrail } from './audit/audit-trail.ts';
import { type Watch, watchFaults } from './audit/fault-watch.ts';
import { countGuesses } from './audit/guesses.ts';
import { PendingRefusals } from './domain/app-password/pending-refusals.ts';
import type { Directory } from './domain/directory/directory.ts';
import { followDirectory } from './domain/directory/follow-directory.ts';
import type { Ports } from './domain/ports.ts';
import { reportOn } from './domain/report/report.ts';
import { forgetFormerUsernames } from './domain/username/former-username.ts';
import type { UsernameRules } from './domain/username/username.ts';
import { openDirectory } from './graph/directory.ts';
import { authenticator } from './identity/authenticator.ts';
import { openVault } from './key-vault/client.ts';
import { gatewayKeysIn } from './key-vault/gateway-keys.ts';
import { pepperIn } from './key-vault/pepper.ts';
import { signerIn } from './key-vault/profile-certificate.ts';
import { healthOf } from './runtime/health.ts';
import { crowdLimit, keyedQueue } from './runtime/keyed-queue.ts';
import { laterWith, logFault, systemClock, systemRandom } from './runtime/system.ts';
import { deviceSettings, portalSettings } from './settings/portal-settings.ts';
import type { Settings } from './settings/settings.ts';
import { pagesOf } from './tables/all-people.ts';
import { keepAddressesFor, removeOldAddresses } from './tables/client-addresses.ts';
import { directoryStateIn } from './tables/directory-state.ts';
import { gatewayNetworksIn } from './tables/gateway-networks.ts';
import { passwordsIn } from './tables/passwords.ts';
import { policiesIn } from './tables/policy.ts';
import { openTables, type Tables } from './tables/tables.ts';
import { usernamesIn } from './tables/usernames.ts';

/** How many app passwords a person may ask for at once: many times what anybody can have. */
const createsAtOnce = 250;

/** What the app is put together from. */
export interface Parts extends Pick<Ports, 'clock' | 'random' | 'later'> {
  readonly settings: Settings;
  readonly tables: Tables;
  readonly vault: SecretClient;
  /** Undefined where none is configured. */
  readonly directory: Directory | undefined;
  readonly audit: AuditTrail;
  readonly watch: Omit<Watch, 'calls'>;
  /** How long, in milliseconds, each app password that a person asks for waits for its turn. */
  readonly turnWithin: number;
}

/** What the functions share: the ports, who may call, and what answers without a use case of its own. */
export type App = ReturnType<typeof assemble>;

/** Puts the app together on what the settings name. To be called once for each process. */
export function compose(settings: Settings): App {
  const credential = managedIdentity(settings);
  const audit = auditOf(settings, credential, logFault);
  const watch = watchFaults(audit);
  return assemble({
    settings,
    audit,
    watch,
    tables: openTables(settings, credential, watch.calls('storage')),
    vault: openVault(settings, credential, watch.calls('vault')),
    directory: openDirectory(settings, credential, watch.calls('directory')),
    clock: systemClock,
    random: systemRandom,
    later: laterWith(watch.failed('after-answer')),
    // The rest of a request's time is enough to create one.
    turnWithin: 2_000,
  });
}

/** Puts an adapter into each port, and the app around them. */
export function assemble(parts: Parts) {
  const { settings, tables, vault, directory, audit, watch, clock, later } = parts;
  const guesses = countGuesses(audit);
  const usernameRules: UsernameRules = {
    domains: settings.USERNAME_DOMAINS.map(({ domain }) => domain),
    aliases: new Map(
      settings.USERNAME_DOMAINS.flatMap(({ alias, domain }) => (alias ? [[alias, domain]] : [])),
    ),
    defaultDomain: settings.USERNAME_DEFAULT_DOMAIN,
  };
  const keptSince = keepAddressesFor(settings.CLIENT_ADDRESS_DAYS, clock);
  const directoryState = directoryStateIn(tables.passwords, clock);
  const ports: Ports = {
    usernameRules,
    passwords: passwordsIn(tables.passwords, keptSince),
    usernames: usernamesIn(tables.usernames, clock),
    pepper: pepperIn(vault, clock, watch.failed('pepper')),
    clock,
    random: parts.random,
    policy: policiesIn(tables.passwords, clock, watch.failed('policy')),
    directory: {
      namesPeople: directory !== undefined,
      seen: directory === undefined ? async () => {} : directoryState.seen,
    },
    pendingRefusals: new PendingRefusals(),
    junk: guesses.junk,
    wrong: guesses.wrong,
    refused: watch.refused,
    audit,
    unlessCrowded: crowdLimit(createsAtOnce, parts.turnWithin),
    queue: keyedQueue(),
    later,
  };
  const gatewayKeys = gatewayKeysIn(vault, clock, {
    failed: watch.failed('gateway-keys'),
    refused: watch.keyRefused,
  });
  const directoryRules = {
    tenantId: settings.TENANT_ID,
    usernames: usernameRules,
    takesMail: settings.USERNAME_MAIL,
  };
  return {
    ports,
    audit,
    gatewayKeys,
    noteNetwork: gatewayNetworksIn(tables.passwords, { audit, later, clock }),
    ...authenticator(settings, {
      usernameRules,
      clock,
      failed: watch.failed('signing-keys'),
      refused: watch.refused,
    }),
    tenantId: settings.TENANT_ID,
    /** Removes what is kept for some days only. */
    async forget(signal: AbortSignal) {
      await Promise.all([
        removeOldAddresses(tables.passwords, keptSince, signal),
        forgetFormerUsernames(ports, signal),
      ]);
    },
    report: reportOn(pagesOf(tables.passwords), ports.policy, clock),
    directoryState,
    /** One run that follows the directory; undefined where none is configured. */
    followTheDirectory:
      directory &&
      ((signal: AbortSignal) =>
        followDirectory({ ports, directory, state: directoryState, rules: directoryRules }, signal)),
    health: healthOf(ports, gatewayKeys),
    /** Hands on what is counted or waits, before this instance ends. */
    async end() {
      guesses.end();
      watch.end();
      await audit.flush();
    },
    portal: portalSettings(settings),
    deviceSettings: deviceSettings(settings),
    /** Signs the configuration profile; undefined where it is not to be signed. */
    signProfile:
      settings.PORTAL_PROFILE_CERTIFICATE === undefined
        ? undefined
        : signerIn(vault, settings.PORTAL_PROFILE_CERTIFICATE, {
            clock,
            failed: watch.failed('profile-certificate'),
          }),
  };
}

/** One credential for all clients, made only where there is something to sign in to. */
function managedIdentity(settings: Settings): () => TokenCredential {
  let credential: TokenCredential | undefined;
  return () => {
    const managedIdentityClientId = settings.VARIANT === 'azure' ? settings.AZURE_CLIENT_ID : undefined;
    credential ??= new DefaultAzureCredential(managedIdentityClientId ? { managedIdentityClientId } : {});
    return credential;
  };
}
