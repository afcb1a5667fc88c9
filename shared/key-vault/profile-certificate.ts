import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SecretClient } from '@azure/keyvault-secrets';
import type { Clock } from '../domain/clock.ts';
import { Refreshed } from '../runtime/refreshed.ts';
import { MalformedSecret } from './secret-versions.ts';
import type { Signer } from './signed-data.ts';

/** Signs a text, as CMS SignedData that holds it. */
export type Sign = (content: string, signal: AbortSignal) => Promise<Uint8Array>;

interface Held {
  readonly version: string | undefined;
  readonly signer: Signer;
  /** What was signed last, as that is always the same. */
  last?: { readonly content: string; readonly signed: Promise<Uint8Array> };
}

/**
 * Signs with the newest version of a secret that holds PEM: a certificate, its key, and the certificates between it
 * and an authority, in any order. So does the secret of a certificate that Key Vault keeps in PEM.
 *
 * @returns what throws Unavailable where the secret cannot be read, or holds something else
 */
export function signerIn(
  vault: SecretClient,
  name: string,
  { clock, failed }: { readonly clock: Clock; readonly failed: (error: unknown) => void },
): Sign {
  const load = async (held: Held | undefined, abortSignal: AbortSignal): Promise<Held> => {
    const { value = '', properties } = await vault.getSecret(name, { abortSignal });
    return held?.version === properties.version && held !== undefined
      ? held
      : { version: properties.version, signer: parseSigner(name, value) };
  };
  const refreshed = new Refreshed(load, { clock, failed });

  return async (content, signal) => {
    const { value: held } = await refreshed.read(signal);
    if (held.last?.content !== content) {
      // Of some size, and seldom needed.
      const { signData } = await import('./signed-data.ts');
      held.last = { content, signed: signData(Buffer.from(content), held.signer, new Date(clock.now())) };
    }
    return held.last.signed;
  };
}

/** @throws MalformedSecret unless one of the certificates is that of the key */
function parseSigner(name: string, pem: string): Signer {
  try {
    const blocks = pem.match(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g) ?? [];
    const certificates = blocks
      .filter((block) => block.startsWith('-----BEGIN CERTIFICATE-----'))
      .map((block) => new X509Certificate(block));
    const key = createPrivateKey(blocks.find((block) => block.includes('PRIVATE KEY-----')) ?? '');
    const certificate = certificates.find((one) => one.checkPrivateKey(key));
    if (certificate === undefined) throw new TypeError('no certificate is that of the key');
    return { certificate, key, chain: certificates.filter((one) => one !== certificate) };
  } catch {
    throw new MalformedSecret(`the secret ${name} does not hold a certificate and its key in PEM`);
  }
}
