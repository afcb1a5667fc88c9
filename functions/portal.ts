import { app } from '@azure/functions';
import { portal } from '../shared/composition.ts';
import { page } from '../shared/http/portal.ts';

app.http('portal', {
  methods: ['GET', 'HEAD'],
  // Azure takes an empty route for the function's name; this one is the root, and nothing else.
  route: '{ignored:maxlength(0)?}',
  authLevel: 'anonymous',
  handler: async () => page(portal.authority),
});
