import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { reviveAppPassword } from '../shared/domain/app-password/revive.ts';
import { show } from '../shared/http/app-password.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

export async function revive({ ports }: Pick<App, 'ports'>, { caller, request, signal }: PersonCall) {
  const { id = '' } = request.params;
  const result = await reviveAppPassword(ports, { caller, id }, signal);
  return result.kind === 'revived' ? { jsonBody: show(result.appPassword) } : problem(result);
}

app.http('revive', {
  methods: ['POST'],
  route: 'api/app-passwords/{id}/revive',
  ...forPerson(revive, 'recent'),
});
