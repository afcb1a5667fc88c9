metadata description = 'What an operator looks at: one workbook over the events of the app.'

@description('The Log Analytics workspace of the app\'s events.')
param workspaceName string

@description('The region.')
param location string

@description('The tags of every resource.')
param tags object

var resourceType = 'microsoft.operationalinsights/workspaces'

var charts = [
  {
    title: 'Verifies a second'
    look: 'timechart'
    query: loadTextContent('../queries/workbook/verifies.kql')
  }
  {
    title: 'Time from an accepted gateway key to the answer, ms'
    look: 'timechart'
    query: loadTextContent('../queries/workbook/latency.kql')
  }
  {
    title: 'Accepted and refused, by gateway'
    look: 'table'
    query: loadTextContent('../queries/workbook/gateways.kql')
  }
  {
    title: 'Refused, by reason and gateway'
    look: 'table'
    query: loadTextContent('../queries/workbook/refusals.kql')
  }
  {
    title: 'Requests to manage that were refused, by reason and caller'
    look: 'table'
    query: loadTextContent('../queries/workbook/management.kql')
  }
  {
    title: 'App passwords created an hour'
    look: 'barchart'
    query: loadTextContent('../queries/workbook/creates.kql')
  }
  {
    title: 'People who wanted more app passwords than the limit, a day'
    look: 'barchart'
    query: loadTextContent('../queries/workbook/limit.kql')
  }
  {
    title: 'Tries that storage, Key Vault and the directory failed, by status; without one where no answer came'
    look: 'timechart'
    query: loadTextContent('../queries/workbook/service-faults.kql')
  }
  {
    title: 'Faults that somebody met, by function; a defect is a mistake of the app itself'
    look: 'table'
    query: loadTextContent('../queries/workbook/function-faults.kql')
  }
  {
    title: 'Faults that nobody waited for'
    look: 'table'
    query: loadTextContent('../queries/workbook/background-faults.kql')
  }
  {
    title: 'Time since the directory was followed, and how many changes of people that were'
    look: 'table'
    query: loadTextContent('../queries/workbook/directory.kql')
  }
  {
    title: 'Instances that sent events'
    look: 'timechart'
    query: loadTextContent('../queries/workbook/instances.kql')
  }
  {
    title: 'Networks of gateways, where they are new'
    look: 'table'
    query: loadTextContent('../queries/workbook/networks.kql')
  }
  {
    title: 'Gateway keys that belong to no gateway, an hour'
    look: 'barchart'
    query: loadTextContent('../queries/workbook/gateway-keys.kql')
  }
]

var timeRange = {
  type: 9
  name: 'TimeRange'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    queryType: 0
    resourceType: resourceType
    parameters: [
      {
        id: guid('TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: map([1, 4, 24, 168, 720], hours => { durationMs: hours * 3600000 })
          allowCustom: true
        }
      }
    ]
  }
}

var items = [
  for chart in charts: {
    type: 3
    name: chart.title
    customWidth: '50'
    content: {
      version: 'KqlItem/1.0'
      title: chart.title
      query: chart.query
      visualization: chart.look
      size: 0
      timeContextFromParameter: 'TimeRange'
      queryType: 0
      resourceType: resourceType
    }
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspace.id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'App Passwords'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspace.id
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], items)
      fallbackResourceIds: [workspace.id]
    })
  }
}
