import { checkAppSettings } from './app-settings.ts';
import type { Declare } from './command.ts';

export const settings: Declare = (command, { env, print }) => {
  command
    .description(
      'Says whether the app will start with the settings that the environment holds for a deployment.',
    )
    .action(() => {
      checkAppSettings(env);
      print('The app starts with these settings.');
    });
};
