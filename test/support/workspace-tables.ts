/**
 * The tables of a Log Analytics workspace that the queries ask, as they are documented.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/appevents
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
} as const;
