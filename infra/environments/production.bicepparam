// For an organisation: survives the loss of a zone, and two instances are always there for HTTP. With zoneRedundant, the
// platform keeps, and bills, two more for each function that runs by a timer. Not every region has zones.
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
