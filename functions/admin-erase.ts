import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { erasePerson } from '../shared/domain/person/erase.ts';
import { type AdministratorCall, forAdministrator } from '../shared/http/handlers.ts';
import { personIn } from '../shared/http/person.ts';

export async function erase(
  { ports, tenantId }: Pick<App, 'ports' | 'tenantId'>,
  { actor, request, signal }: AdministratorCall,
) {
  await erasePerson(ports, { actor, person: personIn(request, tenantId) }, signal);
  return { status: 204 };
}

app.http('admin-erase', {
  methods: ['DELETE'],
  route: 'api/admin/people/{person}',
  ...forAdministrator(erase),
});
