import { checkAppSettings } from './app-settings.ts';
import { type Command, main } from './command.ts';

const usage = `Usage: npm run settings
  Says whether the app will start with the settings that the environment holds for a deployment.`;

export const settings: Command = {
  usage,
  async run({ args, env, print }) {
    if (args.length > 0) return false;
    checkAppSettings(env);
    print('The app starts with these settings.');
    return true;
  },
};

await main(import.meta.filename, settings);
