import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import type { StoreSettings } from '../settings/settings.ts';

// Whoever reads the vault keeps what it had and tries again later: a long wait here would help nobody.
const retryOptions = { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 400 };

/**
 * Opens the Key Vault: by identity in the cloud; locally a stand-in over https with a certificate and token of its
 * own, whose address is none of Azure's, so the client may not insist on that.
 *
 * @param eachTry sees every try of a request
 */
export function openVault(
  settings: StoreSettings,
  credential: () => TokenCredential,
  eachTry?: PipelinePolicy,
): SecretClient {
  const options: SecretClientOptions = {
    retryOptions,
    ...(eachTry && { additionalPolicies: [{ policy: eachTry, position: 'perRetry' }] }),
  };
  if (settings.VARIANT === 'azure') return new SecretClient(settings.KEY_VAULT_URL, credential(), options);
  const token = { token: settings.KEY_VAULT_TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  return new SecretClient(
    settings.KEY_VAULT_URL,
    { getToken: async () => token },
    {
      ...options,
      disableChallengeResourceVerification: true,
      tlsOptions: { ca: settings.KEY_VAULT_CERTIFICATE },
    },
  );
}
