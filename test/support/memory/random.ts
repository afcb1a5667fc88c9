import type { Random } from '../../../shared/domain/ports.ts';

/** The same numbers in every run: Mulberry32, which passes tests of uniformity and is no secret. */
export function seeded(seed: number): Random {
  let state = seed;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  const digits = (count: number) => Array.from({ length: count }, () => below(16).toString(16)).join('');
  return {
    below,
    uuid: () => [digits(8), digits(4), `4${digits(3)}`, `8${digits(3)}`, digits(12)].join('-'),
  };
}
