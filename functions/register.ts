import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { register } from '../shared/domain/app-password/register.ts';
import { readNewAppPassword, refusedToAdd, showCreated } from '../shared/http/app-password.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('register', {
  methods: ['PUT'],
  route: 'api/registration',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'), 'recent');
    if (caller.kind !== 'caller') return problem(caller);
    const wanted = await readNewAppPassword(request);
    if (wanted.kind !== 'parsed') return problem(wanted);
    const result = await register(ports, caller, wanted.value, signal);
    if (result.kind === 'created') return showCreated(result);
    if (result.kind !== 'already-registered') return refusedToAdd(result);
    return { jsonBody: { registeredAt: new Date(result.registeredAt).toISOString() } };
  }),
});
