targetScope = 'subscription'

import { OptionalSettings } from 'modules/settings.bicep'

metadata description = 'App Passwords: one hardened deployment for one tenant.'

@description('The name of the deployment. Names of resources derive from it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('The region of all resources.')
param location string

@description('The client id of the API\'s registration in Entra ID.')
param apiClientId string

@description('The client id of the page\'s registration in Entra ID.')
param portalClientId string

@description('What proves a second factor: amr:mfa, or an authentication context as in acrs:c1.')
param mfaEvidence string = 'amr:mfa'

@description('The object id of who operates the service. They can read the pepper and write the tables, and so forge passwords: keep them few.')
param operatorsId string

@description('What that object id belongs to.')
@allowed(['Group', 'User', 'ServicePrincipal'])
param operatorsType string

@description('Whether disabled, deleted and renamed accounts are followed in Microsoft Graph. The app\'s identity needs User.Read.All for it.')
param followDirectory bool = true

@description('App settings that are not needed, by their name in the README. An empty one counts as missing.')
param optionalSettings OptionalSettings

@description('The memory of an instance in MiB.')
@allowed([512, 2048, 4096])
param instanceMemory int

@description('How many instances there are at most for each part that scales by itself: HTTP, and each timer.')
@minValue(1)
@maxValue(1000)
param maximumInstances int

@description('How many instances are always there for HTTP. With 0, the first request after a quiet time waits for an instance to start.')
@minValue(0)
param alwaysReadyInstances int

@description('How many requests an instance answers at once.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int

@description('Whether instances are spread over the zones of the region. Not every region has zones.')
param zoneRedundant bool

@description('How the tables are kept: in one zone, in three zones, or in three zones and in a second region. An account that exists is converted between one zone and three by Azure alone, never by a deployment.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param tablesRedundancy string = 'Standard_ZRS'

@description('How the storage of the functions host is kept: in one zone, or in three. Of one that exists the same holds as of the tables.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param hostRedundancy string = 'Standard_ZRS'

@description('Whether tables, blobs and vault are reached through private endpoints alone. The app still deploys from anywhere while the site is public; what writes to the vault (the first pepper, gateway keys) then works only from inside the virtual network, or from one that is joined to it and resolves its private DNS zones.')
param privateNetworking bool = false

@description('Whether the site is reached from the internet. Without, page, gateways and deployment (its scm endpoint) reach it from inside the virtual network alone. It can be false only with private networking.')
param publicSite bool = true

@description('The addresses of the virtual network, for a network that is to be joined to it. At least a /24.')
param networkAddresses string = '10.20.0.0/24'

@description('A domain of your own for the page, such as app-passwords.example.com; empty for none. Its CNAME record has to name the site, and its asuid TXT record the site\'s verification id. Its certificate is managed, which takes a public site.')
param customDomain string = ''

@description('Who is told of alerts by mail; empty for nobody, as alerts also show in the portal.')
param alertEmail string = ''

@description('How many GB of events and logs are taken a day; -1 for any. Beyond it the audit trail stops until the next day, and no alert sees anything.')
@minValue(-1)
param dailyCapGb int = -1

@description('recover brings back a deleted vault of the same name, which purge protection keeps for 90 days.')
@allowed(['default', 'recover'])
param vaultCreateMode string = 'default'

// Names are made here, so that a snapshot shows every id and address as it will be.
var token = uniqueString(subscription().id, environmentName, location)
var identityName = 'id-${token}'
var workspaceName = 'log-${token}'
var insightsName = 'appi-${token}'
var hostStorageName = 'sthost${token}'
var tablesAccountName = 'stdata${token}'
var vaultName = 'kv-${token}'
var siteName = 'func-${token}'
var networkName = 'vnet-${token}'
var packageContainer = 'app-package'
var tablesEndpoint = 'https://${tablesAccountName}.table.core.windows.net'
var vaultUrl = 'https://${vaultName}.vault.azure.net'

var tags = { 'azd-env-name': environmentName }
var siteIsPublic = publicSite || !privateNetworking
var portalUrl = 'https://${customDomain == '' ? app.outputs.hostName : customDomain}'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: identityName
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: workspaceName
    insightsName: insightsName
    location: location
    tags: tags
    dailyCapGb: dailyCapGb
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    workspaceName: workspaceName
    location: location
    tags: tags
    email: alertEmail
    followDirectory: followDirectory
  }
  dependsOn: [monitoring]
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    workspaceName: workspaceName
    location: location
    tags: tags
  }
  dependsOn: [monitoring]
}

module hostStorage 'modules/host-storage.bicep' = {
  scope: group
  params: {
    name: hostStorageName
    location: location
    tags: tags
    packageContainer: packageContainer
    redundancy: hostRedundancy
    publicAccess: !privateNetworking
  }
}

module tables 'modules/tables.bicep' = {
  scope: group
  params: {
    name: tablesAccountName
    location: location
    tags: tags
    redundancy: tablesRedundancy
    publicAccess: !privateNetworking
    workspaceName: workspaceName
  }
  dependsOn: [monitoring]
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: tags
    createMode: vaultCreateMode
    publicAccess: !privateNetworking
    workspaceName: workspaceName
  }
  dependsOn: [monitoring]
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    name: networkName
    token: token
    location: location
    tags: tags
    addresses: networkAddresses
    hostStorageName: hostStorageName
    tablesAccountName: tablesAccountName
    vaultName: vaultName
  }
  dependsOn: [hostStorage, tables, vault]
}

