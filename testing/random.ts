import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Random } from '../shared/domain/random.ts';

/** The same numbers in every run that has the same seed; every UUID is the same one. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    below: (limit) => uniformInt(generator, 0, limit - 1),
    uuid: () => '00000000-0000-4000-8000-000000000000',
  };
}
