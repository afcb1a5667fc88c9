import type { TokenCredential } from '@azure/identity';
import { type Audit, type AuditRecord, Unavailable } from '../domain/ports.ts';
import type { Settings } from '../settings.ts';
import { inTime } from '../within.ts';
import { lineAudit } from './lines.ts';
import type { Event, Insights, Telemetry } from './telemetry.ts';

/** How many records may wait at once: about 10 MB. */
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
): Audit {
  const connectionString = settings.APPLICATIONINSIGHTS_CONNECTION_STRING;
  if (connectionString === undefined) return lineAudit;
  const signsIn = settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING !== undefined;
  return eventAudit({ connectionString, credential: signsIn ? credential() : undefined }, logFault);
}

/** Sends each record as a custom event. OpenTelemetry is loaded by the first one, as it takes longer than the app itself. */
function eventAudit(insights: Insights, logFault: (error: unknown) => void): Audit {
  let telemetry: Telemetry | undefined;
  let loading: Promise<Telemetry> | undefined;
  const early: Event[] = [];
  let waiting = 0;
  let dropped = 0;
  let lost = 0;

  function settled(count: number, fault: unknown): void {
    waiting -= count;
    if (fault !== undefined)
      logFault(new Unavailable(`${count} audit records were not taken`, { cause: fault }));
    if (dropped > 0) logFault(new Unavailable(`${dropped} audit records found no room`));
    lost += dropped + (fault === undefined ? 0 : count);
    dropped = 0;
  }

  async function load(): Promise<Telemetry> {
    const { openTelemetry } = await import('./telemetry.ts');
    telemetry = openTelemetry(insights, capacity, settled);
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
    record(record) {
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

function eventOf({ event, ...fields }: AuditRecord): Event {
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
