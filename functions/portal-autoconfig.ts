import { app } from '@azure/functions';
import { answerAutoconfig } from '../shared/http/autoconfig.ts';
import { forBrowser } from '../shared/http/handlers.ts';

app.http('portal-autoconfig', {
  methods: ['GET', 'HEAD'],
  route: 'mail/config-v1.1.xml',
  ...forBrowser(answerAutoconfig),
});
