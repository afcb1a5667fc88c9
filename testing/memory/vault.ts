import { Readable } from 'node:stream';
import { createHttpHeaders, type HttpClient, RestError } from '@azure/core-rest-pipeline';
import { SecretClient } from '@azure/keyvault-secrets';
import { localVaultToken, Vault } from '../../local/key-vault.ts';

/** The local stand-in for Key Vault within this process, behind the real client. */
export interface MemoryVault {
  readonly vault: SecretClient;
  /** While it is away, every connection breaks. */
  isAway: boolean;
}

const origin = 'https://vault.invalid';

/** @param now in milliseconds since the epoch; versions are as old as it says */
export function memoryVault(now: () => number): MemoryVault {
  const service = new Vault(origin, { secrets: new Map(), now });
  const httpClient: HttpClient = {
    async sendRequest(request) {
      if (memory.isAway) throw new RestError('the connection was cut', { code: 'ECONNRESET', request });
      const { method, url, headers, body } = request;
      const incoming = Object.assign(Readable.from(body === undefined ? [] : [body]), {
        method,
        url: url.slice(origin.length),
        headers: headers.toJSON(),
      });
      const answer = await service.answer(incoming);
      const answered = { status: answer.status, headers: createHttpHeaders(answer.headers) };
      return { request, ...answered, bodyAsText: answer.body };
    },
  };
  const token = { token: localVaultToken, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
  const vault = new SecretClient(
    origin,
    { getToken: async () => token },
    { httpClient, disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } },
  );
  const memory: MemoryVault = { vault, isAway: false };
  return memory;
}
