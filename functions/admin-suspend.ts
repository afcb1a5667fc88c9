import { app } from '@azure/functions';
import { authenticateAdministrator, ports, tenantId } from '../shared/composition.ts';
import { suspendOrResume } from '../shared/domain/app-password/suspend.ts';
import { personKey } from '../shared/domain/person/person.ts';
import { change } from '../shared/http/handlers.ts';
import { showForAdministrator } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-suspend', {
  methods: ['POST'],
  route: 'api/admin/people/{person}/app-passwords/{id}/suspend',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'change');
    if (administrator.kind !== 'administrator') return problem(administrator);
    const { person = '', id = '' } = request.params;
    const which = { person: personKey(tenantId, person), id };
    const result = await suspendOrResume(ports, administrator.actor, 'suspended', which, signal);
    return result.kind === 'changed'
      ? { jsonBody: showForAdministrator(result.appPassword) }
      : problem(result);
  }),
});
