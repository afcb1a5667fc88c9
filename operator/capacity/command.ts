import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { numberFrom } from '../command.ts';
import { Refused } from '../refused.ts';
import { type PriceTable, priceTable } from './cost.ts';
import { figures } from './figures.ts';
import type { Demand } from './load.ts';
import { capacityTables, figuresTable, sizesTable } from './tables.ts';

/** Declares the commands that print a table in Markdown. */
export function declareTables(command: Command, print: (table: string) => void): void {
  command
    .command('demand', { isDefault: true })
    .description(
      'What so many people ask for, how near each limit is, what a month costs; also without its name.',
    )
    .requiredOption('--people <N>', 'people who have an app password', numberFrom(1, 1e9))
    .requiredOption(
      '--devices <N>',
      'app passwords in use, for each person on average',
      numberFrom(0.01, figures.mostPasswords.value, 'number'),
    )
    .requiredOption(
      '--interval <MINUTES>',
      'minutes between two verifies of one device',
      numberFrom(0.001, 10_080, 'number'),
    )
    .option('--gateways <N>', 'gateways that have a key', numberFrom(1, 1_000), 3)
    .option('--instances <N>', 'how many instances the deployment allows at most', numberFrom(1, 1_000), 100)
    .option('--prices <FILE>', pricesText)
    .action(({ prices, ...demand }: Demand & { prices?: string }) =>
      print(capacityTables(demand, readPrices(prices))),
    );
  command
    .command('sizes')
    .description('What each size of a deployment costs while nobody asks.')
    .option('--prices <FILE>', pricesText)
    .action(({ prices }: { prices?: string }) => print(sizesTable(readPrices(prices))));
  command
    .command('figures')
    .description('The numbers that all of it takes as given, and their origin.')
    .action(() => print(figuresTable()));
}

const pricesText = 'prices in the place of operator/capacity/prices.json';

/** What `npm run capacity` prints for these words. */
export function outputOf(words: readonly string[]): string {
  let output = '';
  const command = new Command().exitOverride();
  declareTables(command, (table) => {
    output = table;
  });
  command.parse(words, { from: 'user' });
  return output;
}

/** @param path of another file than operator/capacity/prices.json */
export function readPrices(path?: string): PriceTable {
  const from = path ?? new URL('prices.json', import.meta.url);
  try {
    return priceTable.parse(JSON.parse(readFileSync(from, 'utf8')));
  } catch (cause) {
    throw new Refused('The file of prices cannot be read: it must look like operator/capacity/prices.json.', {
      cause,
    });
  }
}

const block = /<!-- output of: npm run capacity -- (.+) -->\n[\s\S]*?<!-- end of output -->/g;

/** A page of the documentation in which the output of each command that it names is as of now. */
export function pageWithOutputs(page: string): string {
  return page.replace(block, (_, line: string) => {
    const output = outputOf(line.split(' '));
    return `<!-- output of: npm run capacity -- ${line} -->\n\`npm run capacity -- ${line}\`\n\n${output}\n<!-- end of output -->`;
  });
}
