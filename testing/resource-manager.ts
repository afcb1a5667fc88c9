import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { UnsecuredJWT } from 'jose';
import { selfSigned } from '../local/key-vault.ts';

interface DeletedVault {
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What the subscription has and is offered; a test may change it. */
interface Offer {
  deletedVaults: readonly DeletedVault[];
  /** The region of each resource group, by its name. */
  groups: Record<string, string>;
  /** The kind of each storage account, by its name. */
  accounts: Record<string, string>;
  /** The regions of Flex Consumption, and whether it is over zones there. */
  regions: Record<string, boolean>;
  /** The kinds of storage, and the regions that have them. */
  storage: Record<string, readonly string[]>;
}

export interface ResourceManager extends Offer {
  /** What a hook needs to reach it. */
  readonly settings: Record<string, string>;
  readonly tenant: string;
  /** Answered in the place of everything that a resource provider says, as a status and an error's code. */
  failure: readonly [number, string] | undefined;
  close(): Promise<void>;
}

const subscription = '00000000-0000-0000-0000-00000000a2d0';
const tenant = '00000000-0000-0000-0000-0000000000b0';
const root = `/subscriptions/${subscription}`;

/** A token of a person, or of an application, as Entra ID gives it out. */
export const tokenOf = (who: 'person' | 'application') =>
  new UnsecuredJWT({ tid: tenant, ...(who === 'person' && { scp: 'user_impersonation' }) }).encode();

/**
 * The part of Azure Resource Manager that the hooks ask, over HTTPS, a page for each item of a list.
 * @see https://learn.microsoft.com/rest/api/azure/
 */
export async function startResourceManager(): Promise<ResourceManager> {
  const { private: key, cert } = await selfSigned();
  const tokens = [tokenOf('person'), tokenOf('application')];
  const lists: Record<string, (group: string) => unknown[]> = {
    [`${root}/providers/Microsoft.KeyVault/deletedVaults`]: () =>
      manager.deletedVaults.map((properties, index) => ({ name: `vault-${index}`, properties })),
    [`${root}/providers/Microsoft.Web/geoRegions`]: () =>
      Object.entries(manager.regions).map(([name, zones]) => ({
        name,
        properties: { name, orgDomain: `PUBLIC;FLEXCONSUMPTION${zones ? ';FCZONEREDUNDANCY' : ''}` },
      })),
    [`${root}/providers/Microsoft.Storage/skus`]: () =>
      Object.entries(manager.storage).map(([name, locations]) => ({
        ...{ resourceType: 'storageAccounts', kind: 'StorageV2', name, locations, restrictions: [] },
      })),
    [`${root}/resourceGroups/GROUP/providers/Microsoft.Storage/storageAccounts`]: () =>
      Object.entries(manager.accounts).map(([name, sku]) => ({ name, sku: { name: sku, tier: 'Standard' } })),
  };
  const server = createServer({ key, cert }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', origin);
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const fail = (status: number, code: string) => answer(status, { error: { code, message: code } });

    if (!tokens.some((token) => request.headers.authorization === `Bearer ${token}`))
      return fail(401, 'InvalidAuthenticationToken');
    if (request.method !== 'GET' || !pathname.startsWith(root)) return fail(404, 'SubscriptionNotFound');
    if (!/^\d{4}-\d\d-\d\d$/.test(searchParams.get('api-version') ?? ''))
      return fail(400, 'MissingApiVersionParameter');
    if (pathname === root) return answer(200, { subscriptionId: subscription, tenantId: tenant });
    const [, group = ''] = /\/resource[gG]roups\/([^/]+)/.exec(pathname) ?? [];
    if (group !== '' && manager.groups[group] === undefined) return fail(404, 'ResourceGroupNotFound');
    if (!pathname.includes('/providers/'))
      return answer(200, { name: group, location: manager.groups[group] });
    if (manager.failure !== undefined) return fail(...manager.failure);
    const items = lists[pathname.replace(`/${group}/`, '/GROUP/')]?.(group);
    if (items === undefined) return fail(404, 'InvalidResourceType');
    const page = Number(searchParams.get('$skiptoken') ?? 0);
    searchParams.set('$skiptoken', `${page + 1}`);
    const more = page + 1 < items.length;
    return answer(200, {
      value: items.slice(page, page + 1),
      ...(more && { nextLink: `${origin}${pathname}?${searchParams}` }),
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const everywhere = ['swedencentral', 'northeurope'];
  const manager: ResourceManager = {
    settings: {
      AZURE_SUBSCRIPTION_ID: subscription,
      RESOURCE_MANAGER_URL: origin,
      RESOURCE_MANAGER_CERTIFICATE: cert,
      RESOURCE_MANAGER_TOKEN: tokenOf('person'),
    },
    tenant,
    deletedVaults: [],
    groups: {},
    accounts: {},
    regions: { 'Sweden Central': true, 'North Europe': true, 'West US': false },
    storage: { Standard_LRS: [...everywhere, 'westus'], Standard_ZRS: everywhere, Standard_GZRS: everywhere },
    failure: undefined,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return manager;
}
