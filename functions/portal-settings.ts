import { app } from '@azure/functions';
import { portal } from '../shared/app.ts';

app.http('portal-settings', {
  methods: ['GET'],
  route: 'settings.json',
  authLevel: 'anonymous',
  handler: async () => ({ headers: { 'cache-control': 'no-cache' }, jsonBody: portal }),
});
