import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { deleteWhere } from '../shared/domain/app-password/delete.ts';
import { readConfirmation } from '../shared/http/body.ts';
import { type AdministratorCall, forAdministrator } from '../shared/http/handlers.ts';
import { personIn } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

export async function deleteAllOfPerson(
  { ports, tenantId }: Pick<App, 'ports' | 'tenantId'>,
  { actor, request, signal }: AdministratorCall,
) {
  const body = await readConfirmation(request);
  if (body.kind !== 'parsed') return problem(body);
  const person = personIn(request, tenantId);
  const { count } = await deleteWhere(ports, { actor, person, which: () => true }, signal);
  return { jsonBody: { deleted: count } };
}

app.http('admin-delete-all', {
  methods: ['POST'],
  route: 'api/admin/people/{person}/delete-all',
  ...forAdministrator(deleteAllOfPerson),
});
