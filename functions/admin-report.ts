import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { forViewer, type ViewerCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

export async function reportPart(
  { ports, report }: Pick<App, 'ports' | 'report'>,
  { viewer, request, signal }: ViewerCall,
) {
  const continuation = request.query.get('continuation') ?? undefined;
  const part = await report(continuation, signal);
  if (continuation === undefined) ports.audit.record({ event: 'report.viewed', actor: viewer });
  if (part !== undefined) return { jsonBody: part };
  const detail = 'Begin again without it.';
  return problem({ kind: 'invalid-request', errors: [{ field: 'continuation', detail }] });
}

app.http('admin-report', { methods: ['GET'], route: 'api/admin/report', ...forViewer(reportPart) });
