import { type Commands, main } from './command.ts';

/** The operator's commands. */
export const commands: Commands = {
  pepper: async () => (await import('./pepper.ts')).pepper,
  gateway: async () => (await import('./gateway.ts')).gateway,
  'gateway:check': async () => (await import('./gateway-check.ts')).gatewayCheck,
  report: async () => (await import('./report.ts')).report,
  usernames: async () => (await import('./usernames.ts')).usernames,
  backup: async () => (await import('./backup.ts')).backup,
  capacity: async () => (await import('./capacity.ts')).capacity,
  entra: async () => (await import('./entra.ts')).entra,
  settings: async () => (await import('./settings.ts')).settings,
  hook: async () => (await import('./hook.ts')).hook,
};

if (import.meta.main) await main(commands);
