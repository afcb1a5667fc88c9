import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { verifyCredentials } from '../shared/domain/gateway/verify.ts';
import { readCredentials } from '../shared/http/credentials.ts';
import { forGateway, type GatewayCall } from '../shared/http/handlers.ts';
import { originOf } from '../shared/http/origin.ts';
import { problem, refusal } from '../shared/http/problem.ts';

export async function verify({ ports }: Pick<App, 'ports'>, { gateway, request, signal }: GatewayCall) {
  const credentials = await readCredentials(request);
  if (credentials.kind === 'none') return refusal(gateway);
  if (credentials.kind !== 'credentials') return problem(credentials);
  const origin = originOf(request, gateway, credentials);
  const { username, password } = credentials;
  const typed = { username, password, goesOnWith: gateway.goesOnWith, origin };
  const result = await verifyCredentials(ports, typed, signal);
  if (result.kind !== 'verified') return refusal(gateway);
  return { headers: { 'x-auth-user': result.username }, jsonBody: { username: result.username } };
}

app.http('verify', { methods: ['GET', 'POST'], route: 'api/verify', ...forGateway(verify) });
