import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { verifyCredentials } from '../shared/domain/gateway/verify.ts';
import { grantError } from '../shared/http/grant.ts';
import { forGatewayByGrant, type GrantCall } from '../shared/http/handlers.ts';
import { originOf } from '../shared/http/origin.ts';

export async function verifyGrant(
  { ports }: Pick<App, 'ports'>,
  { gateway, grant, request, signal }: GrantCall,
) {
  const { username, password } = grant;
  const origin = originOf(request, gateway);
  const result = await verifyCredentials(
    ports,
    { username, password, goesOnWith: gateway.goesOnWith, origin },
    signal,
  );
  if (result.kind !== 'verified') return grantError('invalid_grant');
  return {
    headers: { 'x-auth-user': result.username },
    jsonBody: { access_token: 'unused', token_type: 'Bearer', username: result.username },
  };
}

app.http('verify-grant', {
  methods: ['POST'],
  route: 'api/verify/grant',
  ...forGatewayByGrant(verifyGrant),
});
