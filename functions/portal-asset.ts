import { app } from '@azure/functions';
import { asset } from '../shared/http/portal.ts';

app.http('portal-asset', {
  methods: ['GET', 'HEAD'],
  route: 'assets/{file}',
  authLevel: 'anonymous',
  handler: async (request) => asset(request),
});
