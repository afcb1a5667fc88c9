import type { Declare } from './command.ts';
import {
  addGateway,
  finishGateway,
  listGateways,
  removeGateway,
  rotateGateway,
  setUsername,
} from './gateway-registry.ts';
import { openStores } from './stores.ts';

export const gateway: Declare = (command, { env, print, note }) => {
  const vault = () => openStores(env).vault;
  command.description('Manages the keys by which gateways prove themselves to verify.');
  command
    .command('add <NAME>')
    .description('Adds a gateway, and prints its key this once.')
    .requiredOption('--protocols <LIST>', 'what it is for, as in imap,smtp')
    .option(
      '--username <KIND>',
      'canonical, or typed for a program that goes on with the username as it was typed, as gateways/README.md says',
    )
    .action(async (name: string, { protocols, username }: { protocols: string; username?: string }) =>
      print(await addGateway(vault(), name, { protocols, username })),
    );
  command
    .command('username <NAME> <KIND>')
    .description('Says with which username the program of a gateway goes on: canonical or typed.')
    .action(async (name: string, username: string) => {
      await setUsername(vault(), name, username);
      print(`The usernames of ${name} count as ${username} everywhere within 15 minutes.`);
    });
  command
    .command('rotate <NAME>')
    .description('Gives it a new key beside the old one, and prints it this once.')
    .option('--finish', 'stops accepting the old key instead')
    .action(async (name: string, { finish }: { finish?: true }) => {
      if (finish) {
        await finishGateway(vault(), name);
        print(
          `Only the newest key of ${name} is accepted now; the old one ends everywhere within 15 minutes.`,
        );
        return;
      }
      print(await rotateGateway(vault(), name));
      note(`Put it into ${name}, then: npm run gateway -- rotate ${name} --finish`);
    });
  command
    .command('remove <NAME>')
    .description('Stops accepting its keys.')
    .action(async (name: string) => {
      await removeGateway(vault(), name);
      print(`The keys of ${name} end everywhere within 15 minutes.`);
    });
  command
    .command('list')
    .description('Shows all gateways.')
    .action(async () => {
      for (const { name, protocols, goesOnWith, keys } of await listGateways(vault())) {
        const made = keys.map((date) => date.toISOString()).join(' and ');
        print(`${name}  protocols ${protocols || 'none'}  username ${goesOnWith}  key made ${made}`);
      }
    });
};
