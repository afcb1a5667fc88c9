import { sizeNames, sizeOf } from '../size.ts';
import { alwaysReadyCost, costOf, type PriceTable, standingCost, sumOf } from './cost.ts';
import { type Figure, figures, given } from './figures.ts';
import { limitsOf } from './limits.ts';
import { type Demand, loadOf } from './load.ts';

/** A table in Markdown. */
function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

/** Three digits that mean something, and whole numbers from 100 on. */
function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 };
  return value.toLocaleString('en-US', digits);
}

const share = (part: number, whole: number) => {
  const percent = (part / whole) * 100;
  return percent > 0 && percent < 0.1 ? 'below 0.1 %' : `${number(percent)} %`;
};

/** What a demand asks for, how near each limit is, and what a month costs, in Markdown. */
export function capacityTables(demand: Demand, prices: PriceTable): string {
  const load = loadOf(demand, given);
  const { name, password, lastUsed } = load.operationsEach;
  const asked = table([
    ['what', 'mean', 'peak'],
    ['verifies a second', number(load.verifies.mean), number(load.verifies.peak)],
    [
      `storage operations a second (each verify: name ${number(name)}, password ${number(password)}, last use ${number(lastUsed)})`,
      number(load.operations.mean),
      number(load.operations.peak),
    ],
    ['of these, writes of last use', number(load.lastUsedWrites.mean), number(load.lastUsedWrites.peak)],
    [
      `instances, at ${number(load.eachInstance)} verifies a second each`,
      number(load.instances.mean),
      number(load.instances.peak),
    ],
    ['reads of the vault a second', number(load.vault.mean), number(load.vault.startIn10s / 10)],
    ['GB of audit trail and telemetry a day', number(load.telemetry.gbDay), ''],
  ]);
  const limits = limitsOf(demand, given);
  const [first] = limits;
  const verdict =
    first === undefined || first.used <= first.limit
      ? `All limits hold. The nearest is **${first?.name}**.`
      : `Passed: ${limits
          .filter(({ used, limit }) => used > limit)
          .map((limit) => `**${limit.name}**`)
          .join(', ')}.`;
  const limitTable = table([
    ['limit', 'used', 'of', 'share', 'passed from … people on', 'then'],
    ...limits.map((limit) => [
      limit.name,
      number(limit.used),
      `${number(limit.limit)} ${limit.unit}`,
      share(limit.used, limit.limit),
      limit.people === null ? 'not by people' : number(limit.people),
      limit.remedy,
    ]),
  ]);
  const items = costOf(demand, given, prices);
  const bill = table([
    [`a month of 30 days, ${prices.currency}`, 'amount', 'cost'],
    ...items.map(({ what, amount, cost }) => [what, number(amount), cost.toFixed(2)]),
    ['**all**', '', `**${sumOf(items).toFixed(2)}**`],
    ['each always ready instance would add', '1', alwaysReadyCost(given, prices).toFixed(2)],
  ]);
  return [asked, verdict, limitTable, bill, `Prices of ${prices.date}: ${prices.region}.`].join('\n\n');
}

/** What each size costs in a month in which nobody asks for anything, in Markdown. */
export function sizesTable(prices: PriceTable): string {
  const bills = sizeNames.map((name) => standingCost(sizeOf(name), given, prices));
  const rows = (bills[0] ?? []).map(({ what }, row) => [
    what,
    ...bills.map((bill) =>
      bill[row]?.amount === 0 ? '0' : `${bill[row]?.amount}: ${bill[row]?.cost.toFixed(2)}`,
    ),
  ]);
  return [
    table([
      [`a month of 30 days, ${prices.currency}`, ...sizeNames.map((name) => `\`${name}\``)],
      ...rows,
      ['**all**', ...bills.map((bill) => `**${sumOf(bill).toFixed(2)}**`)],
    ]),
    `Prices of ${prices.date}: ${prices.region}.`,
  ].join('\n\n');
}

/** Every number that the model takes as given, and where each comes from. */
export function figuresTable(): string {
  const entries: Figure[] = Object.values(figures);
  return table([
    ['what', 'value', 'origin', 'source'],
    ...entries.map(({ what, value, origin, source }) => [
      what,
      value.toLocaleString('en-US', { maximumFractionDigits: 3 }),
      origin === 'measured' ? '**measured**' : origin,
      source,
    ]),
  ]);
}
