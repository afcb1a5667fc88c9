import { app } from '@azure/functions';
import { authenticateViewer, directoryState, ports } from '../shared/composition.ts';
import { momentOrNull } from '../shared/http/app-password.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-directory', {
  methods: ['GET'],
  route: 'api/admin/directory',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const viewer = await authenticateViewer(request.headers.get('authorization'));
    if (viewer.kind !== 'viewer') return problem(viewer);
    const configured = ports.directory.namesPeople;
    const progress = await directoryState.read(signal);
    const lastSuccessAt = momentOrNull(progress?.lastSuccessAt ?? null);
    return {
      jsonBody: { configured, lastSuccessAt, isCheckingEverybody: configured && progress?.check !== 'done' },
    };
  }),
});
