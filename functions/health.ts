import { app } from '@azure/functions';
import { health, ports } from '../shared/composition.ts';
import { endpoint } from '../shared/http/handlers.ts';

app.http('health', {
  methods: ['GET', 'HEAD'],
  route: 'api/health',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (_request, signal) => {
    await health(signal);
    return { jsonBody: { status: 'ok' } };
  }),
});
