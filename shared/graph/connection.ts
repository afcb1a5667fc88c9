import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
  type PipelineRetryOptions,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import type { Settings } from '../settings/settings.ts';

/** Where Graph is; the last two are of a local stand-in. */
export interface GraphAddress {
  readonly VARIANT: Settings['VARIANT'];
  readonly GRAPH_URL: string;
  readonly GRAPH_CERTIFICATE?: string | undefined;
  readonly GRAPH_TOKEN?: string | undefined;
}

export interface GraphOptions {
  readonly retryOptions: PipelineRetryOptions;
  readonly scopes?: readonly string[];
  /** Sees every try of a request. */
  readonly eachTry?: PipelinePolicy;
}

/**
 * Connects to Microsoft Graph: in the cloud as `credential`, locally to a stand-in with a certificate and a token of
 * its own. A token is asked for the origin that it goes to, so it serves nowhere else.
 *
 * @returns sends a request, and throws where there is no answer
 */
export function connectGraph(
  address: GraphAddress,
  credential: TokenCredential,
  { retryOptions, scopes = ['.default'], eachTry }: GraphOptions,
): (request: PipelineRequest) => Promise<PipelineResponse> {
  const { origin } = new URL(address.GRAPH_URL);
  const pipeline = createPipelineFromOptions({
    retryOptions,
    ...(address.VARIANT === 'local' &&
      address.GRAPH_CERTIFICATE !== undefined && { tlsOptions: { ca: address.GRAPH_CERTIFICATE } }),
  });
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({ credential, scopes: scopes.map((scope) => `${origin}/${scope}`) }),
  );
  if (eachTry) pipeline.addPolicy(eachTry, { afterPhase: 'Retry' });
  const client = createDefaultHttpClient();
  return (request) => pipeline.sendRequest(client, request);
}

/** The credential for that address: `credential`, and for a local stand-in the token that it gives out. */
export function graphCredential(address: GraphAddress, credential: () => TokenCredential): TokenCredential {
  if (address.VARIANT === 'azure') return credential();
  const token = { token: address.GRAPH_TOKEN ?? '', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  return { getToken: async () => token };
}

/**
 * Lets `refuse` throw for a token of another tenant. A token that cannot be read passes, as its form is the
 * directory's own affair.
 */
export function ofTenant(
  tenantId: string,
  credential: TokenCredential,
  refuse: () => never,
): TokenCredential {
  return {
    async getToken(scopes, options) {
      const token = await credential.getToken(scopes, options);
      const tid = token === null ? undefined : tenantOf(token.token);
      if (tid !== undefined && tid !== tenantId) refuse();
      return token;
    },
  };
}

/** What a response says, where it is JSON. */
export function parsed({ bodyAsText }: PipelineResponse): unknown {
  try {
    return JSON.parse(bodyAsText ?? '');
  } catch {
    return undefined;
  }
}

function tenantOf(token: string): unknown {
  try {
    return decodeJwt(token).tid;
  } catch {
    return undefined;
  }
}
