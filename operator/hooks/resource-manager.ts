import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import * as z from 'zod';
import type { Environment } from '../command.ts';
import { Refused } from '../refused.ts';

/** Azure Resource Manager, for whoever deploys. Everything throws Refused with a message that says what to do. */
export interface ResourceManager {
  /**
   * @param path with its version, as in /subscriptions/…?api-version=…
   * @param to what it is for, as in "read the resource group"
   * @returns undefined where it does not exist
   */
  find<T>(schema: z.ZodType<T>, path: string, to: string): Promise<T | undefined>;
  /** All pages of it. @returns undefined where the subscription does not use that service yet, so that Azure says nothing */
  list<T>(schema: z.ZodType<T>, path: string, to: string): Promise<T[] | undefined>;
  /** What is signed in. */
  principalType(): Promise<'User' | 'ServicePrincipal'>;
}

/** The name of a region, which Azure also writes as in "Sweden Central". */
export const regionName = (text: string) => text.replaceAll(' ', '').toLowerCase();

const scope = 'https://management.azure.com/.default';
const page = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

/** Opens it, or locally a stand-in with a certificate and a token of its own. */
export function openResourceManager(env: Environment): ResourceManager {
  const {
    VARIANT,
    RESOURCE_MANAGER_URL = '',
    RESOURCE_MANAGER_CERTIFICATE = '',
    RESOURCE_MANAGER_TOKEN = '',
  } = env;
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
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: [scope] }));
  const client = createDefaultHttpClient();
  const get = (url: string) =>
    pipeline.sendRequest(client, createPipelineRequest({ url, timeout: 30_000 })).catch((error) => {
      throw new Refused(
        `Azure gave no answer (${error.code ?? error.name}): look at the network and at "azd auth login --check-status", then run "azd up" again.`,
      );
    });

  return {
    async find(schema, path, to) {
      const response = await get(`${origin}${path}`);
      if (response.status === 404) return undefined;
      return schema.parse(accepted(response, to));
    },

    async list(schema, path, to) {
      const found = [];
      for (let next: string | null | undefined = `${origin}${path}`; next; ) {
        if (new URL(next).origin !== origin)
          throw new Refused('Azure Resource Manager sent an address that is not its own.');
        const response: PipelineResponse = await get(next);
        if (response.status === 409 && response.bodyAsText?.includes('MissingSubscriptionRegistration'))
          return undefined;
        const { value, nextLink } = page.parse(accepted(response, to));
        found.push(...value.map((item) => schema.parse(item)));
        next = nextLink;
      }
      return found;
    },

    async principalType() {
      const { token = '' } = (await credential.getToken(scope)) ?? {};
      // Entra ID puts scopes only into tokens of people.
      return decodeJwt(token).scp === undefined ? 'ServicePrincipal' : 'User';
    },
  };
}

function accepted({ status, bodyAsText }: PipelineResponse, to: string): unknown {
  if (status === 200) return JSON.parse(bodyAsText ?? '');
  throw new Refused(whyNot(status, to));
}

function whyNot(status: number, to: string): string {
  if (status === 401 || status === 403)
    return `Azure refuses to ${to} (${status}): the deployment takes the role Owner on this subscription, or Contributor and User Access Administrator.`;
  if (status === 404)
    return `Azure cannot ${to} (404): look at AZURE_SUBSCRIPTION_ID, and whether "azd auth login" is for its tenant.`;
  return `Azure could not ${to} (${status}): run "azd up" again.`;
}
