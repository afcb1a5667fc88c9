import autocannon, { type Client, type Instance, type Result } from 'autocannon';
import { cpuMilliseconds } from './cpu.ts';

/** What a load made of a service. */
export interface Measured {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds, by percentile. */
  readonly p50: number;
  readonly p95: number;
  /** Milliseconds of the service's CPU time for each request. */
  readonly cpu: number;
}

/** One kind of request: where it goes, and as whom; several names are used in turn. */
export interface Kind {
  /** The process that answers. */
  readonly pid: number;
  readonly url: string;
  readonly status: number;
  readonly headers: readonly Readonly<Record<string, string>>[];
}

/**
 * Sends requests of one kind for a while, each connection one at a time.
 *
 * @throws Error if any answer has another status than the kind says: then the figure would mean nothing.
 */
export async function load(
  { pid, url, status, headers }: Kind,
  connections: number,
  seconds: number,
): Promise<Measured> {
  const times: number[] = [];
  const before = cpuMilliseconds(pid);
  const instance = autocannon({
    url,
    connections,
    duration: seconds,
    requests: headers.map((each) => ({ method: 'GET', headers: each })),
  }) as unknown as Instance & PromiseLike<Result>;
  const odd = new Set<number>();
  instance.on('response', (_client: Client, answered: number, _bytes: number, milliseconds: number) => {
    times.push(milliseconds);
    if (answered !== status) odd.add(answered);
  });
  const { errors, duration } = await instance;
  const cpu = (cpuMilliseconds(pid) - before) / times.length;
  if (errors > 0 || odd.size > 0) throw new Error(`${url}: ${errors} errors, and answers with ${[...odd]}`);
  times.sort((a, b) => a - b);
  const percentile = (p: number) => times[Math.floor((times.length - 1) * p)] ?? 0;
  return { rate: times.length / duration, p50: percentile(0.5), p95: percentile(0.95), cpu };
}

/** The middle one of some figures. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
}

type Ratios = Pick<Measured, 'rate' | 'p50' | 'cpu'>;

/**
 * Compares two kinds of requests under the same load, in turns, so that what else the machine does hits both.
 *
 * @returns the medians over all rounds of the ratios of the first to the second.
 */
export async function compare(
  first: Kind,
  second: Kind,
  { rounds = 7, connections = 8, seconds = 2 } = {},
): Promise<Ratios> {
  const ratios: Ratios[] = [];
  for (let round = 0; round < rounds; round++) {
    // Whoever comes second finds the machine warmer, so they swap.
    const [a, b] = round % 2 === 0 ? [first, second] : [second, first];
    const [x, y] = [await load(a, connections, seconds), await load(b, connections, seconds)];
    const [one, two] = round % 2 === 0 ? [x, y] : [y, x];
    ratios.push({ rate: one.rate / two.rate, p50: one.p50 / two.p50, cpu: one.cpu / two.cpu });
  }
  return {
    rate: median(ratios.map(({ rate }) => rate)),
    p50: median(ratios.map(({ p50 }) => p50)),
    cpu: median(ratios.map(({ cpu }) => cpu)),
  };
}
