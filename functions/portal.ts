import { app } from '@azure/functions';
import { forBrowser } from '../shared/http/handlers.ts';
import { page } from '../shared/http/portal.ts';

app.http('portal', {
  methods: ['GET', 'HEAD'],
  // Azure takes an empty route for the function's name; this one is the root, and nothing else.
  route: '{ignored:maxlength(0)?}',
  ...forBrowser(({ portal }) => page(portal.authority)),
});
