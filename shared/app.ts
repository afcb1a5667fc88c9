import { app } from '@azure/functions';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { auditOf } from './audit/audit.ts';
import { countGuesses } from './audit/guesses.ts';
import { openDirectory } from './directory/graph.ts';
import { followDirectory } from './domain/follow-directory.ts';
import { forgetFormerUsernames } from './domain/former-username.ts';
import { PendingRefusals } from './domain/note-refusal.ts';
import type { Ports } from './domain/ports.ts';
import type { UsernameRules } from './domain/username.ts';
import { gatewayKeysIn } from './gateway/gateway-keys.ts';
import { gatewayNetworksIn } from './gateway/networks.ts';
import { healthOf } from './health.ts';
import { authenticator } from './identity/caller.ts';
import { pepperIn } from './pepper/pepper.ts';
import { portalSettings } from './portal-settings.ts';
import { reportOn } from './report.ts';
import { readSettings, type Settings } from './settings.ts';
import { keepAddressesFor, removeOldAddresses } from './storage/addresses.ts';
import { directoryStateIn } from './storage/directory-state.ts';
import { passwordsIn } from './storage/passwords.ts';
import { policiesIn } from './storage/policy.ts';
import { crowdLimit, keyedQueue } from './storage/queue.ts';
import { openTables } from './storage/tables.ts';
import { usernamesIn } from './storage/usernames.ts';
import { laterWith, logFault, systemClock, systemRandom } from './system.ts';
import { openVault } from './vault/client.ts';
import { watchFaults } from './watch.ts';

/** How many app passwords a person may ask for at once: many times what anybody can have. */
const createsAtOnce = 250;
/** How long, in milliseconds, each of them waits for its turn: the rest of a request's time is enough to do it. */
const turnWithin = 2_000;

/**
 * Puts the app together, once for each process.
 *
 * @throws BadSettings so that a misconfigured app never starts.
 */
function compose(settings: Settings) {
  const clock = systemClock;
  const credential = managedIdentity(settings);
  const audit = auditOf(settings, credential, logFault);
  const watch = watchFaults(audit);
  const guesses = countGuesses(audit);
  const later = laterWith(watch.failed('after-answer'));
  const tables = openTables(settings, credential, watch.calls('storage'));
  const vault = openVault(settings, credential, watch.calls('vault'));
  const usernameRules: UsernameRules = {
    domains: settings.USERNAME_DOMAINS.map(({ domain }) => domain),
    aliases: new Map(
      settings.USERNAME_DOMAINS.flatMap(({ alias, domain }) => (alias ? [[alias, domain]] : [])),
    ),
    defaultDomain: settings.USERNAME_DEFAULT_DOMAIN,
  };
  const keptSince = keepAddressesFor(settings.CLIENT_ADDRESS_DAYS, clock);
  const directory = openDirectory(settings, credential, watch.calls('directory'));
  const directoryState = directoryStateIn(tables.passwords, clock);
  const ports: Ports = {
    passwords: passwordsIn(tables.passwords, keptSince),
    usernames: usernamesIn(tables.usernames, clock),
    pepper: pepperIn(vault, clock, watch.failed('pepper')),
    clock,
    random: systemRandom,
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
    unlessCrowded: crowdLimit(createsAtOnce, turnWithin),
    queue: keyedQueue(),
    later,
  };
  const gatewayKeys = gatewayKeysIn(vault, clock, watch.failed('gateway-keys'), watch.keyRefused);
  const directoryRules = {
    tenantId: settings.TENANT_ID,
    usernames: usernameRules,
    takesMail: settings.USERNAME_MAIL,
  };
  return {
    ports,
    usernameRules,
    gatewayKeys,
    noteNetwork: gatewayNetworksIn(tables.passwords, audit, later, clock),
    ...authenticator(settings, usernameRules, clock, watch.failed('signing-keys'), watch.refused),
    tenantId: settings.TENANT_ID,
    /** Removes what is kept for some days only. */
    async forget(signal: AbortSignal) {
      await Promise.all([
        removeOldAddresses(tables.passwords, keptSince, signal),
        forgetFormerUsernames(ports, signal),
      ]);
    },
    report: reportOn(tables.passwords, ports.policy, clock.now),
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

export const {
  ports,
  usernameRules,
  gatewayKeys,
  noteNetwork,
  authenticate,
  authenticateAdministrator,
  authenticateViewer,
  tenantId,
  forget,
  report,
  directoryState,
  followTheDirectory,
  health,
  portal,
  end,
} = compose(readSettings(process.env));

app.hook.appTerminate(end);
