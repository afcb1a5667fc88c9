import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../../local/key-vault.ts';

export interface DeletedVault {
  readonly location: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ResourceManager {
  /** What a hook needs to reach it. */
  readonly settings: Record<string, string>;
  deletedVaults: readonly DeletedVault[];
  /** Answered in the place of everything else, as a status and an error's code. */
  failure: readonly [number, string] | undefined;
  close(): Promise<void>;
}

const subscription = '00000000-0000-0000-0000-00000000a2d0';
const path = `/subscriptions/${subscription}/providers/Microsoft.KeyVault/deletedVaults`;
const token = 'local-resource-manager';

/**
 * The part of Azure Resource Manager that lists deleted Key Vaults, over HTTPS, a page for each vault.
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted
 */
export async function startResourceManager(): Promise<ResourceManager> {
  const { private: key, cert } = await selfSigned();
  const server = createServer({ key, cert }, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', origin);
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const fail = (status: number, code: string) => answer(status, { error: { code, message: code } });

    if (request.headers.authorization !== `Bearer ${token}`) return fail(401, 'InvalidAuthenticationToken');
    if (manager.failure !== undefined) return fail(...manager.failure);
    if (request.method !== 'GET' || pathname !== path) return fail(404, 'SubscriptionNotFound');
    if (!/^\d{4}-\d\d-\d\d$/.test(searchParams.get('api-version') ?? ''))
      return fail(400, 'MissingApiVersionParameter');
    const page = Number(searchParams.get('$skiptoken') ?? 0);
    const value = manager.deletedVaults
      .slice(page, page + 1)
      .map((properties, index) => ({ name: `vault-${page + index}`, properties }));
    searchParams.set('$skiptoken', `${page + 1}`);
    const more = page + 1 < manager.deletedVaults.length;
    return answer(200, { value, ...(more && { nextLink: `${origin}${path}?${searchParams}` }) });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const manager: ResourceManager = {
    settings: {
      AZURE_SUBSCRIPTION_ID: subscription,
      RESOURCE_MANAGER_URL: origin,
      RESOURCE_MANAGER_CERTIFICATE: cert,
      RESOURCE_MANAGER_TOKEN: token,
    },
    deletedVaults: [],
    failure: undefined,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return manager;
}
