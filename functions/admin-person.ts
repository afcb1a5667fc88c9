import { app } from '@azure/functions';
import { authenticateAdministrator, ports, tenantId } from '../shared/app.ts';
import { personKey } from '../shared/domain/person.ts';
import { viewPerson } from '../shared/domain/view-person.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { showPerson } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-person', {
  methods: ['GET'],
  route: 'api/admin/people/{person}',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'read');
    if (administrator.kind !== 'administrator') return problem(administrator);
    const person = personKey(tenantId, request.params.person ?? '');
    const result = await viewPerson(ports, administrator.actor, person, signal);
    return result.kind === 'person' ? { jsonBody: showPerson(result) } : problem(result);
  }),
});
