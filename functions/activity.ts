import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { viewActivity } from '../shared/domain/person/view.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';
import { showActivity } from '../shared/http/person.ts';

export async function activity({ ports }: Pick<App, 'ports'>, { caller, signal }: PersonCall) {
  return { jsonBody: showActivity(await viewActivity(ports, caller, signal)) };
}

app.http('activity', { methods: ['GET'], route: 'api/activity', ...forPerson(activity) });
