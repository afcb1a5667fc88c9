import type { TokenCredential } from '@azure/identity';
import { AzureMonitorLogExporter } from '@azure/monitor-opentelemetry-exporter';
import { ExportResultCode } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';

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

/**
 * Sends events to Application Insights in batches, one after the other.
 *
 * @param capacity how many events may wait at once; the caller counts them, as the processor drops more in silence
 * @param settled told of each batch: how many events it had, and why they were not taken, if so
 */
export function openTelemetry(
  { connectionString, credential }: Insights,
  capacity: number,
  settled: (count: number, fault: unknown) => void,
): Telemetry {
  const { exporter, lastFault } = openExporter(connectionString, credential);
  const reporting: LogRecordExporter = {
    export(records, done) {
      const finish: typeof done = (result) => {
        settled(records.length, lastFault() ?? result.error);
        done(result);
      };
      exporter.export(records, finish).catch((error) => finish({ code: ExportResultCode.FAILED, error }));
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
    send: () => provider.forceFlush(),
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
