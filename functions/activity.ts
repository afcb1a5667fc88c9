import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { viewActivity } from '../shared/domain/person/view.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { showActivity } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

app.http('activity', {
  methods: ['GET'],
  route: 'api/activity',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'));
    if (caller.kind !== 'caller') return problem(caller);
    return { jsonBody: showActivity(await viewActivity(ports, caller, signal)) };
  }),
});
