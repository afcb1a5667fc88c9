/**
 * The function app as the host sees it: the files named by package.json `main`, what they register, and the order in
 * which a request tries them (by name, without case; the first whose route and method match).
 */

import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  app,
  type Binding,
  type FunctionMetadata,
  type Handler,
  log,
  type Nullable,
  type RpcData,
  type RpcHttpResponse,
} from './functions-core.ts';
import { ncrontab } from './ncrontab.ts';
import { matchRoute, type Path, parseRoute, type Route } from './routes.ts';

/** What hooks share. */
const appHookData = {};

interface Registered {
  readonly metadata: FunctionMetadata;
  readonly handler: Handler;
  /** The name of the binding that triggers it. */
  readonly trigger: string;
}

export interface HttpFunction extends Registered {
  readonly methods: ReadonlySet<string>;
  readonly template: string;
  readonly route: Route;
  readonly needsKey: boolean;
}

export interface TimerFunction extends Registered {
  /** NCRONTAB: six fields, in UTC. */
  readonly schedule: string;
  readonly runOnStartup: boolean;
  /** Its schedule does not run it. */
  readonly isDisabled: boolean;
}

export interface LoadedApp {
  /** In the order in which a request tries them. */
  readonly http: readonly HttpFunction[];
  readonly timers: readonly TimerFunction[];
}

/**
 * Loads the app in `folder`; rejects if any of its files throws. What cannot be run is printed and left out.
 *
 * @param files a glob in the place of `main` of package.json
 */
export async function loadApp(folder: string, files?: string): Promise<LoadedApp> {
  const core = new URL('./functions-core.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core' ? { url: core, shortCircuit: true } : next(specifier, context),
  });
  process.chdir(folder);
  const main = files ?? readJson('package.json').main;
  const found = typeof main === 'string' ? globSync(main).sort() : [];
  if (found.length === 0) throw new Error(`"main" of package.json (${main}) names no file in ${folder}`);
  for (const file of found) await import(pathToFileURL(resolve(file)).href);

  const capabilities = await app.model?.getCapabilities({});
  if (capabilities?.HttpUri) throw new Error('enableHttpStream is not known to the local host');
  for (const [name, hooks] of app.hooks) {
    if (name === 'appTerminate') continue;
    if (name !== 'appStart') console.log(`hook ${name}: not run by the local host`);
    else for (const hook of hooks) await hook({ hookData: {}, appHookData });
  }
  app.started = true;

  const prefix: string = readJson('host.json').extensions?.http?.routePrefix ?? 'api';
  const http: HttpFunction[] = [];
  const timers: TimerFunction[] = [];
  const byName = [...app.functions.values()].sort((a, b) =>
    a.metadata.name.toUpperCase() < b.metadata.name.toUpperCase() ? -1 : 1,
  );
  for (const { metadata, handler } of byName) {
    const triggers = Object.entries(metadata.bindings).filter(([, { type }]) => /trigger$/i.test(type ?? ''));
    const [trigger, binding] = triggers[0] ?? ['', {}];
    const registered = { metadata, handler, trigger };
    try {
      if (binding.type === 'httpTrigger') http.push(toHttpFunction(registered, binding, prefix));
      else if (binding.type === 'timerTrigger') timers.push(toTimerFunction(registered, binding));
      else console.log(`${metadata.name}: ${binding.type}, not run by the local host`);
    } catch (error) {
      log('error', 'host', `${metadata.name}: not loaded: ${(error as Error).message}`);
    }
  }
  return { http, timers };
}

/** Runs what the app wants to do before its process ends. */
export async function endApp(): Promise<void> {
  for (const hook of app.hooks.get('appTerminate') ?? []) await hook({ hookData: {}, appHookData });
}

/** The function that takes this request, and its route's parameters. */
export function findFunction(
  functions: readonly HttpFunction[],
  method: string,
  path: Path,
): { found: HttpFunction; parameters: Record<string, Nullable<string>> } | undefined {
  for (const found of functions) {
    const parameters = found.methods.has(method) ? matchRoute(found.route, path) : undefined;
    if (parameters) return { found, parameters };
  }
  return undefined;
}

/** Runs a function through the library's own conversions, as the worker does; undefined if it returned nothing. */
export async function invoke(called: Registered, data: RpcData): Promise<RpcHttpResponse | undefined> {
  const { metadata, handler, trigger } = called;
  const invocationId = randomUUID();
  const request = {
    invocationId,
    inputData: [{ name: trigger, data }],
  };
  if (!app.model) throw new Error('the app has set no programming model');
  const model = app.model.getInvocationModel({
    invocationId,
    metadata,
    request,
    log,
    state: 'invocation',
  });
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, handler);
  const { returnValue } = await model.getResponse(context, result);
  return returnValue?.http;
}

function toHttpFunction(registered: Registered, binding: Binding, prefix: string): HttpFunction {
  const route = binding.route || registered.metadata.name;
  if (/^\/*(admin|runtime)/i.test(route)) throw new Error(`the route "${route}" is the host's own`);
  const template = prefix === '' ? route : `${prefix}/${route}`;
  return {
    ...registered,
    template,
    route: parseRoute(template),
    methods: new Set(binding.methods?.map((method) => method.toUpperCase())),
    needsKey: binding.authLevel?.toLowerCase() !== 'anonymous',
  };
}

function toTimerFunction(registered: Registered, { schedule = '', runOnStartup }: Binding): TimerFunction {
  ncrontab(schedule);
  const disabled = process.env[`AzureWebJobs.${registered.metadata.name}.Disabled`];
  return {
    ...registered,
    schedule,
    runOnStartup: runOnStartup === true,
    isDisabled: disabled?.toLowerCase() === 'true' || disabled === '1',
  };
}

function readJson(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
