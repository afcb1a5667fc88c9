import { app } from '@azure/functions';
import * as z from 'zod';
import { authenticateAdministrator, ports, tenantId, usernameRules } from '../shared/composition.ts';
import { changeAccount } from '../shared/domain/person/account.ts';
import { oidOf, personKey } from '../shared/domain/person/person.ts';
import { usernameOfToken } from '../shared/domain/username/username.ts';
import { readJson } from '../shared/http/body.ts';
import { change } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

const wanted = z.strictObject({
  account: z.enum(['enabled', 'disabled']).optional(),
  username: z
    .string()
    .transform((given, context) => {
      const username = usernameOfToken(given, usernameRules);
      if (username !== undefined) return username;
      context.addIssue('This is no username of an accepted domain.');
      return z.NEVER;
    })
    .optional(),
});

app.http('admin-account', {
  methods: ['PATCH'],
  route: 'api/admin/people/{person}',
  authLevel: 'anonymous',
  handler: change(ports.audit, async (request, signal) => {
    const administrator = await authenticateAdministrator(request.headers.get('authorization'), 'change');
    if (administrator.kind !== 'administrator') return problem(administrator);
    const body = await readJson(request, wanted);
    if (body.kind !== 'parsed') return problem(body);
    const person = personKey(tenantId, request.params.person ?? '');
    const result = await changeAccount(ports, administrator.actor, person, body.value, signal);
    if (result.kind !== 'set') return problem(result);
    const { username, account } = result;
    return { jsonBody: { id: oidOf(person), username, account } };
  }),
});
