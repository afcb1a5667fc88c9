import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { tenantId } from './identities.ts';

/** The only bearer token that the stand-in accepts. */
export const localVaultToken = 'local-key-vault';

const challenge = `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net"`;
const pageSize = 25;
const recovery = { recoveryLevel: 'Recoverable', recoverableDays: 90 };

/** Why the real service answers 403, by its inner code. */
const forbidden = {
  ForbiddenByRbac:
    'Caller is not authorized to perform action on resource. If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
  ForbiddenByConnection:
    'Public network access is disabled and request is not from a trusted service nor via an approved private link.',
  ForbiddenByFirewall: 'Client address is not authorized and caller is not a trusted service.',
};

interface Attributes {
  enabled: boolean;
  nbf?: number;
  exp?: number;
  created: number;
  updated: number;
}

interface Version {
  id: string;
  value: string;
  contentType?: string;
  tags?: Record<string, string>;
  attributes: Attributes;
}

export interface Secret {
  name: string;
  /** Oldest first. */
  versions: Version[];
  /** Unix seconds; there while the secret is soft-deleted. */
  deleted?: number;
}

/** What a PUT or a PATCH carries. */
interface Change {
  value?: string;
  contentType?: string;
  tags?: Record<string, string>;
  attributes?: Partial<Attributes>;
}

interface Answer {
  status: number;
  body: unknown;
}

/** An error as the real service words it. */
class VaultError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, code: string, { message, innerCode }: { message: string; innerCode?: string }) {
    super(message);
    this.status = status;
    this.body = {
      error: {
        code,
        message,
        ...(innerCode && { innererror: { code: innerCode } }),
      },
    };
  }
}

/**
 * A stand-in for Azure Key Vault's secrets over HTTPS on 127.0.0.1, for the real SecretClient
 * (`disableChallengeResourceVerification: true`, `tlsOptions: { ca: certificate }`).
 * @param options.port 0 takes a free one
 * @param options.file keeps the secrets across restarts; without it they are gone at the end
 * @param options.now milliseconds; makes versions of a given age
 * @param options.forbids why the next request is refused, as for a role that has not spread or a network that is closed
 * @returns `certificate`: PEM, new at each start
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/operation-groups
 */
