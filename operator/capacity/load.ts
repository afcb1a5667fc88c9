import type { Given } from './figures.ts';

/** A deployment to be reckoned with. */
export interface Demand {
  readonly people: number;
  /** App passwords in use, for each person on average. */
  readonly devices: number;
  /** Minutes between two verifies of one device. */
  readonly interval: number;
  readonly gateways: number;
  /** How many instances the deployment allows at most. */
  readonly instances: number;
}

/** What a demand asks of each part; rates are a second unless the name says otherwise. */
export interface Load {
  readonly verifies: { readonly mean: number; readonly peak: number };
  /** Verifies that one instance answers. */
  readonly eachInstance: number;
  /** Instances that it takes, whether they are allowed or not. */
  readonly instances: { readonly mean: number; readonly peak: number };
  /** Storage operations of one verify: looks at the name, reads of the password, notes of its last use. */
  readonly operationsEach: { readonly name: number; readonly password: number; readonly lastUsed: number };
  readonly operations: { readonly mean: number; readonly peak: number };
  readonly lastUsedWrites: { readonly mean: number; readonly peak: number };
  /** Operations on the partition of the busiest person. */
  readonly busiestPartition: number;
  /** Reads of the vault: on average, and in those 10 seconds in which all instances of the peak start. */
  readonly vault: { readonly mean: number; readonly startIn10s: number };
  readonly telemetry: { readonly peakEvents: number; readonly gbDay: number };
  readonly storedGb: number;
}

export const secondsOfDay = 86_400;

/** How much one verify writes: a device that asks each `interval` minutes notes the first use after the pause. */
export function writesEach(interval: number, { lastUsedEvery }: Pick<Given, 'lastUsedEvery'>): number {
  return 1 / Math.max(1, Math.ceil(lastUsedEvery / interval));
}

/** What a demand asks of storage, vault, instances and the audit trail. Pure. */
export function loadOf(demand: Demand, given: Given): Load {
  const { people, devices, interval, gateways } = demand;
  const mean = (people * devices) / (interval * 60);
  const peak = mean * given.peakFactor;
  const eachInstance = (1_000 / given.verifyCpuMilliseconds) * given.appShare * given.coreShare;
  const instances = { mean: Math.ceil(mean / eachInstance), peak: Math.ceil(peak / eachInstance) };
  // A name is looked up once and then remembered for a while, on each instance for itself: of the verifies of one
  // person that reach an instance, one in (1 + those in that while) looks it up.
  const onOneInstance = devices / (interval * 60) / instances.mean;
  const operationsEach = {
    name: 1 / (1 + onOneInstance * given.nameRemembered),
    password: 1,
    lastUsed: writesEach(interval, given),
  };
  const all = operationsEach.name + operationsEach.password + operationsEach.lastUsed;
  const policy = (count: number) => count / given.policyRefresh;
  const busiest = Math.min(interval, given.busiestInterval);
  const inHost = Math.min(given.hostItems * instances.mean, mean);
  const bytes = mean * given.auditRecords * given.auditRecordBytes + inHost * given.hostItemBytes;
  const refresh = 1 + Math.ceil((gateways + 1) / given.vaultPage) + gateways;
  return {
    verifies: { mean, peak },
    eachInstance,
    instances,
    operationsEach,
    operations: {
      mean: mean * all + policy(instances.mean),
      peak: peak * all + policy(instances.peak),
    },
    lastUsedWrites: { mean: mean * operationsEach.lastUsed, peak: peak * operationsEach.lastUsed },
    busiestPartition: (given.mostPasswords / (busiest * 60)) * (1 + writesEach(busiest, given)),
    vault: {
      mean: (instances.mean * refresh) / given.vaultRefresh,
      // One more each for the values, and one that is answered with the challenge to sign in.
      startIn10s: instances.peak * (refresh + 1 + gateways + 1),
    },
    telemetry: {
      peakEvents: peak * given.auditRecords + Math.min(given.hostItems * instances.peak, peak),
      gbDay: (bytes * secondsOfDay) / 1e9,
    },
    storedGb: (people * (devices + given.rowsEachPerson) * given.rowBytes) / 1e9,
  };
}
