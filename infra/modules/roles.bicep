metadata description = 'Every right that anybody is given, each on the one resource that it is for.'

@description('The app\'s identity.')
param identityName string

@description('The object id of who operates the service.')
param operatorsId string

@description('What that object id belongs to.')
param operatorsType string

@description('The storage account of the host.')
param hostStorageName string

@description('The storage account of the tables.')
param tablesAccountName string

@description('The vault.')
param vaultName string

@description('Application Insights.')
param insightsName string

var roleDefinitions = 'Microsoft.Authorization/roleDefinitions'
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource tablesAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: tablesAccountName

  resource service 'tableServices' existing = {
    name: 'default'

    resource passwords 'tables' existing = { name: 'AppPasswords' }
    resource usernames 'tables' existing = { name: 'Usernames' }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource appOnHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hostStorage
  name: guid(hostStorage.id, 'app', blobDataOwner)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(roleDefinitions, blobDataOwner)
  }
}

resource appOnPasswords 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: tablesAccount::service::passwords
  name: guid(tablesAccount::service::passwords.id, 'app', tableDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(roleDefinitions, tableDataContributor)
  }
}

resource appOnUsernames 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: tablesAccount::service::usernames
  name: guid(tablesAccount::service::usernames.id, 'app', tableDataContributor)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(roleDefinitions, tableDataContributor)
  }
}

resource appOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, 'app', secretsUser)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(roleDefinitions, secretsUser)
  }
}

resource appOnInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, 'app', metricsPublisher)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(roleDefinitions, metricsPublisher)
  }
}

resource operatorsOnPasswords 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: tablesAccount::service::passwords
  name: guid(tablesAccount::service::passwords.id, operatorsId, tableDataContributor)
  properties: {
    principalId: operatorsId
    principalType: operatorsType
    roleDefinitionId: subscriptionResourceId(roleDefinitions, tableDataContributor)
  }
}

resource operatorsOnUsernames 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: tablesAccount::service::usernames
  name: guid(tablesAccount::service::usernames.id, operatorsId, tableDataContributor)
  properties: {
    principalId: operatorsId
    principalType: operatorsType
    roleDefinitionId: subscriptionResourceId(roleDefinitions, tableDataContributor)
  }
}

resource operatorsOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, operatorsId, secretsOfficer)
  properties: {
    principalId: operatorsId
    principalType: operatorsType
    roleDefinitionId: subscriptionResourceId(roleDefinitions, secretsOfficer)
  }
}
