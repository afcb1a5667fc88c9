import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/app.ts';
import { mayCreate } from '../shared/domain/policy.ts';
import { endpoint } from '../shared/http/endpoint.ts';
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
