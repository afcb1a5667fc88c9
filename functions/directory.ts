import { app } from '@azure/functions';
import { followTheDirectory, ports } from '../shared/app.ts';
import { faultLine } from '../shared/fault.ts';
import { inTime } from '../shared/within.ts';

/** How long, in milliseconds, a run may take: it ends before the next one begins. */
const patience = 50_000;

app.timer('directory', {
  schedule: '0 * * * * *',
  runOnStartup: false,
  handler: async (_timer, context) => {
    try {
      if (followTheDirectory !== undefined) await inTime(patience, followTheDirectory);
    } catch (error) {
      context.error(faultLine(error));
    }
    await ports.audit.flush();
  },
});
