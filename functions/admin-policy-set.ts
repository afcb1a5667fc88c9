import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { setPolicy } from '../shared/domain/policy/set-policy.ts';
import { type AdministratorCall, forAdministrator } from '../shared/http/handlers.ts';
import { readPolicy, showPolicy } from '../shared/http/policy.ts';
import { problem } from '../shared/http/problem.ts';

export async function replacePolicy(
  { ports }: Pick<App, 'ports'>,
  { actor, request, signal }: AdministratorCall,
) {
  const body = await readPolicy(request);
  if (body.kind !== 'parsed') return problem(body);
  const result = await setPolicy(ports, { actor, ...body.value }, signal);
  return result.kind === 'set' ? showPolicy(result.policy) : problem(result);
}

app.http('admin-policy-set', {
  methods: ['PUT'],
  route: 'api/admin/policy',
  ...forAdministrator(replacePolicy, 'set-policy'),
});
