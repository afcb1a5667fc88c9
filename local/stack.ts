import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TableServiceClient } from '@azure/data-tables';
import type { SecretClient } from '@azure/keyvault-secrets';
import { BlobServiceClient } from '@azure/storage-blob';
import { addGateway } from '../operator/gateway-registry.ts';
import { initPepper } from '../operator/pepper-rotation.ts';
import { Refused } from '../operator/refused.ts';
import { protocols } from '../shared/domain/gateway/protocol.ts';
import { openVault } from '../shared/key-vault/client.ts';
import { gatewayKeyPrefix } from '../shared/key-vault/gateway-keys.ts';
import { readStoreSettings } from '../shared/settings/settings.ts';
import { tableNames } from '../shared/tables/tables.ts';
import { type Azurite, startAzurite } from './azurite.ts';
import { freePort } from './free-port.ts';
import { settingsFor, type User } from './identities.ts';
import { startIdentityProvider } from './identity-provider.ts';
import { localVaultToken, startKeyVault } from './key-vault.ts';

/** The gateway that the stack adds for itself. */
export const localGateway = 'local';

export interface Stack {
  /** The environment that a functions host needs, as `Values` in local.settings.json. */
  readonly settings: Readonly<Record<string, string>>;
  readonly issuer: string;
  /** The connection string of the tables. */
  readonly tables: string;
  /** A gateway key that works, for all protocols. */
  readonly gatewayKey: string;
  readonly vault: SecretClient;
  /** Stops everything; nothing that was acknowledged is lost. */
  close(): Promise<void>;
}

export interface StackOptions {
  /** Where the functions host will answer. */
  readonly origin: string;
  /** Where data is kept; without it everything lives in memory. */
  readonly folder?: string;
  /** Takes the usual ports where they are free. */
  readonly usualPorts?: boolean;
  readonly users?: readonly User[];
  /** Tables that are there already, which the stack closes. */
  readonly tables?: Pick<Azurite, 'connectionString' | 'close'>;
  /** Also starts the blobs that a real functions host looks for; the local one does without. */
  readonly withBlobs?: boolean;
  /** The Key Vault's time, in milliseconds; makes versions of a given age. */
  readonly vaultNow?: () => number;
}

/**
 * Starts everything but the functions host: Azurite with tables and containers, the Key Vault with a pepper and a
 * gateway key, and the identity provider.
 */
export async function startStack({
  origin,
  folder,
  usualPorts = false,
  users,
  tables: given,
  withBlobs = false,
  vaultNow,
}: StackOptions): Promise<Stack> {
  const usual = (port: number) => (usualPorts ? port : 0);
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const place = (name: string) => (folder === undefined ? undefined : join(folder, name));
  const vaultFile = place('key-vault.json');
  const [tables, blobs, keyVault, identityProvider] = await Promise.all([
    given ?? startTables(place('tables'), usual(10002)),
    withBlobs ? startBlobs(place('blobs'), usual(10000)) : undefined,
    startKeyVault({
      port: await freePort(usual(7073)),
      ...(vaultFile !== undefined && { file: vaultFile }),
      ...(vaultNow !== undefined && { now: vaultNow }),
    }),
    startIdentityProvider({
      port: await freePort(usual(7072)),
      redirectUris: [`${origin}/`, `${origin.replace('127.0.0.1', 'localhost')}/`],
      ...(users !== undefined && { users }),
    }),
  ]);
  const { issuer } = identityProvider;
  const settings = {
    VARIANT: 'local',
    TABLES_CONNECTION_STRING: tables.connectionString,
    KEY_VAULT_URL: keyVault.url,
    KEY_VAULT_CERTIFICATE: keyVault.certificate,
    KEY_VAULT_TOKEN: localVaultToken,
    ...settingsFor(issuer),
    PORTAL_MAIL_SERVERS:
      'ActiveSync=mail.example.com,IMAP=mail.example.com:993,SMTP=mail.example.com:465,CalDAV=dav.example.com,CardDAV=dav.example.com',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    ...(blobs && { AzureWebJobsStorage: blobs.connectionString }),
    AzureWebJobsDisableHomepage: 'true',
  };
  const vault = openVault(readStoreSettings(settings), () => {
    throw new Error('the local Key Vault takes no identity');
  });
  return {
    settings,
    issuer,
    tables: tables.connectionString,
    gatewayKey: await furnish(vault),
    vault,
    async close() {
      await Promise.all([identityProvider.close(), keyVault.close(), tables.close(), blobs?.close()]);
    },
  };
}

async function startTables(folder: string | undefined, port: number): Promise<Azurite> {
  const azurite = await startAzurite('table', { folder, preferredPort: port });
  await createTables(azurite.connectionString);
  return azurite;
}

async function startBlobs(folder: string | undefined, port: number): Promise<Azurite> {
  const azurite = await startAzurite('blob', { folder, preferredPort: port });
  await createContainers(azurite.connectionString);
  return azurite;
}

/** Creates the two tables, as a deployment does. */
export async function createTables(connectionString: string): Promise<void> {
  const service = TableServiceClient.fromConnectionString(connectionString, {
    allowInsecureConnection: true,
  });
  await Promise.all(Object.values(tableNames).map((name) => service.createTable(name)));
}

/** The containers that a real functions host looks for when it starts. */
async function createContainers(connectionString: string): Promise<void> {
  const service = BlobServiceClient.fromConnectionString(connectionString);
  const names = ['azure-webjobs-secrets', 'azure-webjobs-hosts'];
  await Promise.all(names.map((name) => service.getContainerClient(name).createIfNotExists()));
}

/** Makes what an operator would, unless an earlier run did; returns the stack's gateway key. */
async function furnish(vault: SecretClient): Promise<string> {
  await unlessThere(initPepper(vault));
  await unlessThere(addGateway(vault, localGateway, { protocols: protocols.join(',') }));
  return (await vault.getSecret(gatewayKeyPrefix + localGateway)).value ?? '';
}

async function unlessThere(made: Promise<string>): Promise<void> {
  await made.catch((error) => {
    if (!(error instanceof Refused)) throw error;
  });
}
