import { app } from '@azure/functions';
import { gatewayKeys, ports, usernameRules } from '../shared/app.ts';
import { verify } from '../shared/domain/verify.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { grantError, readGrant } from '../shared/http/grant.ts';
import { originOf } from '../shared/http/origin.ts';

const fault = () => grantError('temporarily_unavailable');

app.http('verify-grant', {
  methods: ['POST'],
  route: 'api/verify/grant',
  authLevel: 'anonymous',
  handler: endpoint(async (request, signal) => {
    const form = await readGrant(request);
    const gateway = form.gatewayKey ? await gatewayKeys.gatewayOf(form.gatewayKey, signal) : undefined;
    if (form.kind === 'chunked') return grantError('length_required');
    if (gateway === undefined) return grantError('invalid_client');
    if (form.kind !== 'grant') return grantError(form.kind);
    const result = await verify(ports, usernameRules, form, originOf(request, gateway), signal);
    if (result.kind !== 'verified') return grantError('invalid_grant');
    const { username } = result;
    return {
      headers: { 'x-auth-user': username },
      jsonBody: { access_token: 'unused', token_type: 'Bearer', username },
    };
  }, fault),
});
