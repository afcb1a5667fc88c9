import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { Refused } from '../../shared/refused.ts';

const deletedVaults = z.object({
  value: z.array(
    z.object({
      properties: z.object({ location: z.string(), tags: z.record(z.string(), z.string()).nullish() }),
    }),
  ),
  nextLink: z.string().nullish(),
});

/**
 * Whether the Key Vault of an azd environment lies in the subscription as a deleted one. Purge protection keeps its
 * name for 90 days, so that it can only be recovered.
 *
 * @throws Refused where Azure does not tell
 * @see https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted
 */
export async function wasVaultDeleted(
  subscription: string,
  environment: string,
  location: string,
): Promise<boolean> {
  const { origin, get } = connect();
  let url: string | null | undefined =
    `${origin}/subscriptions/${encodeURIComponent(subscription)}/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01`;
  while (url) {
    if (new URL(url).origin !== origin)
      throw new Refused('Azure Resource Manager sent an address that is not its own.');
    const { status, bodyAsText } = await get(url);
    // Nobody used Key Vault in this subscription yet; the deployment registers it.
    if (status === 409 && bodyAsText?.includes('MissingSubscriptionRegistration')) return false;
    if (status !== 200) throw new Refused(whyNot(status));
    const { value, nextLink } = deletedVaults.parse(JSON.parse(bodyAsText ?? ''));
    const found = value.some(
      ({ properties: { tags, location: where } }) =>
        tags?.['azd-env-name'] === environment &&
        where.replaceAll(' ', '').toLowerCase() === location.toLowerCase(),
    );
    if (found) return true;
    url = nextLink;
  }
  return false;
}

function whyNot(status: number): string {
  if (status === 401 || status === 403)
    return `Azure refuses to list the deleted Key Vaults of this subscription (${status}): the deployment takes the role Owner on it, or Contributor and User Access Administrator.`;
  if (status === 404)
    return 'Azure does not know this subscription (404): look at AZURE_SUBSCRIPTION_ID, and whether "azd auth login" is for its tenant.';
  return `Azure could not list the deleted Key Vaults (${status}): run "azd up" again.`;
}

function connect() {
  const {
    VARIANT,
    RESOURCE_MANAGER_URL = '',
    RESOURCE_MANAGER_CERTIFICATE = '',
    RESOURCE_MANAGER_TOKEN = '',
  } = process.env;
  // Another address than Azure's never gets a token of Azure's.
  const isLocal = VARIANT === 'local';
  const origin = isLocal ? new URL(RESOURCE_MANAGER_URL).origin : 'https://management.azure.com';
  const token = { token: RESOURCE_MANAGER_TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  const credential: TokenCredential = isLocal
    ? { getToken: async () => token }
    : new DefaultAzureCredential();
  const pipeline = createPipelineFromOptions(
    isLocal ? { tlsOptions: { ca: RESOURCE_MANAGER_CERTIFICATE } } : {},
  );
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({ credential, scopes: ['https://management.azure.com/.default'] }),
  );
  const client = createDefaultHttpClient();
  const get = (url: string) =>
    pipeline.sendRequest(client, createPipelineRequest({ url, timeout: 30_000 })).catch((error) => {
      throw new Refused(
        `Azure gave no answer (${error.code ?? error.name}): look at the network and at "azd auth login --check-status", then run "azd up" again.`,
      );
    });
  return { origin, get };
}
