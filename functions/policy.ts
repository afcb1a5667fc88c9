import { app } from '@azure/functions';
import type { App } from '../shared/composition.ts';
import { mayCreate } from '../shared/domain/policy/policy.ts';
import { forPerson, type PersonCall } from '../shared/http/handlers.ts';

export async function policyInForce({ ports }: Pick<App, 'ports'>, { caller, signal }: PersonCall) {
  const policy = await ports.policy.read(signal);
  const { protocols, maximumLifetimeDays, idleDays } = policy;
  return { jsonBody: { mayCreate: mayCreate(policy, caller), protocols, maximumLifetimeDays, idleDays } };
}

app.http('policy', { methods: ['GET'], route: 'api/policy', ...forPerson(policyInForce) });
