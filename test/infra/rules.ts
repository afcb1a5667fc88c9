import { ofType, type Resource, type Snapshot } from '../../testing/snapshots.ts';

/** One thing that makes a resource hard to break into, or to lose. */
export interface Rule {
  readonly says: string;
  /** Who asks for it. */
  readonly source: string;
  /** The type of resource that it is about. */
  readonly type: string;
  /** The snapshots that it is about; by default all of them. */
  readonly where?: (snapshot: Snapshot) => boolean;
  readonly holds: (resource: Resource, snapshot: Snapshot) => boolean;
  /** Ways to break it, each done to a copy of the snapshot. */
  readonly breaks: readonly ((resource: Resource, snapshot: Snapshot) => void)[];
}

// MCSB: Microsoft cloud security benchmark v1, learn.microsoft.com/security/benchmark/azure/mcsb-overview
const azure = 'https://learn.microsoft.com/azure';
const storage = 'Microsoft.Storage/storageAccounts';
const vault = 'Microsoft.KeyVault/vaults';
const site = 'Microsoft.Web/sites';
const tableService = 'Microsoft.Storage/storageAccounts/tableServices';
const isPrivate = ({ name }: Snapshot) => name === 'private';
const isTables = ({ name }: Resource) => name.startsWith('stdata');

/** A property has this value: not another one, and not the platform's default. */
function must(type: string, path: string, value: unknown, source: string, where?: Rule['where']): Rule {
  return {
    says: `${path} is ${JSON.stringify(value)}`,
    source,
    type,
    ...(where && { where }),
    holds: (resource) => JSON.stringify(at(resource, path)) === JSON.stringify(value),
    breaks: [
      (resource) => set(resource, path, undefined),
      (resource) => set(resource, path, typeof value === 'boolean' ? !value : 'other'),
    ],
  };
}

/** A property is absent. */
function mustNot(type: string, path: string, bad: unknown, source: string): Rule {
  return {
    says: `has no ${path}`,
    source,
    type,
    holds: (resource) => at(resource, path) === undefined,
    breaks: [(resource) => set(resource, path, bad)],
  };
}

/** Another resource is there for each resource of a type. */
function beside(
  says: string,
  type: string,
  other: string,
  isFor: (other: Resource, resource: Resource) => boolean,
  source: string,
  where?: Rule['where'],
): Rule {
  const found = (resource: Resource, snapshot: Snapshot) =>
    ofType(snapshot, other).filter((it) => isFor(it, resource));
  return {
    says,
    source,
    type,
    ...(where && { where }),
    holds: (resource, snapshot) => found(resource, snapshot).length > 0,
    breaks: [
      (resource, snapshot) => {
        const gone = found(resource, snapshot);
        Object.assign(snapshot, { resources: snapshot.resources.filter((it) => !gone.includes(it)) });
      },
    ],
  };
}

const locks = `${azure}/azure-resource-manager/management/lock-resources`;
const diagnostics = 'MCSB LT-3; AVM RMFR4 (diagnostic settings)';
const isLogOf =
  (...categories: string[]) =>
  (it: Resource, { id }: Resource) =>
    it.id.startsWith(`${id}/providers/Microsoft.Insights/`) &&
    it.properties.workspaceId.includes('/Microsoft.OperationalInsights/workspaces/') &&
    categories.every((category) =>
      it.properties.logs.some(
        (log: Resource) => log.enabled && (log.category === category || log.categoryGroup === category),
      ),
    );
const isLockOf = (it: Resource, { id }: Resource) =>
  it.id.startsWith(`${id}/providers/Microsoft.Authorization/locks/`) &&
  it.properties.level === 'CanNotDelete';
const connects = (it: Resource, { id }: Resource) =>
  it.properties.privateLinkServiceConnections[0].properties.privateLinkServiceId === id;
const policies = 'Microsoft.Web/sites/basicPublishingCredentialsPolicies';
const isClosed = (way: string) => (it: Resource, it2: Resource) =>
  it.name === `${it2.name}/${way}` && it.properties.allow === false;
const basicAuth = `${azure}/app-service/configure-basic-auth-disable`;
const privateLink = `MCSB NS-2; ${azure}/private-link/private-endpoint-overview`;

/** What the private deployment reaches through its network alone. */
const reachedPrivately = (type: string): Rule[] => [
  must(type, 'properties.publicNetworkAccess', 'Disabled', privateLink, isPrivate),
  beside(
    'has a private endpoint',
    type,
    'Microsoft.Network/privateEndpoints',
    connects,
    privateLink,
    isPrivate,
  ),
];

