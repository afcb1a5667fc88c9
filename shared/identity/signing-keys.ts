import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod';
import { type Clock, Unavailable } from '../domain/ports.ts';

const discoveredAnewAfter = 24 * 3600_000;
const timeout = 1_500;
/** How soon, in milliseconds, the keys may be fetched again for a token whose key is not among them. */
const cooldown = 5_000;

const configuration = z.object({ jwks_uri: z.url() });

/**
 * The keys of the identity provider: found through its OpenID configuration (OpenID Connect Discovery 1.0 section 4),
 * fetched when needed, kept, and fetched anew for a key that is not among them.
 *
 * @returns a key resolver for jose, which throws Unavailable when the provider does not answer.
 */
export function signingKeys(discoveryUrl: string, clock: Clock): JWTVerifyGetKey {
  let discovered: { keys: Promise<ReturnType<typeof createRemoteJWKSet>>; at: number } | undefined;

  const discover = async () => {
    const { jwks_uri } = configuration.parse(await fetchJson(discoveryUrl));
    return createRemoteJWKSet(new URL(jwks_uri), {
      timeoutDuration: timeout,
      cooldownDuration: cooldown,
      [customFetch]: fetchAnswer,
    });
  };

  return async (header, token) => {
    if (discovered === undefined || clock.now() - discovered.at > discoveredAnewAfter) {
      const fresh = { keys: discover(), at: clock.now() };
      discovered = fresh;
      fresh.keys.catch(() => {
        if (discovered === fresh) discovered = undefined;
      });
    }
    try {
      const resolve = await discovered.keys;
      return await resolve(header, token);
    } catch (error) {
      // A key that is not there is the token's fault; everything else is the provider's.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JOSENotSupported) throw error;
      throw new Unavailable('the identity provider gave no keys', { cause: error });
    }
  };
}

async function fetchJson(url: string): Promise<unknown> {
  const answer = await fetchAnswer(url, { signal: AbortSignal.timeout(timeout) });
  if (!answer.ok) throw new Error(`the OpenID configuration answered ${answer.status}`);
  return answer.json();
}

function fetchAnswer(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, redirect: 'error' });
}
