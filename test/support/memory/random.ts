import type { Random } from '../../../shared/domain/ports.ts';

/** The same numbers in every run: a linear congruential generator modulo 2^64, of which the upper half is used. */
export function seeded(seed: number): Random {
  let state = BigInt(seed);
  const below = (limit: number) => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Math.floor((Number(state >> 32n) / 2 ** 32) * limit);
  };
  const digits = (count: number) => Array.from({ length: count }, () => below(16).toString(16)).join('');
  return {
    below,
    uuid: () => [digits(8), digits(4), `4${digits(3)}`, `8${digits(3)}`, digits(12)].join('-'),
  };
}
