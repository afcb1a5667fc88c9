import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { listAppPasswords } from '../shared/domain/app-password/list.ts';
import { show } from '../shared/http/app-password.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';

export async function list({ ports }: Pick<App, 'ports'>, { caller, signal }: PersonCall) {
  const { username, appPasswords, limit, remaining } = await listAppPasswords(ports, caller, signal);
  return { jsonBody: { username, appPasswords: appPasswords.map(show), limit, remaining } };
}

app.http('list', { methods: ['GET'], route: 'api/app-passwords', ...forPerson(list) });
