import { app } from '@azure/functions';
import { authenticateAdministrator, ports } from '../shared/app.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { showPolicy } from '../shared/http/policy.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-policy', {
  methods: ['GET'],
  route: 'api/admin/policy',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'read');
    if (administrator.kind !== 'administrator') return problem(administrator);
    return showPolicy(await ports.policy.stored(signal));
  }),
});
