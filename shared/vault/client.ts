import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import type { StoreSettings } from '../settings.ts';

/**
 * Opens the Key Vault: by identity in the cloud; locally a stand-in over https with a certificate and token of its
 * own, whose address is none of Azure's, so the client may not insist on that.
 */
export function openVault(settings: StoreSettings, credential: () => TokenCredential): SecretClient {
  if (settings.VARIANT === 'azure') return new SecretClient(settings.KEY_VAULT_URL, credential());
  const token = { token: settings.KEY_VAULT_TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  return new SecretClient(
    settings.KEY_VAULT_URL,
    { getToken: async () => token },
    { disableChallengeResourceVerification: true, tlsOptions: { ca: settings.KEY_VAULT_CERTIFICATE } },
  );
}
