metadata description = 'The identity of the app: it is the only one, and needs no secret.'

@description('The name of the identity.')
param name string

@description('The region.')
param location string

@description('The tags of every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('The object id of its service principal.')
output principalId string = identity.properties.principalId
