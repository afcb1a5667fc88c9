import { app, type InvocationContext, type Timer } from '@azure/functions';
import { theApp } from '../shared/app.ts';
import { timer, wasNight } from '../shared/runtime/timer.ts';

/** A run that follows the directory ends before the next one begins. */
const follow = timer(50_000, ({ followTheDirectory }, signal) => followTheDirectory?.(signal));
const forgetAtNight = timer(300_000, ({ forget }, signal) => forget(signal));

export async function upkeep(run: Timer, context: InvocationContext) {
  const isDue = wasNight(Date.parse(run.scheduleStatus.last), theApp().ports.clock.now());
  await Promise.all([follow(run, context), isDue ? forgetAtNight(run, context) : undefined]);
}

// One timer for both: a plan that survives the loss of a zone keeps, and bills, two instances for each.
app.timer('upkeep', { schedule: '0 * * * * *', runOnStartup: false, handler: upkeep });
