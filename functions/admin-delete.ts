import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { deleteOf } from '../shared/domain/app-password/delete.ts';
import { type AdministratorCall, forAdministrator } from '../shared/http/handlers.ts';
import { personIn } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

export async function deleteOfPerson(
  { ports, tenantId }: Pick<App, 'ports' | 'tenantId'>,
  { actor, request, signal }: AdministratorCall,
) {
  const { id = '' } = request.params;
  const result = await deleteOf(ports, { actor, person: personIn(request, tenantId), id }, signal);
  return result.kind === 'deleted' ? { status: 204 } : problem(result);
}

app.http('admin-delete', {
  methods: ['DELETE'],
  route: 'api/admin/people/{person}/app-passwords/{id}',
  ...forAdministrator(deleteOfPerson),
});
