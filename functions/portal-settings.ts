import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { forBrowser } from '../shared/http/handlers.ts';
import { safeData } from '../shared/http/security-headers.ts';

export function portalSettings({ portal }: Pick<App, 'portal'>) {
  return { headers: { ...safeData, 'cache-control': 'no-cache' }, jsonBody: portal };
}

app.http('portal-settings', {
  methods: ['GET', 'HEAD'],
  route: 'settings.json',
  ...forBrowser(portalSettings),
});
