import * as z from 'zod';
import type { Size } from '../size.ts';
import type { Given } from './figures.ts';
import { type Demand, loadOf, secondsOfDay } from './load.ts';

const priceShape = z.strictObject({
  price: z.number().nonnegative(),
  /** How much of it a month is free, in its unit. */
  free: z.number().nonnegative(),
  unit: z.string(),
  source: z.string(),
});

/** A table of prices, an input with its date. */
export const priceTable = z.strictObject({
  note: z.string(),
  date: z.iso.date(),
  region: z.string(),
  currency: z.string(),
  prices: z.strictObject({
    functionsGbSecond: priceShape,
    functionsMillionExecutions: priceShape,
    alwaysReadyGbSecond: priceShape,
    tableTenThousandOperations: priceShape,
    tableGbMonth: priceShape,
    vaultTenThousandOperations: priceShape,
    logsGb: priceShape,
    logAlertMonth: priceShape,
    metricAlertMonth: priceShape,
    webTestExecution: priceShape,
    privateEndpointHour: priceShape,
    privateDnsZoneMonth: priceShape,
    natGatewayHour: priceShape,
    publicAddressHour: priceShape,
  }),
});

export type PriceTable = z.infer<typeof priceTable>;

/** One line of a monthly bill: how much of the unit, and what it costs after what is free. */
export interface Item {
  readonly what: string;
  readonly amount: number;
  readonly cost: number;
}

const daysOfMonth = 30;

/** The bill of a month of 30 days, each of them the mean. Network, alerts and what is kept beyond the free time are not in it. Pure. */
export function costOf(demand: Demand, given: Given, { prices }: PriceTable): Item[] {
  const load = loadOf(demand, given);
  const seconds = secondsOfDay * daysOfMonth;
  // An instance is billed while any request is in it, and for a second at least; requests come at random.
  const busy = 1 - Math.exp(-(load.verifies.mean / load.instances.mean) * given.shortestBillable);
  const timers = (seconds / 60) * Math.max(given.timerSeconds, given.shortestBillable);
  const gbSeconds = (load.instances.mean * busy * seconds + timers) * given.instanceGb;
  const item = (what: string, amount: number, { price, free }: z.infer<typeof priceShape>): Item => ({
    what,
    amount,
    cost: Math.max(0, amount - free) * price,
  });
  return [
    item('functions, GB-seconds', gbSeconds, prices.functionsGbSecond),
    item(
      'functions, million executions',
      (load.verifies.mean * seconds + seconds / 60) / 1e6,
      prices.functionsMillionExecutions,
    ),
    item(
      'tables, 10,000 operations',
      (load.operations.mean * seconds) / 1e4,
      prices.tableTenThousandOperations,
    ),
    item('tables, GB kept', load.storedGb, prices.tableGbMonth),
    item('vault, 10,000 operations', (load.vault.mean * seconds) / 1e4, prices.vaultTenThousandOperations),
    item('audit trail and telemetry, GB', load.telemetry.gbDay * daysOfMonth, prices.logsGb),
  ];
}

/**
 * The bill of a month in which nobody asks for anything. What is kept and the few events of a quiet app stay below a dollar, and
 * are not in it. Pure.
 */
export function standingCost(size: Size, given: Given, { prices }: PriceTable): Item[] {
  const hours = 24 * daysOfMonth;
  const each = size.zoneRedundant
    ? Math.max(size.alwaysReadyInstances, given.zoneInstances) + given.timers * given.zoneInstances
    : size.alwaysReadyInstances;
  const gbSeconds = each * (size.instanceMemory / 1_024) * secondsOfDay * daysOfMonth;
  // From three places, every five minutes.
  const webTests = 3 * 12 * hours;
  const endpoints = size.privateNetworking ? given.privateEndpoints : 0;
  const networks = size.privateNetworking ? 1 : 0;
  const network =
    endpoints * (hours * prices.privateEndpointHour.price + prices.privateDnsZoneMonth.price) +
    networks * hours * (prices.natGatewayHour.price + prices.publicAddressHour.price);
  return [
    { what: 'always ready instances', amount: each, cost: gbSeconds * prices.alwaysReadyGbSecond.price },
    {
      what: 'alerts, and asking from outside',
      amount: given.logAlerts + 1,
      cost:
        given.logAlerts * prices.logAlertMonth.price +
        prices.metricAlertMonth.price +
        webTests * prices.webTestExecution.price,
    },
    { what: 'private network', amount: networks, cost: network },
  ];
}

/** What all lines of a bill come to. */
export function sumOf(items: readonly Item[]): number {
  return items.reduce((sum, { cost }) => sum + cost, 0);
}

/** What one always ready instance adds to a month, before it works. */
export function alwaysReadyCost({ instanceGb }: Given, { prices }: PriceTable): number {
  return secondsOfDay * daysOfMonth * instanceGb * prices.alwaysReadyGbSecond.price;
}
