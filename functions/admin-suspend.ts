import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { suspendOrResume } from '../shared/domain/app-password/suspend.ts';
import { type AdministratorCall, forAdministrator } from '../shared/http/handlers.ts';
import { personIn, showForAdministrator } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

export async function suspend(
  { ports, tenantId }: Pick<App, 'ports' | 'tenantId'>,
  { actor, request, signal }: AdministratorCall,
) {
  const { id = '' } = request.params;
  const what = { actor, kind: 'suspended', person: personIn(request, tenantId), id } as const;
  const result = await suspendOrResume(ports, what, signal);
  return result.kind === 'changed' ? { jsonBody: showForAdministrator(result.appPassword) } : problem(result);
}

app.http('admin-suspend', {
  methods: ['POST'],
  route: 'api/admin/people/{person}/app-passwords/{id}/suspend',
  ...forAdministrator(suspend),
});
