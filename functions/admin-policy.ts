import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { forViewer, type ViewerCall } from '../shared/http/handlers.ts';
import { showPolicy } from '../shared/http/policy.ts';

export async function storedPolicy({ ports }: Pick<App, 'ports'>, { signal }: ViewerCall) {
  return showPolicy(await ports.policy.stored(signal));
}

app.http('admin-policy', { methods: ['GET'], route: 'api/admin/policy', ...forViewer(storedPolicy) });
