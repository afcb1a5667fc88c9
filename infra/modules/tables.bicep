metadata description = 'The storage account of the two tables, and nothing else.'

@description('The name of the account.')
param name string

@description('The region.')
param location string

@description('The tags of every resource.')
param tags object

@description('How the tables are kept.')
param redundancy string

@description('Whether it is reached from outside a private network.')
param publicAccess bool

@description('The Log Analytics workspace of its logs.')
param workspaceName string

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

  resource service 'tableServices' = {
    name: 'default'

    resource tables 'tables' = [
      for table in ['AppPasswords', 'Usernames']: {
        name: table
      }
    ]
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: account
  name: 'keep'
  properties: {
    level: 'CanNotDelete'
    notes: 'Table Storage has no restore: what is deleted here is gone.'
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

// Not reads: each verify makes some, and a line for each would cost more than the service.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::service
  name: 'logs'
  properties: {
    workspaceId: workspace.id
    logs: [for category in ['StorageWrite', 'StorageDelete']: { category: category, enabled: true }]
  }
}
