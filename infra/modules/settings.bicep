metadata description = 'The app settings: those of shared/settings/settings.ts, and those of the host itself.'

@export()
@description('App settings that are not needed, by their name in the README. The app takes an empty one for a missing one.')
type OptionalSettings = {
  @description('How old the sign-in may be for a new password, in seconds.')
  SIGN_IN_MAX_AGE: string

  @description('How many days the addresses of clients are kept.')
  CLIENT_ADDRESS_DAYS: string

  @description('The accepted domains.')
  USERNAME_DOMAINS: string

  @description('The domain of a name that is typed without one.')
  USERNAME_DEFAULT_DOMAIN: string

  @description('true, where the mail address is a second username.')
  USERNAME_MAIL: string

  @description('What people type into a device.')
  PORTAL_MAIL_SERVERS: string

  @description('Other pages than the usual ones.')
  PORTAL_LINKS: string

  @description('The name of the organization.')
  PORTAL_ORGANIZATION: string

  @description('Where people get help.')
  PORTAL_SUPPORT: string

  @description('The file of the logo.')
  PORTAL_LOGO: string

  @description('The secret with which the profile for Apple\'s devices is signed.')
  PORTAL_PROFILE_CERTIFICATE: string
}

@description('The site.')
param siteName string

@description('The app\'s identity.')
param identityName string

@description('Application Insights.')
param insightsName string

@description('The storage account of the host.')
param hostStorageName string

@description('Where the tables are.')
param tablesEndpoint string

@description('Where the vault is.')
param vaultUrl string

@description('The client id of the API\'s registration.')
param apiClientId string

@description('The client id of the page\'s registration.')
param portalClientId string

@description('What proves a second factor.')
param mfaEvidence string

@description('Whether accounts are followed in Microsoft Graph.')
param followDirectory bool

@description('App settings that are not needed.')
param optionalSettings OptionalSettings

var scope = 'AppPasswords.Manage'
var tenantId = tenant().tenantId
var authority = 'https://login.microsoftonline.com/${tenantId}'

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identity.properties.clientId
    // Not blobServiceUri, with which a host sometimes does not start: Azure/azure-functions-host#11787.
    AzureWebJobsStorage__accountName: hostStorageName
    AzureWebJobsDisableHomepage: 'true'
    // 1 MiB. Above it the host answers 500, so the app's own 413, above 16 KiB, comes first.
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'
    // It is no secret, as Application Insights accepts no key.
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'

    TABLES_ENDPOINT: tablesEndpoint
    KEY_VAULT_URL: vaultUrl
    AZURE_CLIENT_ID: identity.properties.clientId
    GRAPH_URL: followDirectory ? 'https://graph.microsoft.com' : ''

    // Access tokens are of version 1.0, as those of 2.0 carry no amr.
    TENANT_ID: tenantId
    OIDC_DISCOVERY_URL: '${authority}/.well-known/openid-configuration'
    TOKEN_ISSUER: 'https://sts.windows.net/${tenantId}/'
    TOKEN_AUDIENCES: 'api://${apiClientId},${apiClientId}'
    TOKEN_CLIENTS: portalClientId
    TOKEN_SCOPE: scope
    MFA_EVIDENCE: mfaEvidence
    SIGN_IN_MAX_AGE: optionalSettings.SIGN_IN_MAX_AGE
    CLIENT_ADDRESS_DAYS: optionalSettings.CLIENT_ADDRESS_DAYS
    USERNAME_DOMAINS: optionalSettings.USERNAME_DOMAINS
    USERNAME_DEFAULT_DOMAIN: optionalSettings.USERNAME_DEFAULT_DOMAIN
    USERNAME_MAIL: optionalSettings.USERNAME_MAIL

    PORTAL_AUTHORITY: '${authority}/v2.0'
    PORTAL_CLIENT_ID: portalClientId
    PORTAL_SCOPE: 'api://${apiClientId}/${scope}'
    PORTAL_MAIL_SERVERS: optionalSettings.PORTAL_MAIL_SERVERS
    PORTAL_LINKS: optionalSettings.PORTAL_LINKS
    PORTAL_ORGANIZATION: optionalSettings.PORTAL_ORGANIZATION
    PORTAL_SUPPORT: optionalSettings.PORTAL_SUPPORT
    PORTAL_LOGO: optionalSettings.PORTAL_LOGO
    PORTAL_PROFILE_CERTIFICATE: optionalSettings.PORTAL_PROFILE_CERTIFICATE
  }
}
