import { readPrices } from '../capacity/command.ts';
import { standingCost, sumOf } from '../capacity/cost.ts';
import { given } from '../capacity/figures.ts';
import type { Size } from '../size.ts';

/** What a size costs while nobody asks, as a line for people. */
export function priceLine(size: Size): string {
  const prices = readPrices();
  const sum = sumOf(standingCost(size, given, prices)).toFixed(0);
  return `The size ${size.name} costs about ${sum} ${prices.currency} a month before anybody asks (${prices.region}, ${prices.date}); docs/deployment.md has the others.`;
}
