metadata description = 'A domain of the operator\'s own, with a certificate that renews itself.'

@description('The name of the site.')
param siteName string

@description('The region.')
param location string

@description('The tags of every resource.')
param tags object

@description('The domain.')
param domain string

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

// A certificate is issued for a name that the site has, and a name is bound with a certificate that exists: so first the bare
// name, which a later deployment leaves alone, then the certificate, then both together.
@onlyIfNotExists()
resource bare 'Microsoft.Web/sites/hostNameBindings@2025-03-01' = {
  parent: site
  name: domain
  properties: {
    hostNameType: 'Verified'
    customHostNameDnsRecordType: 'CName'
    sslState: 'Disabled'
  }
}

resource certificate 'Microsoft.Web/sites/certificates@2025-03-01' = {
  parent: site
  name: replace(domain, '.', '-')
  location: location
  tags: tags
  properties: {
    canonicalName: domain
    hostNames: [domain]
  }
  dependsOn: [bare]
}

module bound 'domain-tls.bicep' = {
  params: {
    siteName: siteName
    domain: domain
    thumbprint: certificate.properties.thumbprint
  }
}
