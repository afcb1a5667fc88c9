import { app } from '@azure/functions';
import { portal } from '../shared/app.ts';
import { safeData } from '../shared/http/safe.ts';

app.http('portal-settings', {
  methods: ['GET', 'HEAD'],
  route: 'settings.json',
  authLevel: 'anonymous',
  handler: async () => ({ headers: { ...safeData, 'cache-control': 'no-cache' }, jsonBody: portal }),
});
