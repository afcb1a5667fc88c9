import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { deleteAppPassword } from '../shared/domain/app-password/delete.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('delete', {
  methods: ['DELETE'],
  route: 'api/app-passwords/{id}',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'));
    if (caller.kind !== 'caller') return problem(caller);
    const result = await deleteAppPassword(ports, caller, request.params.id ?? '', signal);
    return result.kind === 'deleted' ? { status: 204 } : problem(result);
  }),
});
