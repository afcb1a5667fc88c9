import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';
import type { Clock } from '../domain/clock.ts';
import { Unavailable } from '../domain/unavailable.ts';
import { Refreshed } from '../runtime/refreshed.ts';

const timeout = 1_500;
/** How soon, in milliseconds, the keys may be fetched again for a token whose key is not among them. */
const cooldownDuration = 5_000;

const configuration = z.object({ jwks_uri: z.url() });

/**
 * The keys of the identity provider: found through its OpenID configuration (OpenID Connect Discovery 1.0 section 4),
 * held, refreshed, and fetched anew for a key that is not among them. While the provider is away they serve on.
 *
 * @param failed is told why they could not be fetched
 * @returns a key resolver for jose, which throws Unavailable when the provider does not answer.
 */
export function signingKeys(
  discoveryUrl: string,
  clock: Clock,
  failed: (error: unknown) => void,
): JWTVerifyGetKey {
  const load = async () => {
    const { jwks_uri } = configuration.parse(await fetchJson(discoveryUrl));
    const keys = createRemoteJWKSet(new URL(jwks_uri), {
      timeoutDuration: timeout,
      cooldownDuration,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      [customFetch]: fetchAnswer,
    });
    await keys.reload();
    return keys;
  };
  const refreshed = new Refreshed(load, { clock, failed });

  return async (header, token) => {
    const { value: resolve } = await refreshed.read(AbortSignal.timeout(timeout));
    try {
      return await resolve(header, token);
    } catch (error) {
      if (tokensFault.some((kind) => error instanceof kind)) throw error;
      throw new Unavailable('the identity provider gave no keys', { cause: error });
    }
  };
}

/** What says that the token names no key of the provider; everything else is the provider's fault. */
const tokensFault = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetchAnswer(url, { signal: AbortSignal.timeout(timeout) });
  if (!answer.ok) throw new Unavailable(`the OpenID configuration answered ${answer.status}`);
  return answer.json();
}

function fetchAnswer(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, redirect: 'error' });
}
