import { app } from '@azure/functions';
import { authenticateAdministrator, ports } from '../shared/composition.ts';
import { setPolicy } from '../shared/domain/policy/set-policy.ts';
import { change } from '../shared/http/handlers.ts';
import { readPolicy, showPolicy } from '../shared/http/policy.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-policy-set', {
  methods: ['PUT'],
  route: 'api/admin/policy',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'set-policy');
    if (administrator.kind !== 'administrator') return problem(administrator);
    const body = await readPolicy(request);
    if (body.kind !== 'parsed') return problem(body);
    const { policy, mayReplace } = body.value;
    const result = await setPolicy(ports, administrator.actor, policy, mayReplace, signal);
    return result.kind === 'set' ? showPolicy(result.policy) : problem(result);
  }),
});
