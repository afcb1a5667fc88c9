import { app } from '@azure/functions';
import { forBrowser } from '../shared/http/handlers.ts';
import { asset } from '../shared/http/portal.ts';

app.http('portal-asset', {
  methods: ['GET', 'HEAD'],
  route: 'assets/{file}',
  ...forBrowser((_app, request) => asset(request)),
});
