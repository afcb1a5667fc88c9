import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { verify } from '../shared/domain/gateway/verify.ts';
import { grantError } from '../shared/http/grant.ts';
import { forGatewayByGrant, type GrantCall } from '../shared/http/handlers.ts';
import { originOf } from '../shared/http/origin.ts';

export async function verifyGrant(
  { ports, usernameRules }: Pick<App, 'ports' | 'usernameRules'>,
  { gateway, grant, request, signal }: GrantCall,
) {
  const typed = { ...grant, goesOnWith: gateway.goesOnWith };
  const result = await verify(ports, usernameRules, typed, originOf(request, gateway), signal);
  if (result.kind !== 'verified') return grantError('invalid_grant');
  const { username } = result;
  return {
    headers: { 'x-auth-user': username },
    jsonBody: { access_token: 'unused', token_type: 'Bearer', username },
  };
}

app.http('verify-grant', {
  methods: ['POST'],
  route: 'api/verify/grant',
  ...forGatewayByGrant(verifyGrant),
});
