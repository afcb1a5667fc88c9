import { readFileSync, writeFileSync } from 'node:fs';
import { outputOf, pageWithOutputs } from './capacity/command.ts';
import { type Command, main } from './command.ts';

const usage = `Usage: npm run capacity -- [COMMAND] --people N --devices N --interval MINUTES
  (no command)      what so many people ask for, how near each limit is, what a month costs
  sizes             what each size of a deployment costs while nobody asks
  figures           the numbers that all of it takes as given, and their origin
  page              writes the tables of docs/scale.md and docs/deployment.md anew
  --devices N       app passwords in use, for each person on average
  --interval N      minutes between two verifies of one device
  --gateways N      gateways that have a key; 3 by default
  --instances N     how many instances the deployment allows at most; 100 by default
  --prices FILE     prices in the place of operator/capacity/prices.json`;

/** Reckons how far a deployment goes. It looks at nothing that runs. */
export const capacity: Command = {
  usage,
  async run({ args, print }) {
    if (args.length === 1 && args[0] === 'page') {
      for (const name of ['scale', 'deployment']) {
        const page = new URL(`../docs/${name}.md`, import.meta.url);
        writeFileSync(page, pageWithOutputs(readFileSync(page, 'utf8')));
      }
      return true;
    }
    const output = outputOf(args);
    if (output !== undefined) print(output);
    return output !== undefined;
  },
};

await main(import.meta.filename, capacity);
