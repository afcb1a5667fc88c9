import type { Given } from './figures.ts';
import { type Demand, loadOf, secondsOfDay, writesEach } from './load.ts';

/** How people and their devices behave on the simulated day. All of it is assumed. */
export const habits = {
  /** Share of the devices that poll; the others hold a connection open (IMAP IDLE, push). */
  polling: 0.5,
  /** Of those that poll, the share that does so within 10 seconds of each quarter of an hour: scheduled programs. */
  scheduled: 0.01,
  scheduledWithin: 10,
  /** A held connection breaks with each change of the network: about once in so many seconds by day. */
  reconnectEvery: 3_600,
  /** Everybody arrives somewhere in the morning, and every device connects anew: when, and how widely spread, in seconds. */
  morning: { at: 8.5 * 3_600, deviation: 1_200 },
  /** Share of the devices that is awake, by the hour. */
  awake: [
    ...[0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.55, 0.8, 1, 1, 1, 1],
    ...[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.8, 0.5],
  ],
  /** After an answer 503 a device tries again after this many seconds, evenly spread. */
  retry: { from: 30, to: 90 },
} as const;

/** Nothing is answered for a while, every connection breaks, and then all devices come back. */
export interface Outage {
  /** Seconds since midnight. */
  readonly from: number;
  readonly to: number;
  /** Within how many seconds after it all devices come back, evenly spread. */
  readonly comeback: number;
}

export interface Day {
  readonly verifies: number;
  /** The busiest second, and how many verifies came in it, first tries and further ones. */
  readonly peak: { readonly at: number; readonly verifies: number };
  /** Storage operations that were wanted in the busiest second, before any was repeated. */
  readonly peakOperations: number;
  readonly peakInstances: number;
  /** Seconds in which storage refused something, and in which all instances that are allowed were busy. */
  readonly secondsThrottled: number;
  readonly secondsWithoutInstance: number;
  /** Verifies that were answered 503 though the service was up. */
  readonly refused: number;
  /** Seconds from the end of the outage until 999 of 1,000 devices were let in; null without an outage. */
  readonly backAfter: number | null;
}

/** A generator of numbers in [0, 1) (mulberry32), so that each run gives the same day. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many come in a second in which `mean` are expected, by the normal distribution that a Poisson one of many is. */
function arrivals(mean: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
}

/**
 * How likely one operation succeeds within all its tries, where `verifies` want more than storage takes: the name is
 * read first, then the password, and only after both is the use noted.
 */
export function successOf(verifies: number, writes: number, most: number): number {
  const taken = (success: number) => verifies * success * (1 + success + writes * success * success);
  if (taken(1) <= most) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (taken(middle) <= most) low = middle;
    else high = middle;
  }
  return low;
}

/** The density of the normal distribution. */
const density = (x: number, { at, deviation }: { at: number; deviation: number }) =>
  Math.exp(-(((x - at) / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));

/** What comes in one second of an ordinary day: how many verifies are expected, and how many of them write. */
function expected(second: number, demand: Demand, given: Given): { verifies: number; writes: number } {
  const devices = demand.people * demand.devices;
  const awake = habits.awake[Math.floor(second / 3_600)] ?? 1;
  const polling = devices * habits.polling * awake;
  const regular = (polling * (1 - habits.scheduled)) / (demand.interval * 60);
  const scheduled =
    second % 900 < habits.scheduledWithin ? (polling * habits.scheduled) / habits.scheduledWithin : 0;
  const reconnects = (devices * (1 - habits.polling) * awake) / habits.reconnectEvery;
  const morning = devices * density(second, habits.morning);
  return {
    verifies: regular + scheduled + reconnects + morning,
    writes: regular * writesEach(demand.interval, given) + scheduled + reconnects + morning,
  };
}

/**
 * Runs a day, second by second: what comes is drawn at random around what is expected, what storage or the instances
 * do not take is answered 503 and comes again. Names are taken as never remembered, and instances as there at once.
 * Pure: the same seed gives the same day.
 */
export function simulate(demand: Demand, given: Given, outage: Outage | null, seed = 1): Day {
  const random = randomFrom(seed);
  const { eachInstance } = loadOf(demand, given);
  const allowed = Math.min(demand.instances, given.regionalInstances);
  const devices = demand.people * demand.devices;
  const again = new Float64Array(secondsOfDay + habits.retry.to + 1);
  const backAgain = new Float64Array(again.length);
  const day = {
    verifies: 0,
    peak: { at: 0, verifies: 0 },
    peakOperations: 0,
    peakInstances: 0,
    secondsThrottled: 0,
    secondsWithoutInstance: 0,
    refused: 0,
    backAfter: null as number | null,
  };
  let back = 0;
  const retryLater = (list: Float64Array, second: number, count: number) => {
    const { from, to } = habits.retry;
    for (let after = from; after <= to; after++) {
      const at = second + after;
      if (at < list.length) list[at] = (list[at] as number) + count / (to - from + 1);
    }
  };
  for (let second = 0; second < secondsOfDay; second++) {
    if (outage !== null && second >= outage.from && second < outage.to) continue;
    const isAfter = outage !== null && second >= outage.to;
    // A device that is not back yet asks for nothing else.
    const present = isAfter ? Math.min(1, back / devices) : 1;
    const usual = expected(second, demand, given);
    const ordinary = { verifies: usual.verifies * present, writes: usual.writes * present };
    const comesBack = isAfter && second < outage.to + outage.comeback;
    const returning = (comesBack ? devices / outage.comeback : 0) + (backAgain[second] as number);
    const repeated = again[second] as number;
    const came = arrivals(ordinary.verifies + repeated + returning, random);
    const writes = (ordinary.writes + repeated + returning) / (ordinary.verifies + repeated + returning);
    const reached = Math.min(came, allowed * eachInstance);
    const success = successOf(reached, writes, given.accountOperations);
    const verified = reached * success * success;
    const failed = came === 0 ? 0 : 1 - verified / came;
    day.verifies += came;
    if (came > day.peak.verifies) day.peak = { at: second, verifies: came };
    day.peakOperations = Math.max(day.peakOperations, came * (2 + writes));
    day.peakInstances = Math.max(day.peakInstances, Math.min(allowed, Math.ceil(came / eachInstance)));
    if (success < 1) day.secondsThrottled++;
    if (reached < came) day.secondsWithoutInstance++;
    day.refused += came - verified;
    if (failed > 0) {
      retryLater(again, second, (ordinary.verifies + repeated) * failed);
      retryLater(backAgain, second, returning * failed);
    }
    if (isAfter) {
      back += returning * (1 - failed);
      if (day.backAfter === null && back >= devices * 0.999) day.backAfter = second - outage.to + 1;
    }
  }
  return day;
}
