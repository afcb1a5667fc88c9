import type { InvocationContext, TimerHandler } from '@azure/functions';
import type { Audit } from './domain/ports.ts';
import { faultLine, kindOf } from './fault.ts';
import { inTime } from './within.ts';

/**
 * Makes a timer's handler: it gives it a time limit, a fault is logged, recorded and left to the next run, and the audit
 * records are handed on.
 *
 * @param patience in milliseconds
 */
export function timer(
  patience: number,
  audit: Audit,
  run: (signal: AbortSignal) => Promise<void>,
): TimerHandler {
  return async (_timer, context: InvocationContext) => {
    try {
      await inTime(patience, run);
    } catch (error) {
      context.error(faultLine(error));
      audit.record({ event: 'function.failed', function: context.functionName, kind: kindOf(error) });
    }
    await audit.flush();
  };
}