export async function startKeyVault(options: {
  port: number;
  file?: string;
  now?: () => number;
  forbids?: () => keyof typeof forbidden | undefined;
}): Promise<{ url: string; certificate: string; close(): Promise<void> }> {
  const { port, file, now = Date.now, forbids } = options;
  const secrets = file ? load(file) : new Map<string, Secret>();
  const { private: key, cert } = await selfSigned();
  const server = createServer({ key, cert });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const vault = new Vault(url, { secrets, now, forbids });
  server.on('request', async (request, response) => {
    const { status, headers, body } = await vault.answer(request);
    // Before the answer: what was acknowledged is kept.
    if (file && request.method !== 'GET' && status === 200) save(file, secrets);
    response.writeHead(status, headers).end(body);
  });

  return {
    url,
    certificate: cert,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What of a request the vault looks at. */
export type VaultRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & Readable;

/** The secrets of a vault behind their protocol, however requests come. */
export class Vault {
  readonly #url: string;
  readonly #secrets: Map<string, Secret>;
  readonly #now: () => number;
  readonly #forbids: () => keyof typeof forbidden | undefined;

  constructor(
    url: string,
    {
      secrets,
      now,
      forbids = () => undefined,
    }: {
      secrets: Map<string, Secret>;
      now: () => number;
      forbids?: (() => keyof typeof forbidden | undefined) | undefined;
    },
  ) {
    this.#url = url;
    this.#secrets = secrets;
    this.#now = now;
    this.#forbids = forbids;
  }

  /** The answer to a request, also where that is an error; the body is JSON. */
  async answer(request: VaultRequest) {
    const { status, body } = await this.#answer(request).catch(asAnswer);
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache',
      ...(status === 401 && { 'www-authenticate': challenge }),
    };
    return { status, headers, body: JSON.stringify(body) };
  }

  async #answer(request: VaultRequest): Promise<Answer> {
    const { authorization } = request.headers;
    if (!authorization) {
      throw new VaultError(401, 'Unauthorized', {
        message: 'AKV10000: Request is missing a Bearer or PoP token.',
      });
    }
    if (authorization !== `Bearer ${localVaultToken}`) {
      throw new VaultError(401, 'Unauthorized', { message: 'AKV10032: Invalid token.' });
    }
    const reason = this.#forbids();
    if (reason !== undefined)
      throw new VaultError(403, 'Forbidden', { message: forbidden[reason], innerCode: reason });
    const { pathname, searchParams } = new URL(request.url ?? '', this.#url);
    const [collection, name = '', version = ''] = pathname.slice(1).split('/');
    const call = `${request.method} ${collection}`;

    if (call === 'GET deletedsecrets' && name) return ok(this.#deletedBundle(this.#deleted(name)));
    if (call === 'GET secrets' && !name) return ok(this.#list(searchParams));
    if (call === 'GET secrets' && version === 'versions') return ok(this.#listVersions(name, searchParams));
    if (call === 'GET secrets') return ok(this.#get(name, version));
    if (call === 'PUT secrets' && name) return ok(this.#set(name, await change(request)));
    if (call === 'PATCH secrets') return ok(this.#update(name, version, await change(request)));
    if (call === 'DELETE secrets') return ok(this.#delete(name));
    throw new VaultError(404, 'NotFound', { message: 'The stand-in has no such operation.' });
  }

  #get(name: string, version: string): unknown {
    const secret = this.#live(name);
    const found = versionOf(secret, version);
    if (!found.attributes.enabled) {
      const message = 'Operation get is not allowed on a disabled secret.';
      throw new VaultError(403, 'Forbidden', { message, innerCode: 'SecretDisabled' });
    }
    return { value: found.value, ...this.#properties(secret, found) };
  }

  #set(name: string, { value, contentType, tags, attributes }: Change): unknown {
    if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) throw badParameter('The secret name is invalid.');
    if (typeof value !== 'string') throw badParameter('Property value is required.');
    const secret = this.#secrets.get(name.toLowerCase()) ?? {
      name,
      versions: [],
    };
    if (secret.deleted !== undefined) {
      const message = `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused.`;
      throw new VaultError(409, 'Conflict', { message, innerCode: 'ObjectIsDeletedButRecoverable' });
    }
    const created = this.#seconds();
    const version: Version = {
      id: randomBytes(16).toString('hex'),
      value,
      ...(contentType !== undefined && { contentType }),
      ...(tags && { tags }),
      attributes: {
        enabled: true,
        ...settable(attributes),
        created,
        updated: created,
      },
    };
    secret.versions.push(version);
    this.#secrets.set(name.toLowerCase(), secret);
    return { value, ...this.#properties(secret, version) };
  }

  #update(name: string, id: string, { contentType, tags, attributes }: Change): unknown {
    const secret = this.#live(name);
    const version = versionOf(secret, id);
    if (contentType !== undefined) version.contentType = contentType;
    if (tags) version.tags = tags;
    Object.assign(version.attributes, settable(attributes), {
      updated: this.#seconds(),
    });
    return this.#properties(secret, version);
  }

  #delete(name: string): unknown {
    const secret = this.#live(name);
    secret.deleted = this.#seconds();
    return this.#deletedBundle(secret);
  }

  #list(query: URLSearchParams): unknown {
    const live = [...this.#secrets.values()].filter(({ deleted }) => deleted === undefined);
    const items = live.map((secret) => {
      const properties = this.#properties(secret, versionOf(secret, ''));
      return { ...properties, id: `${this.#url}/secrets/${secret.name}` };
    });
    return this.#page('/secrets', items, query);
  }

  #listVersions(name: string, query: URLSearchParams): unknown {
    // A missing secret has no versions; the real service does not call that an error.
    const secret = this.#secrets.get(name.toLowerCase());
    const versions = secret?.deleted === undefined ? (secret?.versions ?? []) : [];
    const items = versions.map((version) => this.#properties(secret as Secret, version));
    return this.#page(`/secrets/${name}/versions`, items, query);
  }

  /** By id, which for versions is a random order: the real service promises none. */
  #page(path: string, items: { id: string }[], query: URLSearchParams): unknown {
    const size = Number(query.get('maxresults') ?? pageSize);
    if (!(size >= 1 && size <= pageSize)) throw badParameter('maxresults must be between 1 and 25.');
    const after = query.get('$skiptoken') ?? '';
    const rest = items.filter(({ id }) => id > after).sort((a, b) => (a.id < b.id ? -1 : 1));
    const value = rest.slice(0, size);
    if (rest.length <= size) return { value, nextLink: null };
    const next = new URLSearchParams(query);
    next.set('$skiptoken', value.at(-1)?.id ?? '');
    return { value, nextLink: `${this.#url}${path}?${next}` };
  }

  #live(name: string): Secret {
    const secret = this.#secrets.get(name.toLowerCase());
    if (!secret || secret.deleted !== undefined) throw notFound(name);
    return secret;
  }

  #deleted(name: string): Secret {
    const secret = this.#secrets.get(name.toLowerCase());
    if (secret?.deleted === undefined) throw notFound(name);
    return secret;
  }

  #properties(secret: Secret, { id, value: _, attributes, ...rest }: Version) {
    return {
      id: `${this.#url}/secrets/${secret.name}/${id}`,
      ...rest,
      attributes: { ...attributes, ...recovery },
    };
  }

  #deletedBundle(secret: Secret): unknown {
    const deletedDate = secret.deleted ?? 0;
    return {
      ...this.#properties(secret, versionOf(secret, '')),
      recoveryId: `${this.#url}/deletedsecrets/${secret.name}`,
      deletedDate,
      scheduledPurgeDate: deletedDate + recovery.recoverableDays * 24 * 3600,
    };
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

/** The named version, or the newest for the empty name. */
function versionOf({ name, versions }: Secret, id: string): Version {
  const version = id ? versions.find((candidate) => candidate.id === id) : versions.at(-1);
  if (!version) throw notFound(id ? `${name}/${id}` : name);
  return version;
}

function settable({ enabled, nbf, exp }: Partial<Attributes> = {}): Partial<Attributes> {
  return {
    ...(enabled !== undefined && { enabled }),
    ...(nbf !== undefined && { nbf }),
    ...(exp !== undefined && { exp }),
  };
}

async function change(request: VaultRequest): Promise<Change> {
  const body: unknown = await json(request).catch(() => undefined);
  if (typeof body !== 'object' || body === null) throw badParameter('The request body is not a JSON object.');
  return body;
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function badParameter(message: string): VaultError {
  return new VaultError(400, 'BadParameter', { message });
}

function notFound(what: string): VaultError {
  const message = `A secret with (name/id) ${what} was not found in this key vault.`;
  return new VaultError(404, 'SecretNotFound', { message });
}

function asAnswer(error: unknown): Answer {
  if (error instanceof VaultError) return error;
  console.error(error);
  return {
    status: 500,
    body: { error: { code: 'InternalError', message: 'The stand-in failed.' } },
  };
}

function load(file: string): Map<string, Secret> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8'))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

/** A crash leaves the old file or the new one, never a part. */
function save(file: string, secrets: Map<string, Secret>): void {
  const temporary = `${file}.${process.pid}.tmp`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(temporary, JSON.stringify(Object.fromEntries(secrets), null, 2), { mode: 0o600 });
  renameSync(temporary, file);
}

/** A certificate for this machine, in PEM, with its private key. */
export async function selfSigned() {
  // It takes longer to load than all else here.
  const { generate } = await import('selfsigned');
  return generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
}
