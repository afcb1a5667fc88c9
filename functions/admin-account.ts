import { app } from '@azure/functions';
import * as z from 'zod';
import type { App } from '../shared/composition.ts';
import { changeAccount } from '../shared/domain/person/account.ts';
import { oidOf } from '../shared/domain/person/person.ts';
import { type UsernameRules, usernameOfToken } from '../shared/domain/username/username.ts';
import { readJson } from '../shared/http/body.ts';
import { type AdministratorCall, forAdministrator } from '../shared/http/handlers.ts';
import { personIn } from '../shared/http/person.ts';
import { problem } from '../shared/http/problem.ts';

const wanted = (rules: UsernameRules) =>
  z.strictObject({
    account: z.enum(['enabled', 'disabled']).optional(),
    username: z
      .string()
      .transform((given, context) => {
        const username = usernameOfToken(given, rules);
        if (username !== undefined) return username;
        context.addIssue('This is no username of an accepted domain.');
        return z.NEVER;
      })
      .optional(),
  });

export async function setAccount(
  { ports, tenantId }: Pick<App, 'ports' | 'tenantId'>,
  { actor, request, signal }: AdministratorCall,
) {
  const body = await readJson(request, wanted(ports.usernameRules));
  if (body.kind !== 'parsed') return problem(body);
  const person = personIn(request, tenantId);
  const result = await changeAccount(ports, { actor, person, ...body.value }, signal);
  if (result.kind !== 'set') return problem(result);
  const { username, account } = result;
  return { jsonBody: { id: oidOf(person), username, account } };
}

app.http('admin-account', {
  methods: ['PATCH'],
  route: 'api/admin/people/{person}',
  ...forAdministrator(setAccount),
});
