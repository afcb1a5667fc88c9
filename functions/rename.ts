import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { renameAppPassword } from '../shared/domain/app-password/rename.ts';
import { readName, show } from '../shared/http/app-password.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

export async function rename({ ports }: Pick<App, 'ports'>, { caller, request, signal }: PersonCall) {
  const body = await readName(request);
  if (body.kind !== 'parsed') return problem(body);
  const { id = '' } = request.params;
  const result = await renameAppPassword(ports, { caller, id, ...body.value }, signal);
  return result.kind === 'renamed' ? { jsonBody: show(result.appPassword) } : problem(result);
}

app.http('rename', { methods: ['PATCH'], route: 'api/app-passwords/{id}', ...forPerson(rename) });
