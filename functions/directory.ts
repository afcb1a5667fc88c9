import { app } from '@azure/functions';
import { followTheDirectory, ports } from '../shared/app.ts';
import { timer } from '../shared/timer.ts';

/** How long, in milliseconds, a run may take: it ends before the next one begins. */
const patience = 50_000;

app.timer('directory', {
  schedule: '0 * * * * *',
  runOnStartup: false,
  handler: timer(patience, ports.audit, async (signal) => followTheDirectory?.(signal)),
});
