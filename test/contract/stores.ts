import type { Tables } from '../../shared/tables/tables.ts';
import { memoryTables } from '../../testing/memory/table-service.ts';
import { startStore } from '../../testing/store.ts';

/** Where the same is expected of the adapters: empty tables within this process, and those of Azurite. */
export const stores: readonly (readonly [name: string, open: () => Promise<Tables>])[] = [
  ['in memory', async () => memoryTables().tables],
  ['in Azurite', async () => (await startStore()).tables],
];

/** For one request, also on a slow machine. */
export const soon = () => AbortSignal.timeout(20_000);
