/** The first module that the host loads: puts the app together, so that a misconfigured one never starts. */

import { join } from 'node:path';
import { app } from '@azure/functions';
import { serve } from './app.ts';
import { compose } from './composition.ts';
import { checkLogo } from './settings/logo.ts';
import { readSettings } from './settings/settings.ts';

const settings = readSettings(process.env);
checkLogo(join(import.meta.dirname, '../branding'), settings.PORTAL_LOGO);
const composed = compose(settings);
serve(composed);
app.hook.appTerminate(composed.end);
