import { app } from '@azure/functions';
import { portal } from '../shared/composition.ts';
import { safeData } from '../shared/http/security-headers.ts';

app.http('portal-settings', {
  methods: ['GET', 'HEAD'],
  route: 'settings.json',
  authLevel: 'anonymous',
  handler: async () => ({ headers: { ...safeData, 'cache-control': 'no-cache' }, jsonBody: portal }),
});
