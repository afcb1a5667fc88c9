import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Refused } from '../refused.ts';
import { type PriceTable, priceTable } from './cost.ts';
import { figures } from './figures.ts';
import type { Demand } from './load.ts';
import { capacityTables, figuresTable, sizesTable } from './tables.ts';

const options = {
  people: { type: 'string' },
  devices: { type: 'string' },
  interval: { type: 'string' },
  gateways: { type: 'string', default: '3' },
  instances: { type: 'string', default: '100' },
  prices: { type: 'string' },
} as const;

/**
 * What the command prints for these arguments, in Markdown.
 *
 * @returns undefined for a command line that makes no sense
 * @throws Refused where a value is missing or none that can be reckoned with.
 */
export function outputOf(args: string[]): string | undefined {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [command, ...more] = positionals;
  if (more.length > 0) return undefined;
  if (command === 'figures') return figuresTable();
  if (command === 'sizes') return sizesTable(readPrices(values.prices));
  if (command !== undefined) return undefined;
  const demand: Demand = {
    people: whole('people', values.people, 1e9),
    devices: between('devices', values.devices, 0.01, figures.mostPasswords.value),
    interval: between('interval', values.interval, 0.001, 10_080),
    gateways: whole('gateways', values.gateways, 1_000),
    instances: whole('instances', values.instances, 1_000),
  };
  return capacityTables(demand, readPrices(values.prices));
}

function whole(name: string, text: string | undefined, most: number): number {
  const value = between(name, text, 1, most);
  if (!Number.isInteger(value)) throw new Refused(`--${name} takes a whole number.`);
  return value;
}

function between(name: string, text: string | undefined, least: number, most: number): number {
  const value = text?.trim() ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const missing = text === undefined ? 'is missing: it' : '';
  throw new Refused(`--${name} ${missing} takes a number from ${least} to ${most}.`.replace('  ', ' '));
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
