import { app } from '@azure/functions';
import { authenticateViewer, ports, report } from '../shared/composition.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

app.http('admin-report', {
  methods: ['GET'],
  route: 'api/admin/report',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const viewer = await authenticateViewer(request.headers.get('authorization'));
    if (viewer.kind !== 'viewer') return problem(viewer);
    const continuation = request.query.get('continuation') ?? undefined;
    const page = await report(continuation, signal);
    if (continuation === undefined) ports.audit.record({ event: 'report.viewed', actor: viewer.actor });
    return page === undefined
      ? problem({
          kind: 'invalid-request',
          errors: [{ field: 'continuation', detail: 'Begin again without it.' }],
        })
      : { jsonBody: page };
  }),
});
