import { app } from '@azure/functions';
import { authenticateAdministrator, ports, tenantId } from '../shared/composition.ts';
import { erasePerson } from '../shared/domain/person/erase.ts';
import { personKey } from '../shared/domain/person/person.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-erase', {
  methods: ['DELETE'],
  route: 'api/admin/people/{person}',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'change');
    if (administrator.kind !== 'administrator') return problem(administrator);
    const person = personKey(tenantId, request.params.person ?? '');
    await erasePerson(ports, administrator.actor, person, signal);
    return { status: 204 };
  }),
});
