import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** How the server treats a request: `away` cuts the connection, `hang` never answers. */
export type Behaviour = 'answer' | 'away' | 'hang' | 'status 500' | 'not JSON' | 'redirect';

/** One of its signing keys. */
interface SigningKey {
  readonly kid: string;
  readonly privateJwk: JWK;
  /** As published: with `kid` and `use`, and like Entra ID's without `alg`. */
  readonly publicJwk: JWK;
}

export interface SignOptions {
  /** RS256 by default. */
  readonly alg?: string;
  /** Signs with this key instead of the published one of the algorithm; bytes are for HMAC. */
  readonly key?: CryptoKey | Uint8Array;
  /** Added to `alg`, `kid` and `typ`; undefined removes one of them. */
  readonly header?: Record<string, unknown>;
}

export interface KeyServer {
  readonly issuer: string;
  readonly discoveryUrl: string;
  /** Every request so far, by its path. */
  readonly requests: string[];
  /** The published key of a key type. */
  key(kty: 'RSA' | 'EC' | 'OKP'): SigningKey;
  /** Signs claims, or any text in their place. */
  sign(claims: object | string, options?: SignOptions): Promise<string>;
  /** Replaces all keys. */
  rotate(): Promise<void>;
  behave(behaviour: Behaviour, at?: 'configuration' | 'keys'): void;
  close(): Promise<void>;
}

const algorithms = ['RS256', 'RS256', 'ES256', 'EdDSA'];
const configurationPath = '/.well-known/openid-configuration';
const keysPath = '/keys';

/**
 * An OpenID provider's discovery and JWKS endpoints, whose tokens say whatever a test wants. It publishes two RSA keys,
 * an EC key and an Ed25519 key.
 */
export async function startKeyServer(): Promise<KeyServer> {
  const requests: string[] = [];
  const behaviours: Record<string, Behaviour> = {};
  let keys = await generateKeys(1);
  let generation = 1;

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    treat(behaviours[path] ?? 'answer', response, () => {
      if (path === configurationPath) return { issuer, jwks_uri: `${issuer}${keysPath}` };
      return { keys: keys.map(({ publicJwk }) => publicJwk) };
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const key = (kty: string) => keys.find(({ publicJwk }) => publicJwk.kty === kty) as SigningKey;

  return {
    issuer,
    discoveryUrl: `${issuer}${configurationPath}`,
    requests,
    key,
    async sign(claims, { alg = 'RS256', key: given, header = {} } = {}) {
      const { kid, privateJwk } = key(keyType(alg));
      const text = typeof claims === 'string' ? claims : JSON.stringify(claims);
      const names = (header.crit ?? []) as string[];
      return new CompactSign(new TextEncoder().encode(text))
        .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
        .sign(given ?? (await importJWK(privateJwk, alg)), {
          crit: Object.fromEntries(names.map((name) => [name, true])),
        });
    },
    async rotate() {
      keys = await generateKeys(++generation);
    },
    behave(behaviour, at) {
      if (at !== 'keys') behaviours[configurationPath] = behaviour;
      if (at !== 'configuration') behaviours[keysPath] = behaviour;
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function treat(behaviour: Behaviour, response: ServerResponse, document: () => object): void {
  switch (behaviour) {
    case 'hang':
      return;
    case 'away':
      response.destroy();
      return;
    case 'status 500':
      response.writeHead(500).end();
      return;
    case 'not JSON':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sorry</title>');
      return;
    case 'redirect':
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      return;
    case 'answer':
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document()));
  }
}

function generateKeys(generation: number): Promise<SigningKey[]> {
  return Promise.all(
    algorithms.map(async (alg, index) => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      const kid = `key-${generation}-${index}`;
      return {
        kid,
        privateJwk: await exportJWK(privateKey),
        publicJwk: { ...(await exportJWK(publicKey)), kid, use: 'sig' },
      };
    }),
  );
}

function keyType(alg: string): string {
  if (alg.startsWith('ES')) return 'EC';
  return alg.startsWith('Ed') ? 'OKP' : 'RSA';
}
