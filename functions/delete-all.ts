import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { deleteAllAppPasswords } from '../shared/domain/app-password/delete.ts';
import { readConfirmation } from '../shared/http/body.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('delete-all', {
  methods: ['POST'],
  route: 'api/app-passwords/delete-all',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'));
    if (caller.kind !== 'caller') return problem(caller);
    const body = await readConfirmation(request);
    if (body.kind !== 'parsed') return problem(body);
    const { count } = await deleteAllAppPasswords(ports, caller, signal);
    return { jsonBody: { deleted: count } };
  }),
});
