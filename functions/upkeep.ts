import { app, type Timer } from '@azure/functions';
import { followTheDirectory, forgetAddresses, ports } from '../shared/app.ts';
import { timer } from '../shared/timer.ts';

const day = 86_400_000;
const night = 3.5 * 3_600_000;

/** A run that follows the directory ends before the next one begins. */
const follow = timer(50_000, ports.audit, async (signal) => followTheDirectory?.(signal));
const forget = timer(300_000, ports.audit, forgetAddresses);

// One timer for both: a plan that survives the loss of a zone keeps, and bills, two instances for each.
app.timer('upkeep', {
  schedule: '0 * * * * *',
  runOnStartup: false,
  handler: async (due, context) => {
    await Promise.all([follow(due, context), ...(wasNightSince(due) ? [forget(due, context)] : [])]);
  },
});

/** Whether it was 03:30 UTC since the last run, also where that is long ago. */
function wasNightSince({ scheduleStatus }: Timer): boolean {
  const nights = (time: number) => Math.floor((time - night) / day);
  return nights(Date.parse(scheduleStatus.last)) < nights(ports.clock.now());
}
