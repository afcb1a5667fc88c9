import type { TokenCredential } from '@azure/identity';
import { Unavailable } from '../domain/unavailable.ts';
import { inTime } from '../runtime/deadline.ts';
import type { Settings } from '../settings/settings.ts';
import type { AuditTrail, TrailRecord } from './audit-trail.ts';
import { lineAudit } from './lines.ts';
import type { Event, Insights, Telemetry } from './telemetry.ts';

/** How many records may wait at once, of changes and of all else: about 10 MB each. */
const capacity = 10_000;
/** How long, in milliseconds, an answer waits for its records. */
const patience = 1_000;

/**
 * Where audit records go: to Application Insights where a connection string names one, else to the standard output.
 *
 * @param logFault is told what got lost, or came too late, never what it said
 */
export function auditOf(
  settings: Pick<
    Settings,
    'APPLICATIONINSIGHTS_CONNECTION_STRING' | 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'
  >,
  credential: () => TokenCredential,
  logFault: (error: unknown) => void,
): AuditTrail {
  const connectionString = settings.APPLICATIONINSIGHTS_CONNECTION_STRING;
  if (connectionString === undefined) return lineAudit();
  const signsIn = settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING !== undefined;
  const insights = { connectionString, credential: signsIn ? credential() : undefined };
  const changes = lane(insights, true, logFault);
  const others = lane(insights, false, logFault);
  return {
    record: (it) => (isChange.has(it.event) ? changes : others).record(it),
    async flush(what) {
      const flushed = [changes.flush(), ...(what === 'changes' ? [] : [others.flush()])];
      return (await Promise.all(flushed)).every(Boolean);
    },
  };
}

/**
 * What changed something. These have room of their own, and wait until they are taken, so that no flood of anything else
 * takes their place.
 */
const isChange: ReadonlySet<TrailRecord['event']> = new Set([
  'app-password.created',
  'app-password.renamed',
  'app-password.deleted',
  'app-password.revived',
  'app-password.suspended',
  'app-password.resumed',
  'account.disabled',
  'account.enabled',
  'account.deleted',
  'person.erased',
  'person.restored',
  'policy.changed',
  'username.claimed',
  'username.changed',
  'username.released',
]);

/**
 * Sends each record as a custom event. OpenTelemetry is loaded by the first one, as it takes longer than the app itself.
 *
 * @param keeps whether what was not taken waits until it is
 */
function lane(insights: Insights, keeps: boolean, logFault: (error: unknown) => void) {
  let telemetry: Telemetry | undefined;
  let loading: Promise<Telemetry> | undefined;
  const early: Event[] = [];
  let waiting = 0;
  let dropped = 0;
  let lost = 0;

  function settled(count: number, fault: unknown): void {
    if (!keeps || fault === undefined) waiting -= count;
    if (fault !== undefined)
      logFault(
        new Unavailable(`${count} audit records were not taken${keeps ? ' yet' : ''}`, { cause: fault }),
      );
    if (dropped > 0) logFault(new Unavailable(`${dropped} audit records found no room`));
    lost += dropped + (fault === undefined ? 0 : count);
    dropped = 0;
  }

  async function load(): Promise<Telemetry> {
    const { openTelemetry } = await import('./telemetry.ts');
    telemetry = openTelemetry(insights, { capacity, keeps, settled });
    for (const event of early.splice(0)) telemetry.emit(event);
    return telemetry;
  }

  function emit(event: Event): void {
    if (telemetry) {
      telemetry.emit(event);
    } else {
      early.push(event);
      if (loading === undefined) {
        loading = load();
        loading.catch(logFault);
      }
    }
  }

  const send = oneAfterTheOther(async () => (await loading)?.send());

  return {
    record(record: TrailRecord) {
      if (waiting === capacity) {
        dropped++;
        return;
      }
      waiting++;
      emit(eventOf(record));
    },
    async flush() {
      const before = lost;
      if (waiting === 0) return true;
      try {
        await inTime(patience, send);
      } catch (cause) {
        logFault(new Unavailable('audit records did not leave in time', { cause }));
        return false;
      }
      return lost === before;
    },
  };
}

/** A call while the task runs waits for it, and then for one more run, which all such calls share. */
function oneAfterTheOther(task: () => Promise<void>): () => Promise<void> {
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= running.then(() => {
      next = undefined;
      const run = task();
      running = run.catch(() => {});
      return run;
    });
    return next;
  };
}

function eventOf({ event, ...fields }: TrailRecord): Event {
  return { name: event, time: new Date(), properties: flat(fields) };
}

/**
 * What is nested gets a name such as `last_at`: a dot would need quotes in a query, and the exporter keeps some dotted
 * names for itself.
 */
function flat(fields: object): Record<string, string | number | boolean> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]): [string, string | number | boolean][] => {
      if (value === null || value === undefined) return [];
      if (Array.isArray(value)) return [[name, JSON.stringify(value)]];
      if (typeof value !== 'object') return [[name, value]];
      return Object.entries(flat(value)).map(([inner, it]) => [`${name}_${inner}`, it]);
    }),
  );
}
