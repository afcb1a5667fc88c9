import { TableClient } from '@azure/data-tables';
import { app } from '@azure/functions';

// What every verify is measured against: a function in the same host that does nothing but one read.
const { TABLES_CONNECTION_STRING = '', BARE_TABLE = '', BARE_PARTITION = '', BARE_ROW = '' } = process.env;
const table = TableClient.fromConnectionString(TABLES_CONNECTION_STRING, BARE_TABLE, {
  allowInsecureConnection: true,
});

app.http('bare', {
  methods: ['GET'],
  route: 'bare',
  authLevel: 'anonymous',
  handler: async () => {
    const { rowKey } = await table.getEntity(BARE_PARTITION, BARE_ROW);
    return { jsonBody: { rowKey } };
  },
});
