import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { createAppPassword } from '../shared/domain/app-password/create.ts';
import { readNewAppPassword, refusedToCreate, showCreated } from '../shared/http/app-password.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

export async function create({ ports }: Pick<App, 'ports'>, { caller, request, signal }: PersonCall) {
  const wanted = await readNewAppPassword(request);
  if (wanted.kind !== 'parsed') return problem(wanted);
  const result = await createAppPassword(ports, { caller, wanted: wanted.value }, signal);
  return result.kind === 'created' ? showCreated(result) : refusedToCreate(result);
}

app.http('create', { methods: ['POST'], route: 'api/app-passwords', ...forPerson(create, 'recent') });
