import { readFileSync, writeFileSync } from 'node:fs';
import { declareTables, pageWithOutputs } from './capacity/command.ts';
import type { Declare } from './command.ts';

export const capacity: Declare = (command, { print }) => {
  command.description('Reckons how far a deployment goes. It looks at nothing that runs.');
  declareTables(command, print);
  command
    .command('page')
    .description('Writes the tables of docs/scale.md and docs/deployment.md anew.')
    .action(() => {
      for (const name of ['scale', 'deployment']) {
        const page = new URL(`../docs/${name}.md`, import.meta.url);
        writeFileSync(page, pageWithOutputs(readFileSync(page, 'utf8')));
      }
    });
};
