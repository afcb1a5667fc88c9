import { app } from '@azure/functions';
import { gatewayKeys, noteNetwork, ports, usernameRules } from '../shared/composition.ts';
import { verify } from '../shared/domain/gateway/verify.ts';
import { readCredentials } from '../shared/http/credentials.ts';
import { endpoint } from '../shared/http/handlers.ts';
import { originOf, remoteAddress } from '../shared/http/origin.ts';
import { problem, refusal } from '../shared/http/problem.ts';

app.http('verify', {
  methods: ['GET', 'POST'],
  route: 'api/verify',
  authLevel: 'anonymous',
  handler: endpoint(ports.audit, async (request, signal) => {
    const key = request.headers.get('x-gateway-key');
    const gateway = key ? await gatewayKeys.gatewayOf(key, signal) : undefined;
    if (gateway === undefined) return problem({ kind: 'invalid-gateway-key' });
    noteNetwork(gateway, remoteAddress(request));
    const credentials = await readCredentials(request);
    if (credentials.kind === 'none') return refusal(gateway);
    if (credentials.kind !== 'credentials') return problem(credentials);
    const origin = originOf(request, gateway, credentials);
    const typed = { ...credentials, goesOnWith: gateway.goesOnWith };
    const result = await verify(ports, usernameRules, typed, origin, signal);
    if (result.kind !== 'verified') return refusal(gateway);
    return { headers: { 'x-auth-user': result.username }, jsonBody: { username: result.username } };
  }),
});
