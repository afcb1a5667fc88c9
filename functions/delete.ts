import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { deleteAppPassword } from '../shared/domain/app-password/delete.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

export async function deleteOne({ ports }: Pick<App, 'ports'>, { caller, request, signal }: PersonCall) {
  const { id = '' } = request.params;
  const result = await deleteAppPassword(ports, { caller, id }, signal);
  return result.kind === 'deleted' ? { status: 204 } : problem(result);
}

app.http('delete', { methods: ['DELETE'], route: 'api/app-passwords/{id}', ...forPerson(deleteOne) });
