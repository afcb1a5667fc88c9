import { app } from '@azure/functions';
import { gatewayKeys, noteNetwork, ports, usernameRules } from '../shared/composition.ts';
import { verify } from '../shared/domain/gateway/verify.ts';
import { grantError, isUnread, readGrant } from '../shared/http/grant.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { originOf, remoteAddress } from '../shared/http/origin.ts';

const fault = () => grantError('temporarily_unavailable');

app.http('verify-grant', {
  methods: ['POST'],
  route: 'api/verify/grant',
  authLevel: 'anonymous',
  handler: endpoint(
    ports.audit,
    async (request, signal) => {
      const { key, grant } = await readGrant(request);
      // The key of a form that was not read may be right.
      if (!key && isUnread(grant)) return grantError(grant.kind);
      const gateway = key ? await gatewayKeys.gatewayOf(key, signal) : undefined;
      if (gateway === undefined) return grantError('invalid_client');
      noteNetwork(gateway, remoteAddress(request));
      if (grant.kind !== 'grant') return grantError(grant.kind);
      const typed = { ...grant, goesOnWith: gateway.goesOnWith };
      const result = await verify(ports, usernameRules, typed, originOf(request, gateway), signal);
      if (result.kind !== 'verified') return grantError('invalid_grant');
      const { username } = result;
      return {
        headers: { 'x-auth-user': username },
        jsonBody: { access_token: 'unused', token_type: 'Bearer', username },
      };
    },
    fault,
  ),
});
