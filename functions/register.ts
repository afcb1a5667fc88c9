import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { register as registerPerson } from '../shared/domain/app-password/register.ts';
import { moment, readNewAppPassword, refusedToCreate, showCreated } from '../shared/http/app-password.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

export async function register({ ports }: Pick<App, 'ports'>, { caller, request, signal }: PersonCall) {
  const wanted = await readNewAppPassword(request);
  if (wanted.kind !== 'parsed') return problem(wanted);
  const result = await registerPerson(ports, { caller, wanted: wanted.value }, signal);
  if (result.kind === 'created') return showCreated(result);
  if (result.kind !== 'already-registered') return refusedToCreate(result);
  return { jsonBody: { registeredAt: moment(result.registeredAt) } };
}

app.http('register', { methods: ['PUT'], route: 'api/registration', ...forPerson(register, 'recent') });
