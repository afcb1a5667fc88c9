import { app } from '@azure/functions';
import { forgetAddresses, ports } from '../shared/app.ts';
import { timer } from '../shared/timer.ts';

/** How long, in milliseconds, a run may take. */
const patience = 300_000;

app.timer('forget-addresses', {
  schedule: '0 30 3 * * *',
  runOnStartup: false,
  handler: timer(patience, ports.audit, forgetAddresses),
});
