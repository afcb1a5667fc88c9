/**
 * The tables of a Log Analytics workspace that the queries ask, as they are documented; of all but the first only what is
 * asked for.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/appevents
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/azurediagnostics
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/functionapplogs
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/storagetablelogs
 */
export const workspaceTables = {
  AppEvents: {
    AppRoleInstance: 'string',
    AppRoleName: 'string',
    AppVersion: 'string',
    _BilledSize: 'real',
    ClientBrowser: 'string',
    ClientCity: 'string',
    ClientCountryOrRegion: 'string',
    ClientIP: 'string',
    ClientModel: 'string',
    ClientOS: 'string',
    ClientStateOrProvince: 'string',
    ClientType: 'string',
    IKey: 'string',
    _IsBillable: 'string',
    ItemCount: 'int',
    Measurements: 'dynamic',
    Name: 'string',
    OperationId: 'string',
    OperationName: 'string',
    ParentId: 'string',
    Properties: 'dynamic',
    ResourceGUID: 'string',
    _ResourceId: 'string',
    SDKVersion: 'string',
    SessionId: 'string',
    SourceSystem: 'string',
    _SubscriptionId: 'string',
    SyntheticSource: 'string',
    TenantId: 'string',
    TimeGenerated: 'datetime',
    Type: 'string',
    UserAccountId: 'string',
    UserAuthenticatedId: 'string',
    UserId: 'string',
  },
  AzureDiagnostics: {
    CallerIPAddress: 'string',
    OperationName: 'string',
    ResourceProvider: 'string',
    TimeGenerated: 'datetime',
  },
  FunctionAppLogs: {
    ExceptionMessage: 'string',
    Level: 'string',
    Message: 'string',
    TimeGenerated: 'datetime',
  },
  StorageTableLogs: {
    CallerIpAddress: 'string',
    Category: 'string',
    RequesterObjectId: 'string',
    TimeGenerated: 'datetime',
  },
} as const;
