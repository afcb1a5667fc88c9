import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { createAppPassword } from '../shared/domain/create.ts';
import { readNewAppPassword, refusedToAdd, showCreated } from '../shared/http/app-password.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('create', {
  methods: ['POST'],
  route: 'api/app-passwords',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'), 'recent');
    if (caller.kind !== 'caller') return problem(caller);
    const wanted = await readNewAppPassword(request);
    if (wanted.kind !== 'parsed') return problem(wanted);
    const result = await createAppPassword(ports, caller, wanted.value, signal);
    return result.kind === 'created' ? showCreated(result) : refusedToAdd(result);
  }),
});
