import { app } from '@azure/functions';
import { authenticateViewer, ports, tenantId } from '../shared/composition.ts';
import { personKey } from '../shared/domain/person/person.ts';
import { viewPerson } from '../shared/domain/person/view.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { showPerson } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-person', {
  methods: ['GET'],
  route: 'api/admin/people/{person}',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const viewer = await authenticateViewer(request.headers.get('authorization'));
    if (viewer.kind !== 'viewer') return problem(viewer);
    const person = personKey(tenantId, request.params.person ?? '');
    const result = await viewPerson(ports, viewer.actor, person, signal);
    return result.kind === 'person' ? { jsonBody: showPerson(result) } : problem(result);
  }),
});
