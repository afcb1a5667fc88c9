import * as z from 'zod';
import { Refused } from '../refused.ts';
import type { Size } from '../size.ts';
import { type ResourceManager, regionName } from './resource-manager.ts';

/** Where and as what a deployment is to be. */
export interface Place {
  readonly subscription: string;
  /** The name of the deployment. */
  readonly environment: string;
  /** The name of a region, as in swedencentral. */
  readonly location: string;
  readonly size: Size;
  readonly tablesRedundancy: string;
  readonly hostRedundancy: string;
}

const group = z.object({ location: z.string() });
const region = z.object({ name: z.string(), properties: z.object({ orgDomain: z.string().nullish() }) });
const sku = z.object({
  name: z.string(),
  resourceType: z.string(),
  kind: z.string().nullish(),
  locations: z.array(z.string()),
  restrictions: z
    .array(z.object({ type: z.string().nullish() }))
    .nullish()
    .transform((items) => items ?? []),
});
const account = z.object({ name: z.string(), sku: z.object({ name: z.string() }) });

/**
 * Looks whether Azure can make the deployment, before anything is made or changed.
 *
 * @returns whether its resource group is there
 * @throws Refused where it cannot, with what to do instead
 */
export async function checkPlace(manager: ResourceManager, place: Place): Promise<boolean> {
  const exists = await staysInItsRegion(manager, place);
  await offersThePlan(manager, place);
  await offersTheStorage(manager, place);
  if (exists) await keepsItsStorage(manager, place);
  return exists;
}

/** A resource group never changes its region, nor does what is in it. */
async function staysInItsRegion(manager: ResourceManager, place: Place): Promise<boolean> {
  const { subscription, environment, location } = place;
  const path = `/subscriptions/${subscription}/resourcegroups/rg-${environment}?api-version=2021-04-01`;
  const found = await manager.find(group, path, 'read the resource group');
  if (found === undefined) return false;
  if (regionName(found.location) === location) return true;
  throw new Refused(
    `The deployment ${environment} is in ${found.location}, and stays there. For another region make a deployment of another name: "azd env new NAME", then "azd up"; or back to this one: "azd env set AZURE_LOCATION ${found.location}".`,
  );
}

/** @see https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to#view-currently-supported-regions */
async function offersThePlan(manager: ResourceManager, { subscription, location, size }: Place) {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Web/geoRegions?sku=FlexConsumption&api-version=2023-12-01`;
  const regions = await manager.list(region, path, 'list the regions of Flex Consumption');
  if (regions === undefined) return;
  const fitting = regions.filter(
    ({ properties: { orgDomain } }) => !size.zoneRedundant || orgDomain?.includes('FCZONEREDUNDANCY'),
  );
  const names = fitting.map(({ name }) => regionName(name)).sort();
  if (names.includes(location)) return;
  throw new Refused(
    `${location} does not offer Azure Functions on Flex Consumption${size.zoneRedundant ? ` over zones, which the size ${size.name} takes` : ''}. Take one of these: ${names.join(', ')}. "azd env set AZURE_LOCATION REGION", then "azd up" again.`,
  );
}

/** @see https://learn.microsoft.com/rest/api/storagerp/skus/list */
async function offersTheStorage(manager: ResourceManager, place: Place) {
  const path = `/subscriptions/${place.subscription}/providers/Microsoft.Storage/skus?api-version=2023-05-01`;
  const skus = await manager.list(sku, path, 'list the kinds of storage');
  if (skus === undefined) return;
  const offered = skus.filter(
    ({ resourceType, kind, locations, restrictions }) =>
      resourceType === 'storageAccounts' &&
      kind === 'StorageV2' &&
      restrictions.length === 0 &&
      locations.some((name) => regionName(name) === place.location),
  );
  for (const { setting, wanted } of accountsOf(place)) {
    if (offered.some(({ name }) => name === wanted)) continue;
    throw new Refused(
      `${place.location} has no storage of the kind ${wanted} for this subscription. Take another region, or have less: azd env set ${setting} Standard_LRS`,
    );
  }
}

const accountsOf = ({ tablesRedundancy, hostRedundancy }: Place) => [
  { setting: 'TABLES_REDUNDANCY', prefix: 'stdata', wanted: tablesRedundancy },
  { setting: 'HOST_REDUNDANCY', prefix: 'sthost', wanted: hostRedundancy },
];

/**
 * An account that exists changes between one zone and three by a conversion alone, which takes hours or days.
 *
 * @see https://learn.microsoft.com/azure/storage/common/redundancy-migration
 */
async function keepsItsStorage(manager: ResourceManager, place: Place) {
  const { subscription, environment } = place;
  const path = `/subscriptions/${subscription}/resourceGroups/rg-${environment}/providers/Microsoft.Storage/storageAccounts?api-version=2023-05-01`;
  const accounts = (await manager.list(account, path, 'list the storage accounts')) ?? [];
  for (const { setting, prefix, wanted } of accountsOf(place)) {
    const current = accounts.find(({ name }) => name.startsWith(prefix));
    if (current === undefined || isOverZones(current.sku.name) === isOverZones(wanted)) continue;
    const target = isOverZones(wanted) ? 'Standard_ZRS' : 'Standard_LRS';
    throw new Refused(
      `The storage account ${current.name} is ${current.sku.name}, and no deployment makes it ${wanted}. Keep it as it is:

  azd env set ${setting} ${current.sku.name}

or have Azure convert it, which takes hours or days; "azd up" works again when it has:

  az storage account migration start --account-name ${current.name} --resource-group rg-${environment} --sku ${target}`,
    );
  }
}

const isOverZones = (redundancy: string) => redundancy.endsWith('ZRS');
