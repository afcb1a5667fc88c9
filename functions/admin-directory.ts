import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { momentOrNull } from '../shared/http/app-password.ts';
import { forViewer, type ViewerCall } from '../shared/http/handlers.ts';

export async function directoryProgress(
  { ports, directoryState }: Pick<App, 'ports' | 'directoryState'>,
  { signal }: ViewerCall,
) {
  const configured = ports.directory.namesPeople;
  const progress = await directoryState.read(signal);
  const lastSuccessAt = momentOrNull(progress?.lastSuccessAt ?? null);
  return {
    jsonBody: { configured, lastSuccessAt, isCheckingEverybody: configured && progress?.check !== 'done' },
  };
}

app.http('admin-directory', {
  methods: ['GET'],
  route: 'api/admin/directory',
  ...forViewer(directoryProgress),
});
