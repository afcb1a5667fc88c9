import { app } from '@azure/functions';
import { followTheDirectory, forget, ports } from '../shared/app.ts';
import { timer, wasNight } from '../shared/timer.ts';

/** A run that follows the directory ends before the next one begins. */
const follow = timer(50_000, ports.audit, async (signal) => followTheDirectory?.(signal));
const forgetAtNight = timer(300_000, ports.audit, forget);

// One timer for both: a plan that survives the loss of a zone keeps, and bills, two instances for each.
app.timer('upkeep', {
  schedule: '0 * * * * *',
  runOnStartup: false,
  handler: async (run, context) => {
    const isDue = wasNight(Date.parse(run.scheduleStatus.last), ports.clock.now());
    await Promise.all([follow(run, context), isDue ? forgetAtNight(run, context) : undefined]);
  },
});
