import { globSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  HttpRequest,
  HttpResponse,
  type HttpResponseInit,
  InvocationContext,
  type Timer,
} from '@azure/functions';
import { matchRoute, parsePath, parseRoute } from '../../local/routes.ts';
import { root } from '../../local/stack-file.ts';
import { serve } from '../../shared/app.ts';
import { serveAt } from './network.ts';
import type { Instance } from './world.ts';

const core = new URL('../../local/functions-core.ts', import.meta.url);
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@azure/functions-core' ? { url: core.href, shortCircuit: true } : next(specifier, context),
});
const { app: registered }: typeof import('../../local/functions-core.ts') = createRequire(import.meta.url)(
  fileURLToPath(core),
);
for (const file of globSync('functions/*.ts', { cwd: root }).sort())
  await import(pathToFileURL(join(root, file)).href);

const functions = [...registered.functions.values()].flatMap(({ metadata: { name, bindings }, handler }) => {
  const trigger = Object.values(bindings).find(({ type }) => type === 'httpTrigger');
  return trigger?.route === undefined
    ? []
    : [{ name, handler, methods: trigger.methods, route: parseRoute(trigger.route) }];
});

let origins = 0;

/**
 * Has the functions, as they are registered, answer for an instance within this process.
 *
 * @returns the origin to ask
 */
export function serveInstance({ app, faults }: Pick<Instance, 'app' | 'faults'>): string {
  const origin = `https://instance${origins++}.invalid`;
  serveAt(origin, async (request) => {
    serve(app);
    return answer(request, (...words) => void faults.push(words));
  });
  return origin;
}

/** Runs a function that a timer starts. */
export async function runTimer(
  { app, faults }: Pick<Instance, 'app' | 'faults'>,
  name: string,
  timer: Timer,
): Promise<void> {
  serve(app);
  const logHandler = (_level: string, ...words: unknown[]) => void faults.push(words);
  await registered.functions
    .get(name)
    ?.handler(timer, new InvocationContext({ functionName: name, logHandler }));
}

async function answer(request: Request, log: (...words: unknown[]) => void): Promise<Response> {
  const path = parsePath(new URL(request.url).pathname);
  for (const { name, handler, methods, route } of functions) {
    const params = path && methods?.includes(request.method) ? matchRoute(route, path) : undefined;
    if (params === undefined) continue;
    const bytes = new Uint8Array(await request.arrayBuffer());
    const length = { 'content-length': `${bytes.length}` };
    const { method, url, headers } = request;
    const incoming = new HttpRequest({
      method,
      url,
      headers: { ...Object.fromEntries(headers), ...(bytes.length > 0 && length) },
      params: Object.fromEntries(Object.entries(params).map(([key, { value = '' }]) => [key, value])),
      ...(bytes.length > 0 && { body: { bytes } }),
    });
    const context = new InvocationContext({
      functionName: name,
      logHandler: (_level, ...words) => log(...words),
    });
    const answered = new HttpResponse((await handler(incoming, context)) as HttpResponseInit);
    return toResponse(answered, method === 'HEAD');
  }
  return new Response(null, { status: 404 });
}

async function toResponse(response: HttpResponse, isHead: boolean): Promise<Response> {
  const { status, headers } = response;
  const body = await response.arrayBuffer();
  return new Response(isHead || body.byteLength === 0 ? null : body, { status, headers });
}
