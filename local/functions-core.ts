/**
 * The module `@azure/functions-core`, which in Azure only the Functions worker provides. The library
 * `@azure/functions` hands its programming model, the app's functions and hooks, and its log lines in here;
 * the host reads them from `app`.
 */

export interface Binding {
  type?: string;
  route?: string;
  methods?: readonly string[];
  authLevel?: string;
  /** NCRONTAB, of a timer. */
  schedule?: string;
  runOnStartup?: boolean;
}

export interface FunctionMetadata {
  name: string;
  bindings: Record<string, Binding>;
}

export type Handler = (...args: unknown[]) => unknown;

export interface Nullable<T> {
  value?: T;
}

interface RpcCookie {
  name: string;
  value: string;
  domain?: Nullable<string>;
  path?: Nullable<string>;
  expires?: Nullable<{ seconds: number }>;
  secure?: Nullable<boolean>;
  httpOnly?: Nullable<boolean>;
  sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  maxAge?: Nullable<number>;
}

export interface RpcHttpRequest {
  url: string;
  method: string;
  nullableHeaders: Record<string, Nullable<string>>;
  nullableQuery: Record<string, Nullable<string>>;
  nullableParams: Record<string, Nullable<string>>;
  body: { bytes: Uint8Array } | undefined;
}

export interface RpcHttpResponse {
  statusCode: string;
  headers: Record<string, string>;
  cookies: RpcCookie[];
  body?: { bytes?: Uint8Array } | null;
}

/** What a trigger hands in: a request, or JSON. */
export type RpcData = { http: RpcHttpRequest } | { json: string };

export type Log = (level: string, category: string, message: string) => void;

interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], handler: Handler): Promise<unknown>;
  getResponse(
    context: unknown,
    result: unknown,
  ): Promise<{ returnValue?: { http?: RpcHttpResponse } | null }>;
}

export interface Invocation {
  invocationId: string;
  metadata: FunctionMetadata;
  request: {
    invocationId: string;
    inputData: { name: string; data: RpcData }[];
  };
  log: Log;
  state: string;
}

interface ProgrammingModel {
  getInvocationModel(invocation: Invocation): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}

type Hook = (context: { hookData: object; appHookData: object }) => unknown;

interface App {
  model?: ProgrammingModel;
  started: boolean;
  readonly functions: Map<string, { metadata: FunctionMetadata; handler: Handler }>;
  readonly hooks: Map<string, Hook[]>;
}

export const app: App = {
  started: false,
  functions: new Map(),
  hooks: new Map(),
};

export function setProgrammingModel(model: ProgrammingModel): void {
  app.model = model;
}

export function registerFunction(metadata: FunctionMetadata, handler: Handler): { dispose(): void } {
  if (app.started) throw new Error('A function can only be registered during app startup.');
  app.functions.set(metadata.name, { metadata, handler });
  return { dispose: () => app.functions.delete(metadata.name) };
}

export function registerHook(name: string, hook: Hook): { dispose(): void } {
  const hooks = app.hooks.get(name) ?? [];
  app.hooks.set(name, hooks);
  hooks.push(hook);
  return { dispose: () => hooks.splice(hooks.indexOf(hook), 1) };
}

/** Prints one line, as the host's default level is Information: everything of the app, warnings of the library. */
export const log: Log = (level, category, message) => {
  const serious = level === 'warning' || level === 'error' || level === 'critical';
  if (!serious && (level !== 'information' || category !== 'user')) return;
  const line = `${message.replaceAll(/\r?\n/g, '\\n')}\n`;
  (serious ? process.stderr : process.stdout).write(line);
};
