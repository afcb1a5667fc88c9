import { beforeEach, expect, test } from 'vitest';
import { defaultPolicy, highestLimit, type Policy } from '../../shared/domain/policy/policy.ts';
import { setPolicy } from '../../shared/domain/policy/set-policy.ts';
import { administrator, signal } from '../../testing/memory/people.ts';
import { type Instance, instanceIn, memoryWorld, type World } from '../../testing/memory/world.ts';

const strict: Policy = { ...defaultPolicy, limit: 3, protocols: ['imap'] };

let world: World;
let instance: Instance;

beforeEach(async () => {
  world = await memoryWorld();
  instance = instanceIn(world);
});

const stored = () => instance.ports.policy.stored(signal);
const set = (policy: Policy, mayReplace: (version: string) => boolean = () => true) =>
  setPolicy(instance.ports, { actor: administrator, policy, mayReplace }, signal);

test('A policy replaces the one that is named, holds at once, and is recorded once', async () => {
  const { version } = await stored();
  const result = await set(strict, (replaced) => replaced === version);
  expect(result).toMatchObject({ kind: 'set', policy: strict });
  expect(await set(strict, () => false)).toEqual(result);
  expect(await instance.ports.policy.read(signal)).toMatchObject(strict);
  expect(instance.records).toEqual([{ event: 'policy.changed', actor: administrator, policy: strict }]);
});

test('A policy does not replace another one than is named', async () => {
  const { version } = await stored();
  await set(strict);
  const looser = { ...defaultPolicy, limit: highestLimit - 1 };
  expect(await set(looser, (replaced) => replaced === version)).toEqual({ kind: 'precondition-failed' });
  expect(await stored()).toMatchObject(strict);
});

test('Of two policies at once one is refused', async () => {
  const { version } = await stored();
  const other = instanceIn(world);
  const what = { actor: administrator, mayReplace: (replaced: string) => replaced === version };
  const results = await Promise.all([
    setPolicy(instance.ports, { ...what, policy: strict }, signal),
    setPolicy(other.ports, { ...what, policy: { ...strict, limit: 4 } }, signal),
  ]);
  expect(results.map(({ kind }) => kind).sort()).toEqual(['precondition-failed', 'set']);
});

test('A policy whose answer got lost is set, and recorded', async () => {
  let lost = 0;
  world.fate((_, request) => (!request.startsWith('GET') && lost++ === 0 ? 'swallow' : 'pass'));
  expect(await set(strict)).toMatchObject({ kind: 'set', policy: strict });
  expect(lost).toBeGreaterThan(1);
  expect(instance.records).toHaveLength(1);
});
