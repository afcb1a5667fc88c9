import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { ManagementRefusal } from '../domain/audit-record.ts';
import { logFault } from '../runtime/system.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { BackgroundWork, Countable, Service } from './service-record.ts';

/** How long, in milliseconds, what happens again and again is counted until it is recorded. */
const countFor = 10_000;
/** From how many kinds on what has a coarser kind is counted as that. */
const kindsAtMost = 100;

export interface Watch {
  /** Logs and records a fault of work that no request waits for. */
  failed(work: BackgroundWork): (error: unknown) => void;
  /** Records the tries of a client's calls that failed, also those that a later try made good. */
  calls(service: Service): PipelinePolicy;
  /** Counts a gateway key that belongs to no gateway. */
  keyRefused(): void;
  /** Counts a request to manage that was refused; beyond 100 kinds in 10 seconds nobody is named. */
  refused(refusal: Omit<ManagementRefusal, 'event'>): void;
  /** Records what was counted and is not recorded yet. */
  end(): void;
}

/** Records what goes wrong beside the answers. */
export function watchFaults(audit: Pick<AuditTrail, 'record'>): Watch {
  const { count, end } = counting(audit);
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
    refused: (refusal) => {
      const named = { event: 'management.refused', ...refusal } as const;
      count(named, { ...named, caller: null, tenant: null });
    },
    end,
  };
}

/** 404, 409 and 412 are answers, and by 401 the vault asks for a token. */
function isFailure(status: number): boolean {
  return [403, 408, 429].includes(status) || status >= 500;
}

/**
 * Records the first of a kind at once, and those of the next 10 seconds as one: an outage or a stranger must not fill
 * the audit trail.
 *
 * @returns counts one of a kind, or of a coarser one while there are many
 */
function counting(audit: Pick<AuditTrail, 'record'>) {
  const counts = new Map<string, { readonly it: Countable; more: number }>();

  function record(kind: string): void {
    const { it, more = 0 } = counts.get(kind) ?? {};
    counts.delete(kind);
    if (it !== undefined && more > 0) audit.record({ ...it, count: more });
  }

  return {
    count(fine: Countable, coarse: Countable = fine): void {
      const isKnown = counts.has(JSON.stringify(fine)) || counts.size < kindsAtMost;
      const it = isKnown ? fine : coarse;
      const kind = JSON.stringify(it);
      const counted = counts.get(kind);
      if (counted !== undefined) return void counted.more++;
      counts.set(kind, { it, more: 0 });
      audit.record({ ...it, count: 1 });
      setTimeout(() => record(kind), countFor).unref();
    },
    end(): void {
      for (const kind of counts.keys()) record(kind);
    },
  };
}
