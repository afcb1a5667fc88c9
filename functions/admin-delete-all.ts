import { app } from '@azure/functions';
import { authenticateAdministrator, ports, tenantId } from '../shared/composition.ts';
import { deleteWhere } from '../shared/domain/app-password/delete.ts';
import { personKey } from '../shared/domain/person/person.ts';
import { readConfirmation } from '../shared/http/body.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-delete-all', {
  methods: ['POST'],
  route: 'api/admin/people/{person}/delete-all',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'change');
    if (administrator.kind !== 'administrator') return problem(administrator);
    const body = await readConfirmation(request);
    if (body.kind !== 'parsed') return problem(body);
    const person = personKey(tenantId, request.params.person ?? '');
    const { count } = await deleteWhere(ports, administrator.actor, person, () => true, signal);
    return { jsonBody: { deleted: count } };
  }),
});
