import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { type Call, forAnyone } from '../shared/http/handlers.ts';

export async function health({ health: check }: Pick<App, 'health'>, { signal }: Call) {
  await check(signal);
  return { jsonBody: { status: 'ok' } };
}

app.http('health', { methods: ['GET', 'HEAD'], route: 'api/health', ...forAnyone(health) });
