import type { InvocationContext, TimerHandler } from '@azure/functions';
import { faultLine } from './fault.ts';
import { inTime } from './within.ts';

/**
 * Makes a timer's handler: it gives it a time limit, and a fault is logged and left to the next run.
 *
 * @param patience in milliseconds
 */
export function timer(patience: number, run: (signal: AbortSignal) => Promise<void>): TimerHandler {
  return async (_timer, context: InvocationContext) => {
    try {
      await inTime(patience, run);
    } catch (error) {
      context.error(faultLine(error));
    }
  };
}
