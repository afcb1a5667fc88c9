import { type Commands, main } from '../operator/command.ts';

const commands: Commands = {
  token: async () => (await import('./token.ts')).token,
  call: async () => (await import('./call.ts')).call,
};

await main(commands);
