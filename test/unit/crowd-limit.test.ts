import { expect, test, vi } from 'vitest';
import { crowdLimit } from '../../shared/runtime/keyed-queue.ts';

test('Who does not get a turn in time is turned away, and does nothing later', async () => {
  const limited = crowdLimit(2, 1);
  let end = (_: string) => {};
  const first = limited('alice', () => new Promise<string>((resolve) => (end = resolve)));
  let ran = false;
  const second = limited('alice', async () => (ran = true));
  expect(await second).toBe('late');
  end('done');
  expect(await first).toBe('done');
  expect(await limited('alice', async () => 'next')).toBe('next');
  expect(ran).toBe(false);
});

test('The limit is of those that run, and holds nothing of those that ended', async () => {
  const limited = crowdLimit(2, 60_000);
  const ends: (() => void)[] = [];
  const task = () =>
    new Promise<string>((resolve) => {
      ends.push(() => resolve('done'));
    });
  const [first, second, third, other] = [
    limited('alice', task),
    limited('alice', task),
    limited('alice', task),
    limited('bob', task),
  ];
  expect(await third).toBe('crowded');
  await vi.waitFor(() => expect(ends).toHaveLength(2));
  ends[0]?.();
  await vi.waitFor(() => expect(ends).toHaveLength(3));
  for (const end of ends) end();
  expect(await Promise.all([first, second, other])).toEqual(['done', 'done', 'done']);
  const failing = async () => {
    throw new Error('storage is away');
  };
  for (let i = 0; i < 3; i++) await expect(limited('alice', failing)).rejects.toThrow('storage is away');
});
