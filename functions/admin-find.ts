import { app } from '@azure/functions';
import * as z from 'zod';
import type { App } from '../shared/composition.ts';
import { oidOf } from '../shared/domain/person/person.ts';
import { findPerson } from '../shared/domain/person/view.ts';
import { readJson } from '../shared/http/body.ts';
import { forViewer, type ViewerCall } from '../shared/http/handlers.ts';
import { problem } from '../shared/http/problem.ts';

const wanted = z.strictObject({ username: z.string().min(1).max(254) });

export async function find({ ports }: Pick<App, 'ports'>, { viewer, request, signal }: ViewerCall) {
  const body = await readJson(request, wanted);
  if (body.kind !== 'parsed') return problem(body);
  const result = await findPerson(ports, { viewer, typed: body.value.username }, signal);
  if (result.kind !== 'found') return problem(result);
  return { jsonBody: { id: oidOf(result.person), username: result.username } };
}

app.http('admin-find', { methods: ['POST'], route: 'api/admin/people/find', ...forViewer(find) });
