metadata description = 'The virtual network, through which alone the app reaches tables, blobs and vault.'

@description('The name of the network.')
param name string

@description('What the other names end with.')
param token string

@description('The region.')
param location string

@description('The tags of every resource.')
param tags object

@description('The addresses of the network.')
param addresses string

@description('The storage account of the host.')
param hostStorageName string

@description('The storage account of the tables.')
param tablesAccountName string

@description('The vault.')
param vaultName string

// Its default rules are what is wanted: inside the network all, from the internet nothing.
resource guard 'Microsoft.Network/networkSecurityGroups@2024-07-01' = {
  name: 'nsg-${token}'
  location: location
  tags: tags
}

// The app asks the identity provider, Microsoft Graph and Application Insights over the internet.
resource egressAddress 'Microsoft.Network/publicIPAddresses@2024-07-01' = {
  name: 'pip-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

resource egress 'Microsoft.Network/natGateways@2024-07-01' = {
  name: 'ng-${token}'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: {
    publicIpAddresses: [{ id: egressAddress.id }]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addresses] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addresses, 25, 0)
          defaultOutboundAccess: false
          natGateway: { id: egress.id }
          networkSecurityGroup: { id: guard.id }
          delegations: [
            {
              name: 'app'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addresses, 26, 2)
          defaultOutboundAccess: false
          networkSecurityGroup: { id: guard.id }
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: hostStorageName
}

resource tablesAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: tablesAccountName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

module endpoints 'private-endpoint.bicep' = [
  for target in [
    { id: hostStorage.id, part: 'blob', zone: 'privatelink.blob.core.windows.net' }
    { id: tablesAccount.id, part: 'table', zone: 'privatelink.table.core.windows.net' }
    { id: vault.id, part: 'vault', zone: 'privatelink.vaultcore.azure.net' }
  ]: {
    params: {
      name: 'pe-${target.part}-${token}'
      location: location
      tags: tags
      targetId: target.id
      part: target.part
      zoneName: target.zone
      networkName: network.name
    }
  }
]
