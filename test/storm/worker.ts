import fc from 'fast-check';
import { expect } from 'vitest';
import type { Answer } from '../../testing/api.ts';
import type { Entry, Heard, on, PersonModel } from './model.ts';

/** How many passwords a worker keeps; those of one person together stay below the limit. */
const keepAtMost = 5;

/** One thing that a worker does next. */
export const step = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('create' as const) },
    { weight: 3, arbitrary: fc.constant('remove' as const) },
    { weight: 2, arbitrary: fc.constant('rename' as const) },
    { weight: 2, arbitrary: fc.constant('repeat' as const) },
    { weight: 1, arbitrary: fc.constantFrom('register' as const, 'verify' as const, 'list' as const) },
  ),
  pick: fc.nat(),
  key: fc.option(fc.uuid(), { nil: undefined }),
});
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/**
 * Does one step of a worker, which touches only what it made itself.
 *
 * @param heard waits for an answer; undefined where there was none
 */
export async function take(
  { kind, pick, key }: Step,
  own: Entry[],
  model: PersonModel,
  me: ReturnType<typeof on>,
  heard: (request: Promise<Answer>) => Promise<Heard>,
): Promise<void> {
  const choose = (from: readonly Entry[]) => from[pick % from.length];
  const create = (operation: Entry['operation'], again: string | undefined) =>
    model.create(operation, again, (name, headers) => heard(me[operation](name, headers)));
  const hasRoom = own.filter(({ live }) => live !== false).length < keepAtMost;
  if (kind === 'create' && hasRoom) {
    own.push(await create('create', key));
  } else if (kind === 'register' && hasRoom) {
    own.push(await create('register', key));
  } else if (kind === 'repeat' && hasRoom) {
    const first = choose(own.filter((entry) => entry.key !== undefined));
    if (first !== undefined) own.push(await create(first.operation, first.key));
  } else if (kind === 'remove' || kind === 'create') {
    const entry = choose(own.filter(({ id }) => id !== undefined));
    if (entry !== undefined) await model.remove(entry, (id) => heard(me.remove(id)));
  } else if (kind === 'rename') {
    const entry = choose(own.filter(({ id }) => id !== undefined));
    if (entry !== undefined) await model.rename(entry, (id, name) => heard(me.rename(id, name)));
  } else if (kind === 'verify') {
    const entry = choose(own.filter(({ secret }) => secret !== undefined));
    if (entry !== undefined) await model.verify(entry, (secret) => heard(me.verify(secret)));
  } else {
    const list = await heard(me.list());
    if (list?.status === 200) expect(list.body.remaining).toBe(40 - list.body.appPasswords.length);
  }
}
