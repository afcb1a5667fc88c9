import { noteEvery } from '../../shared/domain/app-password/last-used.ts';
import { highestLimit } from '../../shared/domain/policy/policy.ts';
import { usualAges } from '../../shared/runtime/refreshed.ts';
import { ages as policyAges } from '../../shared/tables/policy.ts';
import { remembered } from '../../shared/tables/usernames.ts';

/** Where a number comes from. Only what is `measured` was seen here; `read` is what documentation says. */
type Origin = 'measured' | 'code' | 'read' | 'from memory' | 'assumed';

/** A number that the model takes as given. */
export interface Figure {
  readonly value: number;
  readonly what: string;
  readonly origin: Origin;
  /** The page, the file, or the reason. */
  readonly source: string;
}

const here =
  'on 2026-11-26: 2 cores (Intel(R) Xeon(R) Processor), Node 24.21.0, local functions host, Azurite in memory';
const tableTargets = 'learn.microsoft.com/azure/storage/tables/scalability-targets';
const flexPlan = 'learn.microsoft.com/azure/azure-functions/flex-consumption-plan';
const monitorLimits =
  'learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits#application-insights';

/** CPU time of a verify in ms: of the platform's host, of the app in it, and of the app in the local host. */
const [hostCpu, workerCpu, localCpu] = [1.16, 1.62, 1.07];

/** Every number that the model takes as given, with its origin; `docs/scale.md` lists them. */
export const figures = {
  verifyCpuMilliseconds: {
    value: 1.215,
    what: 'CPU time of a verify that looks up the name and notes the use, ms',
    origin: 'measured',
    source: here,
  },
  auditRecordBytes: {
    value: 540,
    what: 'audit record of an accepted verify as it is sent, bytes',
    origin: 'measured',
    source: here,
  },
  auditRecords: {
    value: 1,
    what: 'audit records of one verify',
    origin: 'code',
    source: 'shared/domain/app-password/last-used.ts, held by a test',
  },
  nameRemembered: {
    value: remembered / 1_000,
    what: 'how long an instance remembers a username, s',
    origin: 'code',
    source: 'shared/tables/usernames.ts',
  },
  lastUsedEvery: {
    value: noteEvery / 60_000,
    what: 'least time between two notes of last use of one password, min',
    origin: 'code',
    source: 'shared/domain/app-password/last-used.ts',
  },
  vaultRefresh: {
    value: usualAges.refresh / 1_000,
    what: 'how often an instance reads the vault, s',
    origin: 'code',
    source: 'shared/runtime/refreshed.ts',
  },
  policyRefresh: {
    value: policyAges.refresh / 1_000,
    what: 'how often an instance reads the policy, s',
    origin: 'code',
    source: 'shared/tables/policy.ts',
  },
  mostPasswords: {
    value: highestLimit,
    what: 'app passwords of the busiest person',
    origin: 'code',
    source: 'shared/domain/policy/policy.ts',
  },
  partitionOperations: {
    value: 2_000,
    what: 'operations on one partition, a second',
    origin: 'read',
    source: tableTargets,
  },
  accountOperations: {
    value: 20_000,
    what: 'operations on one storage account, a second',
    origin: 'read',
    source: tableTargets,
  },
  vaultOperations: {
    value: 4_000,
    what: 'reads of one vault in a region, in 10 s',
    origin: 'read',
    source: 'learn.microsoft.com/azure/key-vault/general/service-limits',
  },
  vaultPage: {
    value: 25,
    what: 'secrets on one page of a listing',
    origin: 'from memory',
    source: 'Key Vault REST API, maxresults',
  },
  instanceGb: {
    value: 2,
    what: 'memory of an instance with one core (2,048 MB), GB',
    origin: 'read',
    source: flexPlan,
  },
  regionalInstances: {
    value: 250,
    what: 'instances of that size that a subscription has in a region unless it asks for more',
    origin: 'read',
    source: flexPlan,
  },
  shortestBillable: {
    value: 1,
    what: 'shortest time of work that is billed, s',
    origin: 'read',
    source: flexPlan,
  },
  telemetryEvents: {
    value: 32_000,
    what: 'events that an Application Insights resource takes in a second',
    origin: 'read',
    source: monitorLimits,
  },
  telemetryGbDay: {
    value: 100,
    what: 'GB that it takes in a day, unless its cap is raised (in the portal to 1,000)',
    origin: 'read',
    source: monitorLimits,
  },
  hostItems: {
    value: 20,
    what: "telemetry items of the platform's host that its default sampling lets through, a second and instance",
    origin: 'from memory',
    source: 'host.json, applicationInsights.samplingSettings',
  },
  hostItemBytes: {
    value: 1_000,
    what: 'one of these items, bytes',
    origin: 'assumed',
    source: 'not measured: the local host sends none',
  },
  appShare: {
    value: localCpu / (hostCpu + workerCpu),
    what: "share of an instance's CPU that the time above is, beside the platform's host and its way to the app",
    origin: 'measured',
    source: `Azure Functions host 4.1037 from source on 2026-11-28, on the same machine, a verify whose name is remembered: host ${hostCpu} ms, app ${workerCpu} ms; with the local host ${localCpu} ms`,
  },
  coreShare: {
    value: 0.5,
    what: 'share of a core that is used; the rest is kept free',
    origin: 'assumed',
    source: '',
  },
  peakFactor: {
    value: 2,
    what: 'busiest second against the mean of a day',
    origin: 'assumed',
    source: '',
  },
  busiestInterval: {
    value: 1,
    what: 'interval of the busiest person, min, where the others take longer',
    origin: 'assumed',
    source: 'the shortest that common mail programs offer',
  },
  rowsEachPerson: {
    value: 12,
    what: 'rows of a person beside those of the devices: profile, username, activity, deleted ones',
    origin: 'assumed',
    source: '',
  },
  rowBytes: { value: 700, what: 'a row in storage, bytes', origin: 'assumed', source: '' },
  timers: {
    value: 1,
    what: 'functions that run by a timer, each of which scales by itself',
    origin: 'code',
    source: 'functions/, held by a test',
  },
  zoneInstances: {
    value: 2,
    what: 'always ready instances that a plan over zones keeps for HTTP and for each timer, at least',
    origin: 'read',
    source: 'learn.microsoft.com/azure/reliability/reliability-functions',
  },
  logAlerts: {
    value: 7,
    what: 'alerts on the log, each asked every 5 minutes',
    origin: 'code',
    source: 'infra/modules/alerts.bicep, held by a test',
  },
  privateEndpoints: {
    value: 3,
    what: 'private endpoints of the size private, each with a DNS zone; one more for a site that is closed',
    origin: 'code',
    source: 'infra/modules/network.bicep, held by a test',
  },
  timerSeconds: {
    value: 2,
    what: 'one run of the timer that follows the directory, each minute, s',
    origin: 'assumed',
    source: '',
  },
} as const satisfies Record<string, Figure>;

/** The same numbers without their origin. */
export type Given = Readonly<Record<keyof typeof figures, number>>;

export const given = Object.fromEntries(
  Object.entries(figures).map(([name, { value }]) => [name, value]),
) as Given;
