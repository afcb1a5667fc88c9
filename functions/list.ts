import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { listAppPasswords } from '../shared/domain/app-password/list.ts';
import { show } from '../shared/http/app-password.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('list', {
  methods: ['GET'],
  route: 'api/app-passwords',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'));
    if (caller.kind !== 'caller') return problem(caller);
    const { username, appPasswords, limit, remaining } = await listAppPasswords(ports, caller, signal);
    return { jsonBody: { username, appPasswords: appPasswords.map(show), limit, remaining } };
  }),
});
