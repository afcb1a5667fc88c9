import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { suspendOrResume } from '../shared/domain/app-password/suspend.ts';
import { type AdministratorCall, forAdministrator } from '../shared/http/handlers.ts';
import { personIn, showForAdministrator } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

export async function resume(
  { ports, tenantId }: Pick<App, 'ports' | 'tenantId'>,
  { actor, request, signal }: AdministratorCall,
) {
  const { id = '' } = request.params;
  const what = { actor, kind: 'resumed', person: personIn(request, tenantId), id } as const;
  const result = await suspendOrResume(ports, what, signal);
  return result.kind === 'changed' ? { jsonBody: showForAdministrator(result.appPassword) } : problem(result);
}

app.http('admin-resume', {
  methods: ['POST'],
  route: 'api/admin/people/{person}/app-passwords/{id}/resume',
  ...forAdministrator(resume),
});
