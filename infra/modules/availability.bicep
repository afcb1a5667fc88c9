metadata description = 'Asks from outside whether the app answers, and wakes an operator where it does not: an app that is stopped sends nothing that an alert could be about.'

@description('The name of Application Insights.')
param insightsName string

@description('The region of Application Insights.')
param location string

@description('The tags of every resource.')
param tags object

@description('Where the app is asked, as in https://app-passwords.example.com.')
param url string

@description('Who is told by mail; empty for nobody.')
param email string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: 'operators'
}

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'availability'
  location: location
  tags: { ...tags, 'hidden-link:${insights.id}': 'Resource' }
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'availability'
    Name: 'availability'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    // Amsterdam, Virginia, Singapore.
    Locations: [{ Id: 'emea-nl-ams-azr' }, { Id: 'us-va-ash-azr' }, { Id: 'apac-sg-sin-azr' }]
    Request: {
      RequestUrl: '${url}/api/health'
      HttpVerb: 'GET'
      FollowRedirects: false
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'availability'
  location: 'global'
  tags: { ...tags, 'hidden-link:${insights.id}': 'Resource', 'hidden-link:${test.id}': 'Resource' }
  properties: {
    description: 'From 2 of 3 places in the world the app does not answer that it is well, or its certificate ends within 7 days. docs/operations.md#the-region-is-down'
    severity: 1
    enabled: true
    scopes: [test.id, insights.id]
    evaluationFrequency: 'PT1M'
    // Each place asks once in it.
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: insights.id
      failedLocationCount: 2
    }
    autoMitigate: true
    actions: email == '' ? [] : [{ actionGroupId: operators.id }]
  }
}
