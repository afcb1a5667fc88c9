import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { mayCreate } from '../shared/domain/policy/policy.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('policy', {
  methods: ['GET'],
  route: 'api/policy',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'));
    if (caller.kind !== 'caller') return problem(caller);
    const policy = await ports.policy.read(signal);
    const { protocols, maximumLifetimeDays, idleDays } = policy;
    return { jsonBody: { mayCreate: mayCreate(policy, caller), protocols, maximumLifetimeDays, idleDays } };
  }),
});
