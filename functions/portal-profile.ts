import { app, type HttpRequest } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { configurationProfile } from '../shared/http/configuration-profile.ts';
import { deviceFile } from '../shared/http/device-file.ts';
import { forBrowser } from '../shared/http/handlers.ts';

export async function portalProfile(
  { portal, deviceSettings, signProfile }: Pick<App, 'portal' | 'deviceSettings' | 'signProfile'>,
  request: HttpRequest,
  signal: AbortSignal,
) {
  if (portal.profile === null) return deviceFile(request, undefined);
  const profile = configurationProfile(portal, deviceSettings.deployment);
  return deviceFile(request, {
    body: signProfile === undefined ? profile : await signProfile(profile, signal),
    headers: {
      'content-type': 'application/x-apple-aspen-config',
      'content-disposition': 'attachment; filename="mail.mobileconfig"',
    },
  });
}

app.http('portal-profile', {
  methods: ['GET', 'HEAD'],
  route: 'mail.mobileconfig',
  ...forBrowser(portalProfile),
});