module roles 'modules/roles.bicep' = {
  scope: group
  params: {
    identityName: identityName
    operatorsId: operatorsId
    operatorsType: operatorsType
    hostStorageName: hostStorageName
    tablesAccountName: tablesAccountName
    vaultName: vaultName
    insightsName: insightsName
  }
  dependsOn: [identity, monitoring, hostStorage, tables, vault]
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: siteName
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityName: identityName
    packageContainerUrl: 'https://${hostStorageName}.blob.core.windows.net/${packageContainer}'
    instanceMemory: instanceMemory
    maximumInstances: maximumInstances
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    zoneRedundant: zoneRedundant
    publicAccess: siteIsPublic
    networkName: privateNetworking ? networkName : ''
    workspaceName: workspaceName
  }
  dependsOn: [roles, network]
}

module settings 'modules/settings.bicep' = {
  scope: group
  params: {
    siteName: siteName
    identityName: identityName
    insightsName: insightsName
    hostStorageName: hostStorageName
    tablesEndpoint: tablesEndpoint
    vaultUrl: vaultUrl
    apiClientId: apiClientId
    portalClientId: portalClientId
    mfaEvidence: mfaEvidence
    followDirectory: followDirectory
    optionalSettings: optionalSettings
  }
  dependsOn: [app]
}

module siteEndpoint 'modules/private-endpoint.bicep' = if (!siteIsPublic) {
  scope: group
  params: {
    name: 'pe-site-${token}'
    location: location
    tags: tags
    targetId: resourceId(subscription().subscriptionId, group.name, 'Microsoft.Web/sites', siteName)
    part: 'sites'
    zoneName: 'privatelink.azurewebsites.net'
    networkName: networkName
  }
  dependsOn: [app]
}

module availability 'modules/availability.bicep' = if (siteIsPublic) {
  scope: group
  params: {
    insightsName: insightsName
    location: location
    tags: tags
    url: portalUrl
    email: alertEmail
  }
  dependsOn: [alerts]
}

module domain 'modules/domain.bicep' = if (customDomain != '') {
  scope: group
  params: {
    siteName: siteName
    location: location
    tags: tags
    domain: customDomain
  }
  dependsOn: [settings]
}

@description('The resource group of everything.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The name of the function app.')
output AZURE_FUNCTION_APP_NAME string = siteName

@description('Where the page is.')
output PORTAL_URL string = portalUrl

@description('Where the vault is, for the operators\' commands.')
output KEY_VAULT_URL string = vaultUrl

@description('Where the tables are, for the operators\' commands.')
output TABLES_ENDPOINT string = tablesEndpoint

@description('The object id of the app\'s identity, which reads the directory.')
output APP_PRINCIPAL_ID string = identity.outputs.principalId
