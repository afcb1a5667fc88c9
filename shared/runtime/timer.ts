import type { InvocationContext, TimerHandler } from '@azure/functions';
import { theApp } from '../app.ts';
import type { App } from '../composition.ts';
import { inTime } from './deadline.ts';
import { faultLine, kindOf } from './fault.ts';

/**
 * Makes a timer's handler: it gives it a time limit, a fault is logged, recorded and left to the next run, and the audit
 * records are handed on.
 *
 * @param patience in milliseconds
 */
export function timer(
  patience: number,
  run: (app: App, signal: AbortSignal) => Promise<void> | undefined,
): TimerHandler {
  return async (_timer, context: InvocationContext) => {
    const app = theApp();
    const { audit } = app;
    try {
      await inTime(patience, async (signal) => run(app, signal));
    } catch (error) {
      context.error(faultLine(error));
      audit.record({ event: 'function.failed', function: context.functionName, kind: kindOf(error) });
    }
    await audit.flush();
  };
}

const day = 86_400_000;
const night = 3.5 * 3_600_000;

/**
 * Whether it was 03:30 UTC between two moments, in milliseconds since the epoch. So what is done once a night is also done
 * after a night without any instance.
 */
export function wasNight(since: number, until: number): boolean {
  const nights = (time: number) => Math.floor((time - night) / day);
  return nights(since) < nights(until);
}
