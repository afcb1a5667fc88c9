import { app } from '@azure/functions';
import { authenticateViewer, ports } from '../shared/composition.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { showPolicy } from '../shared/http/policy.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-policy', {
  methods: ['GET'],
  route: 'api/admin/policy',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const viewer = await authenticateViewer(request.headers.get('authorization'));
    if (viewer.kind !== 'viewer') return problem(viewer);
    return showPolicy(await ports.policy.stored(signal));
  }),
});
