/** The timers of a function app: each runs by its schedule, and when its admin call says so. */

import { randomUUID } from 'node:crypto';
import { invoke, type TimerFunction } from './functions-app.ts';
import { log } from './functions-core.ts';
import { ncrontab } from './ncrontab.ts';

export interface Timers {
  /** Runs a timer now, whatever its schedule says; false where there is none of this name. */
  run(name: string): boolean;
  /** Starts no run any more, and waits for those that go on. */
  stop(): Promise<void>;
}

/** Runs timers by their schedules; one whose run still goes on is passed over. */
export function startTimers(functions: readonly TimerFunction[]): Timers {
  const running = new Set<Promise<unknown>>();
  const track = async (run: Promise<unknown>) => {
    running.add(run);
    await run;
    running.delete(run);
  };
  const scheduled = functions
    .filter(({ isDisabled }) => !isDisabled)
    .map((timer) => {
      // A host that starts again knows when the timer ran last: mostly just before.
      let last = new Date();
      const job = ncrontab(timer.schedule, async (self) => {
        const status = { Last: last, LastUpdated: last, Next: self.nextRun() };
        last = new Date();
        await track(run(timer, status));
      });
      if (timer.runOnStartup) job.trigger();
      return job;
    });
  return {
    run(name) {
      const timer = functions.find(({ metadata }) => metadata.name.toLowerCase() === name.toLowerCase());
      if (timer === undefined) return false;
      track(runOnDemand(timer));
      return true;
    },
    async stop() {
      for (const job of scheduled) job.stop();
      await Promise.all(running);
    },
  };
}

/** Prints its beginning and its end, as the real host does; the runs of the schedule would only fill the screen. */
async function runOnDemand(timer: TimerFunction): Promise<void> {
  const name = `Functions.${timer.metadata.name}`;
  const id = randomUUID();
  const start = performance.now();
  log(
    'information',
    'user',
    `Executing '${name}' (Reason='This function was programmatically called via the host APIs.', Id=${id})`,
  );
  const outcome = (await run(timer, { Last: new Date(0), LastUpdated: new Date(0), Next: null }))
    ? 'Succeeded'
    : 'Failed';
  log(
    'information',
    'user',
    `Executed '${name}' (${outcome}, Id=${id}, Duration=${Math.round(performance.now() - start)}ms)`,
  );
}

interface ScheduleStatus {
  readonly Last: Date;
  readonly LastUpdated: Date;
  readonly Next: Date | null;
}

/** One run, through the library's own conversions; false if it threw. */
async function run(timer: TimerFunction, ScheduleStatus: ScheduleStatus): Promise<boolean> {
  const json = JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus, IsPastDue: false });
  try {
    await invoke(timer, { json });
    return true;
  } catch (error) {
    log('error', 'host', `${timer.metadata.name} failed: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}
