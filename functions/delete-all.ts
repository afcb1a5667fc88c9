import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { deleteAllAppPasswords } from '../shared/domain/app-password/delete.ts';
import { readConfirmation } from '../shared/http/body.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

export async function deleteAll({ ports }: Pick<App, 'ports'>, { caller, request, signal }: PersonCall) {
  const body = await readConfirmation(request);
  if (body.kind !== 'parsed') return problem(body);
  const { count } = await deleteAllAppPasswords(ports, caller, signal);
  return { jsonBody: { deleted: count } };
}

app.http('delete-all', {
  methods: ['POST'],
  route: 'api/app-passwords/delete-all',
  ...forPerson(deleteAll),
});
