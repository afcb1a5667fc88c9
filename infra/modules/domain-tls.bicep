metadata description = 'Binds a domain of a site to its certificate. A file of its own, as a deployment names a resource only once.'

@description('The name of the site.')
param siteName string

@description('The domain.')
param domain string

@description('The thumbprint of the certificate.')
param thumbprint string

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

resource binding 'Microsoft.Web/sites/hostNameBindings@2025-03-01' = {
  parent: site
  name: domain
  properties: {
    hostNameType: 'Verified'
    customHostNameDnsRecordType: 'CName'
    sslState: 'SniEnabled'
    thumbprint: thumbprint
  }
}
