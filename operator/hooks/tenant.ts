import * as z from 'zod';
import { Refused } from '../refused.ts';
import type { ResourceManager } from './resource-manager.ts';

const subscriptionShape = z.object({ tenantId: z.guid() });

/**
 * The tenant that a subscription belongs to, and so its people.
 *
 * @param expected what the environment says, if anything
 * @throws Refused where that is another one
 */
export async function tenantOf(
  manager: ResourceManager,
  subscription: string,
  expected: string | undefined,
): Promise<string> {
  const path = `/subscriptions/${subscription}?api-version=2022-12-01`;
  const found = await manager.find(subscriptionShape, path, 'read the subscription');
  if (found === undefined)
    throw new Refused(
      'Azure does not know this subscription: look at AZURE_SUBSCRIPTION_ID, and whether "azd auth login" is for its tenant.',
    );
  if (expected && expected !== found.tenantId)
    throw new Refused(
      `AZURE_TENANT_ID is not the tenant of this subscription, which is ${found.tenantId}: "azd env set AZURE_TENANT_ID ${found.tenantId}", or take another subscription.`,
    );
  return found.tenantId;
}
