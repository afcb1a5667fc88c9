import { checkAppSettings } from './app-settings.ts';
import { run } from './stores.ts';

const usage = `Usage: npm run settings
  Says whether the app will start with the settings that the environment holds for a deployment.`;

await run(usage, async () => {
  if (process.argv.length > 2) return false;
  checkAppSettings(process.env);
  console.log('The app starts with these settings.');
  return true;
});
