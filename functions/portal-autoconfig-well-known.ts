import { app } from '@azure/functions';
import { answerAutoconfig } from '../shared/http/autoconfig.ts';
import { forBrowser } from '../shared/http/handlers.ts';

app.http('portal-autoconfig-well-known', {
  methods: ['GET', 'HEAD'],
  route: '.well-known/autoconfig/mail/config-v1.1.xml',
  ...forBrowser(answerAutoconfig),
});
