import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { reviveAppPassword } from '../shared/domain/app-password/revive.ts';
import { show } from '../shared/http/app-password.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('revive', {
  methods: ['POST'],
  route: 'api/app-passwords/{id}/revive',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'), 'recent');
    if (caller.kind !== 'caller') return problem(caller);
    const result = await reviveAppPassword(ports, caller, request.params.id ?? '', signal);
    return result.kind === 'revived' ? { jsonBody: show(result.appPassword) } : problem(result);
  }),
});
