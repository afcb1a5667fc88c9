import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { viewPerson } from '../shared/domain/person/view.ts';
import { forViewer, type ViewerCall } from '../shared/http/handlers.ts';
import { personIn, showPerson } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

export async function view(
  { ports, tenantId }: Pick<App, 'ports' | 'tenantId'>,
  { viewer, request, signal }: ViewerCall,
) {
  const result = await viewPerson(ports, { viewer, person: personIn(request, tenantId) }, signal);
  return result.kind === 'person' ? { jsonBody: showPerson(result) } : problem(result);
}

app.http('admin-person', { methods: ['GET'], route: 'api/admin/people/{person}', ...forViewer(view) });
