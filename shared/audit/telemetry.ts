import type { TokenCredential } from '@azure/identity';
import { AzureMonitorLogExporter } from '@azure/monitor-opentelemetry-exporter';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchLogRecordProcessor,
  LoggerProvider,
  type LogRecordExporter,
  type ReadableLogRecord,
} from '@opentelemetry/sdk-logs';

/** An Application Insights resource, and who signs in to it, where it asks for that. */
export interface Insights {
  readonly connectionString: string;
  readonly credential: TokenCredential | undefined;
}

/** One custom event. */
export interface Event {
  readonly name: string;
  readonly time: Date;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

export interface Telemetry {
  emit(event: Event): void;
  /**
   * Sends what was emitted before the call, whether it is taken or not. Calls must not overlap: the second one would
   * not wait.
   */
  send(): Promise<void>;
}

/** How long, in milliseconds, one batch may take with all its retries: less than the processor's 30 s, so that batches never overlap. */
const patience = 20_000;
/** How soon, in milliseconds, what was not taken is sent again. */
const resendAfter = 10_000;
const batchSize = 512;

/** Sends events to Application Insights in batches, one after the other. */
export function openTelemetry(
  { connectionString, credential }: Insights,
  {
    capacity,
    keeps,
    settled,
  }: {
    /** How many events may wait at once; the caller counts them, as the processor drops more in silence. */
    readonly capacity: number;
    /** Whether what was not taken is kept, and sent again until it is. */
    readonly keeps: boolean;
    /** Is told of each batch: how many events it had, and why they were not taken, if so. */
    readonly settled: (count: number, fault: unknown) => void;
  },
): Telemetry {
  const { exporter, lastFault } = openExporter(connectionString, credential);
  const kept: ReadableLogRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();

  async function push(records: ReadableLogRecord[]): Promise<ExportResult> {
    const result = await new Promise<ExportResult>((resolve) => {
      exporter.export(records, resolve).catch((error) => resolve({ code: ExportResultCode.FAILED, error }));
    });
    const fault = lastFault() ?? result.error;
    if (keeps && fault !== undefined) {
      kept.push(...records);
      timer ??= setTimeout(resend, resendAfter).unref();
    }
    settled(records.length, fault);
    return result;
  }

  /** Ends at the first batch that is not taken. */
  function resend(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    turn = turn.then(async () => {
      while (kept.length > 0 && timer === undefined) await push(kept.splice(0, batchSize));
    });
    return turn;
  }

  const reporting: LogRecordExporter = {
    export(records, done) {
      turn = turn.then(async () => done(await push(records)));
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'app-passwords' }),
    processors: [new BatchLogRecordProcessor({ exporter: reporting, maxQueueSize: capacity })],
  });
  const logger = provider.getLogger('audit');
  return {
    emit({ name, time, properties }) {
      logger.emit({
        timestamp: time,
        // What makes it an event instead of a trace:
        // https://learn.microsoft.com/azure/azure-monitor/app/opentelemetry-add-modify#send-custom-events
        attributes: { ...properties, 'microsoft.custom_event.name': name },
      });
    },
    async send() {
      if (kept.length > 0) await resend();
      await provider.forceFlush();
    },
  };
}

function openExporter(connectionString: string, credential: TokenCredential | undefined) {
  // The exporter has no option for it.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT = 'true';
  let fault: unknown;
  const exporter = new AzureMonitorLogExporter({
    connectionString,
    ...(credential && { credential }),
    disableOfflineStorage: true,
    additionalPolicies: [
      {
        // Around the client's retries. Without its storage the exporter calls a batch that it drops a success.
        position: 'perCall',
        policy: {
          name: 'outcome',
          async sendRequest(request, next) {
            request.abortSignal = AbortSignal.timeout(patience);
            try {
              const response = await next(request);
              const { status } = response;
              fault =
                status === 200 ? undefined : Object.assign(new Error('not taken'), { statusCode: status });
              return response;
            } catch (error) {
              fault = error;
              throw error;
            }
          },
        },
      },
    ],
  });
  return { exporter, lastFault: () => fault };
}
