// As production, with tables, blobs and vault behind private endpoints. Resources and package deploy from anywhere; the
// vault is reached only from inside the virtual network (or one that is joined to it and resolves its private DNS zones), so
// the first pepper and gateway keys are made there. publicSite = false closes the site as well, with its scm endpoint:
// then the package deploys from there too. The subscription needs the resource provider Microsoft.App, for the app's subnet.
using '../main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param apiClientId = readEnvironmentVariable('API_CLIENT_ID')
param portalClientId = readEnvironmentVariable('PORTAL_CLIENT_ID')
param mfaEvidence = readEnvironmentVariable('MFA_EVIDENCE', 'amr:mfa')

// A group of few people, or else whoever deploys.
var operatorsGroup = readEnvironmentVariable('OPERATORS_GROUP_ID', '')
param operatorsId = operatorsGroup == '' ? readEnvironmentVariable('AZURE_PRINCIPAL_ID', '') : operatorsGroup
param operatorsType = operatorsGroup == '' ? readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User') : 'Group'

param followDirectory = bool(readEnvironmentVariable('FOLLOW_DIRECTORY', 'true'))
param optionalSettings = {
  SIGN_IN_MAX_AGE: readEnvironmentVariable('SIGN_IN_MAX_AGE', '')
  CLIENT_ADDRESS_DAYS: readEnvironmentVariable('CLIENT_ADDRESS_DAYS', '')
  USERNAME_DOMAINS: readEnvironmentVariable('USERNAME_DOMAINS', '')
  USERNAME_DEFAULT_DOMAIN: readEnvironmentVariable('USERNAME_DEFAULT_DOMAIN', '')
  USERNAME_MAIL: readEnvironmentVariable('USERNAME_MAIL', '')
  PORTAL_MAIL_SERVERS: readEnvironmentVariable('PORTAL_MAIL_SERVERS', '')
  PORTAL_LINKS: readEnvironmentVariable('PORTAL_LINKS', '')
  PORTAL_ORGANIZATION: readEnvironmentVariable('PORTAL_ORGANIZATION', '')
  PORTAL_SUPPORT: readEnvironmentVariable('PORTAL_SUPPORT', '')
  PORTAL_LOGO: readEnvironmentVariable('PORTAL_LOGO', '')
  PORTAL_PROFILE_CERTIFICATE: readEnvironmentVariable('PORTAL_PROFILE_CERTIFICATE', '')
}

param customDomain = readEnvironmentVariable('CUSTOM_DOMAIN', '')
param tablesRedundancy = readEnvironmentVariable('TABLES_REDUNDANCY', 'Standard_ZRS')
param hostRedundancy = readEnvironmentVariable('HOST_REDUNDANCY', 'Standard_ZRS')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param dailyCapGb = int(readEnvironmentVariable('DAILY_CAP_GB', '-1'))
param vaultCreateMode = readEnvironmentVariable('VAULT_CREATE_MODE', 'default')

param instanceMemory = 2048
param maximumInstances = 100
param alwaysReadyInstances = 2
param httpConcurrency = 64
param zoneRedundant = true
param privateNetworking = true
param publicSite = bool(readEnvironmentVariable('PUBLIC_SITE', 'true'))
param networkAddresses = readEnvironmentVariable('NETWORK_ADDRESSES', '10.20.0.0/24')
