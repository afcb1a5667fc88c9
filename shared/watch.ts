import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Audit, BackgroundWork, Countable, Service } from './domain/ports.ts';
import { logFault } from './system.ts';

/** How long, in milliseconds, what happens again and again is counted until it is recorded. */
const countFor = 10_000;

export interface Watch {
  /** Logs and records a fault of work that no request waits for. */
  failed(work: BackgroundWork): (error: unknown) => void;
  /** Records the tries of a client's calls that failed, also those that a later try made good. */
  calls(service: Service): PipelinePolicy;
  /** Counts a gateway key that belongs to no gateway. */
  keyRefused(): void;
}

/** Records what goes wrong beside the answers. */
export function watchFaults(audit: Pick<Audit, 'record'>): Watch {
  const count = counting(audit);
  return {
    failed: (work) => (error) => {
      logFault(error);
      count({ event: 'background.failed', work });
    },
    calls: (service) => ({
      name: 'watch',
      async sendRequest(request, next) {
        try {
          const response = await next(request);
          const { status: statusCode } = response;
          if (isFailure(statusCode)) count({ event: 'service.failed', service, statusCode });
          return response;
        } catch (error) {
          count({ event: 'service.failed', service, statusCode: null });
          throw error;
        }
      },
    }),
    keyRefused: () => count({ event: 'gateway-key.refused' }),
  };
}

/** 404, 409 and 412 are answers, and by 401 the vault asks for a token. */
function isFailure(status: number): boolean {
  return [403, 408, 429].includes(status) || status >= 500;
}

/**
 * Records the first of a kind at once, and those of the next 10 seconds as one: an outage or a stranger must not fill
 * the audit trail.
 */
function counting(audit: Pick<Audit, 'record'>): (it: Countable) => void {
  const counts = new Map<string, number>();
  return (it) => {
    const kind = JSON.stringify(it);
    const more = counts.get(kind);
    if (more !== undefined) return void counts.set(kind, more + 1);
    counts.set(kind, 0);
    audit.record({ ...it, count: 1 });
    const record = () => {
      const count = counts.get(kind) ?? 0;
      counts.delete(kind);
      if (count > 0) audit.record({ ...it, count });
    };
    setTimeout(record, countFor).unref();
  };
}
