metadata description = 'The storage account of the functions host: its package, locks and keys, and nothing else.'

@description('The name of the account.')
param name string

@description('The region.')
param location string

@description('The tags of every resource.')
param tags object

@description('The container of the package.')
param packageContainer string

@description('How it is kept.')
param redundancy string

@description('Whether it is reached from outside a private network.')
param publicAccess bool

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      bypass: 'None'
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    // The host makes the last two itself where they are missing; here they are declared, so that its first start needs nothing.
    resource containers 'containers' = [
      for container in [packageContainer, 'azure-webjobs-hosts', 'azure-webjobs-secrets']: {
        name: container
        properties: { publicAccess: 'None' }
      }
    ]
  }
}
