import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../domain/clock.ts';
import type { Ports } from '../domain/ports.ts';
import type { Random } from '../domain/random.ts';
import { Unavailable } from '../domain/unavailable.ts';
import { inTime } from './deadline.ts';
import { faultLine } from './fault.ts';

/** The time of this machine. */
export const systemClock: Clock = {
  now: Date.now,
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
  async wait(milliseconds, signal) {
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (cause) {
      throw new Unavailable('the time is up', { cause });
    }
  },
};

/** Randomness fit for secrets, without modulo bias. */
export const systemRandom: Random = { below: (limit) => randomInt(limit), uuid: () => randomUUID() };

const patience = 10_000;

/**
 * Runs tasks once the answer is on its way. An instance may end before they do: such work must be droppable.
 *
 * @param failed is told why a task failed
 */
export function laterWith(failed: (error: unknown) => void): Ports['later'] {
  return (task) =>
    void setImmediate(() => {
      inTime(patience, task).catch(failed);
    });
}

/** Notes a fault that no answer tells of. */
export function logFault(error: unknown): void {
  console.error(faultLine(error));
}
