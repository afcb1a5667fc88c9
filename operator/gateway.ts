import { parseArgs } from 'node:util';
import { type Command, main } from './command.ts';
import {
  addGateway,
  finishGateway,
  listGateways,
  removeGateway,
  rotateGateway,
  setUsername,
} from './gateway-registry.ts';
import { openStores } from './stores.ts';

const usage = `Usage: npm run gateway -- COMMAND
  add NAME --protocols imap,smtp  adds a gateway, and prints its key this once; with --username typed for a program that
                                  goes on with the username as it was typed, as gateways/README.md says
  username NAME canonical|typed   says so of a gateway that there is
  rotate NAME                     gives it a new key beside the old one, and prints it this once
  rotate NAME --finish            stops accepting the old key
  remove NAME                     stops accepting its keys
  list                            shows all gateways`;

/** Manages the keys by which gateways prove themselves to verify. */
export const gateway: Command = {
  usage,
  async run({ args, env, print, note }) {
    const { values, positionals } = parseArgs({
      args,
      options: { protocols: { type: 'string' }, username: { type: 'string' }, finish: { type: 'boolean' } },
      allowPositionals: true,
    });
    const [command, name, username, ...more] = positionals;
    if (more.length > 0 || (username !== undefined && command !== 'username')) return false;
    const { vault } = openStores(env);
    if (command === 'list' && name === undefined) {
      for (const { name, protocols, goesOnWith, keys } of await listGateways(vault)) {
        const made = keys.map((date) => date.toISOString()).join(' and ');
        print(`${name}  protocols ${protocols || 'none'}  username ${goesOnWith}  key made ${made}`);
      }
      return true;
    }
    if (name === undefined) return false;
    if (command === 'add' && values.protocols !== undefined) {
      print(await addGateway(vault, name, values.protocols, values.username));
    } else if (command === 'username' && username !== undefined) {
      await setUsername(vault, name, username);
      print(`The usernames of ${name} count as ${username} everywhere within 15 minutes.`);
    } else if (command === 'rotate' && values.finish) {
      await finishGateway(vault, name);
      print(`Only the newest key of ${name} is accepted now; the old one ends everywhere within 15 minutes.`);
    } else if (command === 'rotate') {
      print(await rotateGateway(vault, name));
      note(`Put it into ${name}, then: npm run gateway -- rotate ${name} --finish`);
    } else if (command === 'remove') {
      await removeGateway(vault, name);
      print(`The keys of ${name} end everywhere within 15 minutes.`);
    } else {
      return false;
    }
    return true;
  },
};

await main(import.meta.filename, gateway);
