/** The first module that the host loads: puts the app together, so that a misconfigured one never starts. */

import { app } from '@azure/functions';
import { serve } from './app.ts';
import { compose } from './composition.ts';
import { readSettings } from './settings/settings.ts';

const composed = compose(readSettings(process.env));
serve(composed);
app.hook.appTerminate(composed.end);
