import * as z from 'zod';
import { type ResourceManager, regionName } from './resource-manager.ts';

const deletedVault = z.object({
  properties: z.object({ location: z.string(), tags: z.record(z.string(), z.string()).nullish() }),
});

/**
 * Whether the Key Vault of an azd environment lies in the subscription as a deleted one. Purge protection keeps its
 * name for 90 days, so that it can only be recovered.
 *
 * @throws Refused where Azure does not tell
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted
 */
export async function wasVaultDeleted(
  manager: ResourceManager,
  subscription: string,
  { environment, location }: { readonly environment: string; readonly location: string },
): Promise<boolean> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01`;
  const vaults = await manager.list(deletedVault, path, 'list the deleted Key Vaults of this subscription');
  return (vaults ?? []).some(
    ({ properties: { tags, location: where } }) =>
      tags?.['azd-env-name'] === environment && regionName(where) === location,
  );
}
