import { app } from '@azure/functions';
import { authenticate, ports } from '../shared/composition.ts';
import { renameAppPassword } from '../shared/domain/app-password/rename.ts';
import { readName, show } from '../shared/http/app-password.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('rename', {
  methods: ['PATCH'],
  route: 'api/app-passwords/{id}',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const caller = await authenticate(request.headers.get('authorization'));
    if (caller.kind !== 'caller') return problem(caller);
    const body = await readName(request);
    if (body.kind !== 'parsed') return problem(body);
    const { id = '' } = request.params;
    const result = await renameAppPassword(ports, caller, { id, name: body.value.name }, signal);
    return result.kind === 'renamed' ? { jsonBody: show(result.appPassword) } : problem(result);
  }),
});
