import { app } from '@azure/functions';
import { authenticateAdministrator, ports, tenantId } from '../shared/composition.ts';
import { deleteOf } from '../shared/domain/app-password/delete.ts';
import { personKey } from '../shared/domain/person/person.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-delete', {
  methods: ['DELETE'],
  route: 'api/admin/people/{person}/app-passwords/{id}',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'change');
    if (administrator.kind !== 'administrator') return problem(administrator);
    const { person = '', id = '' } = request.params;
    const result = await deleteOf(ports, administrator.actor, personKey(tenantId, person), id, signal);
    return result.kind === 'deleted' ? { status: 204 } : problem(result);
  }),
});
