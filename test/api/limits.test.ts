import { afterAll, beforeAll, expect, test } from 'vitest';
import { person } from '../../testing/api.ts';
import { recordsIn } from '../../testing/records.ts';
import type { Service } from '../../testing/service.ts';
import { type Fate, startProxiedService, type TableProxy } from '../../testing/table-proxy.ts';

let service: Service;
let proxy: TableProxy;

beforeAll(async () => {
  ({ service, proxy } = await startProxiedService());
});

afterAll(() => service.close());

test('Whoever asks for more than 250 app passwords at once hears 429, which is no fault, and nobody else does', async () => {
  const alice = person(service.origin, await service.token('alice@example.com'));
  const bob = person(service.origin, await service.token('bob@example.com'));
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  // What concerns alice waits.
  proxy.fate(async (_index, request): Promise<Fate> => {
    if (request.includes('a11ce000')) await gate;
    return 'pass';
  });
  const since = service.host.output().length;
  const waiting: Promise<unknown>[] = [];
  const refused: string[] = [];
  let faults = 0;
  for (let i = 0; i < 270; i++)
    waiting.push(
      alice.create(`Device ${i}`).then(({ status, headers }) => {
        if (status === 429) refused.push(headers.get('retry-after') ?? '');
        if (status === 503) faults++;
        if (refused.length >= 20) open();
      }),
    );
  expect((await bob.create('Phone')).status).toBe(201);
  await Promise.all(waiting);
  proxy.fate(() => 'pass');
  expect(refused.length).toBeGreaterThanOrEqual(20);
  expect(new Set(refused)).toEqual(new Set(['5']));
  const records = recordsIn(service.host.output().slice(since));
  // On a slow machine some of the others may not end in time; who had no turn is none of these faults, as a 429 is none.
  const failed = records.filter(({ event }) => event === 'function.failed');
  expect(failed.length).toBeLessThanOrEqual(faults);
  expect(records.find(({ event }) => event === 'management.refused')).toMatchObject({
    reason: 'too-many-requests',
    caller: expect.stringContaining('a11ce000'),
  });
  expect((await alice.list()).status).toBe(200);
});