/** Every rule of the deployment. */
export const rules: readonly Rule[] = [
  must(
    storage,
    'properties.allowSharedKeyAccess',
    false,
    `MCSB IM-1; ${azure}/storage/common/shared-key-authorization-prevent`,
  ),
  must(
    storage,
    'properties.allowBlobPublicAccess',
    false,
    `MCSB NS-2; ${azure}/storage/blobs/anonymous-read-access-prevent`,
  ),
  must(
    storage,
    'properties.allowCrossTenantReplication',
    false,
    `${azure}/storage/blobs/object-replication-prevent-cross-tenant-policies`,
  ),
  must(
    storage,
    'properties.minimumTlsVersion',
    'TLS1_2',
    `MCSB DP-3; ${azure}/storage/common/transport-layer-security-configure-minimum-version`,
  ),
  must(
    storage,
    'properties.supportsHttpsTrafficOnly',
    true,
    `MCSB DP-3; ${azure}/storage/common/storage-require-secure-transfer`,
  ),
  must(
    storage,
    'properties.isLocalUserEnabled',
    false,
    `MCSB IM-1; ${azure}/storage/blobs/secure-file-transfer-protocol-support`,
  ),
  must(
    storage,
    'properties.defaultToOAuthAuthentication',
    true,
    `MCSB IM-1; ${azure}/storage/blobs/authorize-data-operations-portal`,
  ),
  must(
    storage,
    'properties.networkAcls.bypass',
    'None',
    `MCSB NS-2; ${azure}/storage/common/storage-network-security`,
  ),
  must(storage, 'properties.networkAcls.defaultAction', 'Deny', privateLink, isPrivate),
  ...reachedPrivately(storage),
  {
    says: 'is zone-redundant in every size, as no deployment makes an account so later',
    source: `MCSB BR-1; ${azure}/storage/common/redundancy-migration`,
    type: storage,
    holds: (resource) => /_(G?ZRS)$/.test(resource.sku.name),
    breaks: [(resource) => set(resource, 'sku.name', 'Standard_LRS')],
  },
  {
    says: 'the tables, and they alone, are kept by a lock',
    source: locks,
    type: storage,
    holds: (resource, snapshot) =>
      isTables(resource) ===
      ofType(snapshot, 'Microsoft.Authorization/locks').some((it) => isLockOf(it, resource)),
    breaks: [
      (_, snapshot) =>
        Object.assign(snapshot, {
          resources: snapshot.resources.filter(({ id }) => !/storageAccounts\/.*\/locks\//.test(id)),
        }),
    ],
  },
  {
    says: 'the account of the host holds no table, that of the tables nothing else',
    source: 'MCSB PA-7 (least privilege); the host’s identity owns what is in its account',
    type: storage,
    holds: (resource, { resources }) =>
      resources
        .filter(
          ({ id }) =>
            id.startsWith(`${resource.id}/`) && !id.includes('/providers/Microsoft.', resource.id.length),
        )
        .every(({ type }) => /\/tableServices/.test(type) === isTables(resource)),
    breaks: [
      (resource, { resources }) => {
        const type = isTables(resource) ? `${storage}/blobServices` : `${storage}/tableServices`;
        const id = `${resource.id}/${type.split('/').at(-1)}/default`;
        (resources as Resource[]).push({ id, type, name: `${resource.name}/default` });
      },
    ],
  },
  must(
    `${storage}/blobServices/containers`,
    'properties.publicAccess',
    'None',
    `MCSB NS-2; ${azure}/storage/blobs/anonymous-read-access-prevent`,
  ),
  beside(
    'logs every write and delete',
    tableService,
    'Microsoft.Insights/diagnosticSettings',
    isLogOf('StorageWrite', 'StorageDelete'),
    diagnostics,
  ),

  must(vault, 'properties.enableRbacAuthorization', true, `MCSB PA-7; ${azure}/key-vault/general/rbac-guide`),
  must(
    vault,
    'properties.enablePurgeProtection',
    true,
    `MCSB DP-8; ${azure}/key-vault/general/soft-delete-overview`,
  ),
  must(
    vault,
    'properties.enableSoftDelete',
    true,
    `MCSB DP-8; ${azure}/key-vault/general/soft-delete-overview`,
  ),
  must(
    vault,
    'properties.softDeleteRetentionInDays',
    90,
    `MCSB DP-8; ${azure}/key-vault/general/soft-delete-overview`,
  ),
  must(
    vault,
    'properties.enabledForDeployment',
    false,
    `MCSB DP-8; AVM res/key-vault/vault; ${azure}/key-vault/general/security-features`,
  ),
  must(
    vault,
    'properties.enabledForTemplateDeployment',
    false,
    `MCSB DP-8; AVM res/key-vault/vault; ${azure}/key-vault/general/security-features`,
  ),
  must(
    vault,
    'properties.enabledForDiskEncryption',
    false,
    `MCSB DP-8; AVM res/key-vault/vault; ${azure}/key-vault/general/security-features`,
  ),
  mustNot(vault, 'properties.accessPolicies', [{}], `MCSB PA-7; ${azure}/key-vault/general/rbac-migration`),
  must(
    vault,
    'properties.networkAcls.bypass',
    'None',
    `MCSB NS-2; ${azure}/key-vault/general/network-security`,
  ),
  must(vault, 'properties.networkAcls.defaultAction', 'Deny', privateLink, isPrivate),
  ...reachedPrivately(vault),
  beside('is kept by a lock', vault, 'Microsoft.Authorization/locks', isLockOf, locks),
  beside('logs everything', vault, 'Microsoft.Insights/diagnosticSettings', isLogOf('allLogs'), diagnostics),

  must(site, 'properties.httpsOnly', true, `MCSB DP-3; ${azure}/azure-functions/security-concepts`),
  must(site, 'properties.siteConfig.minTlsVersion', '1.2', `MCSB DP-3; ${azure}/app-service/overview-tls`),
  must(site, 'properties.siteConfig.scmMinTlsVersion', '1.2', `MCSB DP-3; ${azure}/app-service/overview-tls`),
  must(site, 'properties.siteConfig.ftpsState', 'Disabled', `MCSB DP-3; ${azure}/app-service/deploy-ftp`),
  must(
    site,
    'properties.siteConfig.remoteDebuggingEnabled',
    false,
    `MCSB PV-2; ${azure}/azure-functions/security-concepts`,
  ),
  mustNot(
    site,
    'properties.siteConfig.cors',
    { allowedOrigins: ['*'] },
    `MCSB PV-2; ${azure}/azure-functions/security-concepts`,
  ),
  must(site, 'identity.type', 'UserAssigned', `MCSB IM-3; ${azure}/app-service/overview-managed-identity`),
  must(
    site,
    'properties.functionAppConfig.deployment.storage.authentication.type',
    'UserAssignedIdentity',
    `MCSB IM-3; ${azure}/azure-functions/flex-consumption-how-to`,
  ),
  ...reachedPrivately(site),
  {
    says: 'goes out through its own subnet',
    source: `MCSB NS-1; ${azure}/azure-functions/functions-networking-options`,
    type: site,
    where: isPrivate,
    holds: (resource, snapshot) =>
      resource.properties.virtualNetworkSubnetId ===
      `${ofType(snapshot, 'Microsoft.Network/virtualNetworks')[0]?.id}/subnets/app`,
    breaks: [(resource) => set(resource, 'properties.virtualNetworkSubnetId', undefined)],
  },
  beside('takes no password for FTP', site, policies, isClosed('ftp'), `MCSB IM-1; ${basicAuth}`),
  beside('takes no password for publishing', site, policies, isClosed('scm'), `MCSB IM-1; ${basicAuth}`),
  beside(
    'logs what its functions do',
    site,
    'Microsoft.Insights/diagnosticSettings',
    isLogOf('FunctionAppLogs'),
    diagnostics,
  ),
  must(policies, 'properties.allow', false, `MCSB IM-1; ${basicAuth}`),
  must(
    'Microsoft.Web/sites/config',
    'properties.AzureWebJobsDisableHomepage',
    'true',
    `${azure}/azure-functions/functions-app-settings`,
  ),
  must(
    'Microsoft.Web/sites/config',
    'properties.AzureWebJobsStorage__credential',
    'managedidentity',
    `MCSB IM-3; ${azure}/azure-functions/functions-reference`,
  ),
  mustNot(
    'Microsoft.Web/sites/config',
    'properties.AzureWebJobsStorage',
    'any',
    `MCSB IM-8; ${azure}/azure-functions/functions-reference`,
  ),
  must(
    'Microsoft.Web/serverfarms',
    'properties.zoneRedundant',
    true,
    `MCSB BR-1; ${azure}/reliability/reliability-functions`,
    ({ name }) => name !== 'small',
  ),
  {
    says: 'is bound with a certificate, whatever the first step leaves',
    source: `MCSB DP-3; ${azure}/app-service/configure-ssl-bindings`,
    type: 'Microsoft.Web/sites/hostNameBindings',
    holds: ({ name }, snapshot) =>
      ofType(snapshot, 'Microsoft.Web/sites/hostNameBindings').some(
        (it) => it.name === name && it.properties.sslState === 'SniEnabled' && it.properties.thumbprint,
      ),
    breaks: [
      (resource, snapshot) =>
        ofType(snapshot, resource.type).forEach((it) => {
          set(it, 'properties.sslState', 'Disabled');
        }),
    ],
  },

  must(
    'Microsoft.Insights/components',
    'properties.DisableLocalAuth',
    true,
    `MCSB IM-1; ${azure}/azure-monitor/app/azure-ad-authentication`,
  ),
  must(
    'Microsoft.Insights/webtests',
    'properties.ValidationRules.SSLCheck',
    true,
    `MCSB DP-7; ${azure}/azure-monitor/app/availability`,
  ),
  must(
    'Microsoft.OperationalInsights/workspaces',
    'properties.features.disableLocalAuth',
    true,
    `MCSB IM-1; AVM res/operational-insights/workspace`,
  ),
  must('Microsoft.Authorization/locks', 'properties.level', 'CanNotDelete', locks),
  {
    says: 'is on one resource, not on a group of them',
    source: 'MCSB PA-7',
    type: 'Microsoft.Authorization/roleAssignments',
    holds: ({ id }, { resources }) =>
      resources.some(
        (it) =>
          it.type !== 'Microsoft.Resources/resourceGroups' &&
          id.startsWith(`${it.id}/providers/Microsoft.Authorization/roleAssignments/`),
      ),
    breaks: [
      (resource) =>
        set(resource, 'id', resource.id.replace(/(resourceGroups\/[^/]+)\/.*(\/providers\/.*)/, '$1$2')),
    ],
  },
  {
    says: 'has a network security group and no way out but its gateway on every subnet',
    source: `MCSB NS-1; ${azure}/virtual-network/ip-services/default-outbound-access`,
    type: 'Microsoft.Network/virtualNetworks',
    holds: ({ properties }) =>
      properties.subnets.every(
        ({ properties: subnet }: Resource) =>
          subnet.networkSecurityGroup && subnet.defaultOutboundAccess === false,
      ),
    breaks: [
      (resource) => set(resource, 'properties.subnets.0.properties.networkSecurityGroup', undefined),
      (resource) => set(resource, 'properties.subnets.1.properties.defaultOutboundAccess', undefined),
    ],
  },
  mustNot('Microsoft.Network/networkSecurityGroups', 'properties.securityRules', [{}], 'MCSB NS-1'),
  beside(
    'leads to its address by name',
    'Microsoft.Network/privateEndpoints',
    'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
    (it, { id }) => it.id.startsWith(`${id}/`),
    `MCSB NS-10; ${azure}/private-link/private-endpoint-dns`,
  ),
  beside(
    'is resolved in the network',
    'Microsoft.Network/privateDnsZones',
    'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
    (it, { id }) => it.id.startsWith(`${id}/`) && it.properties.registrationEnabled === false,
    `MCSB NS-10; ${azure}/private-link/private-endpoint-dns`,
  ),
];

/** Types of which nothing has to be hard; a new type is in a rule or here. */
export const harmless: readonly string[] = [
  'Microsoft.Resources/resourceGroups',
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  'Microsoft.Insights/actionGroups',
  'Microsoft.Insights/diagnosticSettings',
  'Microsoft.Insights/metricAlerts',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.Insights/workbooks',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/tableServices/tables',
  'Microsoft.Web/sites/certificates',
  'Microsoft.Network/natGateways',
  'Microsoft.Network/publicIPAddresses',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
];

function at(resource: Resource, path: string): unknown {
  return path.split('.').reduce((value, key) => value?.[key], resource);
}

function set(resource: Resource | undefined, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() as string;
  // biome-ignore lint/suspicious/noExplicitAny: what it holds depends on its type
  let parent: any = resource;
  for (const key of keys) parent = parent[key] ??= {};
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}
