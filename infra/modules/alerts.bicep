metadata description = 'What wakes an operator. docs/monitoring.md says of each alert what to do.'

@description('The Log Analytics workspace of the app\'s events.')
param workspaceName string

@description('The region.')
param location string

@description('The tags of every resource.')
param tags object

@description('Who is told by mail; empty for nobody, as alerts also show in the portal.')
param email string

@description('Whether accounts are followed in Microsoft Graph.')
param followDirectory bool

// Each query gives a row for what is wrong, and none where nothing is. What differs in one of the dimensions is an alert of its
// own, which ends by itself.
var alerts = [
  {
    name: 'faults'
    severity: 1
    says: '5 requests or more were answered with 503, in 3 minutes or more of a quarter of an hour. docs/operations.md#the-region-is-down'
    query: loadTextContent('../queries/alerts/faults.kql')
    dimensions: []
  }
  {
    name: 'throttling'
    severity: 2
    says: 'Storage, Key Vault or Microsoft Graph turned 50 tries or more away in a quarter of an hour. docs/scale.md'
    query: loadTextContent('../queries/alerts/throttling.kql')
    dimensions: ['service']
  }
  {
    name: 'vault-unreachable'
    severity: 1
    says: 'Pepper or gateway keys could not be read from Key Vault in 3 minutes or more of a quarter of an hour. docs/operations.md#the-vault-is-deleted-or-gone'
    query: loadTextContent('../queries/alerts/vault-unreachable.kql')
    dimensions: []
  }
  {
    name: 'directory-late'
    severity: 2
    says: 'The directory was not followed for a quarter of an hour, or no events arrive. docs/operations.md#graph-is-down'
    query: loadTextContent('../queries/alerts/directory-late.kql')
    dimensions: []
  }
  {
    name: 'refusals'
    severity: 2
    says: 'A gateway had 100 refusals or more of well-formed passwords, or 1,000 of what cannot be one, in a quarter of an hour, and 10 times the usual. docs/operations.md#an-app-password-leaked'
    query: loadTextContent('../queries/alerts/refusals.kql')
    dimensions: ['gateway']
  }
  {
    name: 'new-network'
    severity: 1
    says: 'The key of a gateway was used from a network that it was never used from. docs/operations.md#a-gateway-key-leaked'
    query: loadTextContent('../queries/alerts/new-network.kql')
    dimensions: ['gateway', 'network']
  }
  {
    name: 'given-name'
    severity: 1
    says: 'An administrator gave somebody a username, and so the mailbox of that name. docs/operations.md#an-administrators-account-is-in-wrong-hands'
    query: loadTextContent('../queries/alerts/given-name.kql')
    dimensions: ['person', 'username', 'administrator']
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = if (email != '') {
  name: 'operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'operators'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in filter(alerts, it => followDirectory || it.name != 'directory-late'): {
    name: alert.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'App Passwords: ${alert.name}'
      description: alert.says
      severity: alert.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT5M'
      // Longer than the time between two looks, as events arrive some minutes late.
      windowSize: 'PT15M'
      // What is usual is that of the day before the last one.
      overrideQueryTimeRange: alert.name == 'refusals' ? 'P2D' : null
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            // Without, an alert that is on keeps silent about the next network.
            dimensions: map(alert.dimensions, it => { name: it, operator: 'Include', values: ['*'] })
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      // A new workspace does not know the table yet; a test holds the queries.
      skipQueryValidation: true
      actions: { actionGroups: email == '' ? [] : [operators.id] }
    }
  }
]
