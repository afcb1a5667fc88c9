import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { theApp } from '../app.ts';
import type { App } from '../composition.ts';
import type { Gateway } from '../domain/gateway/gateway.ts';
import type { Actor, Viewer } from '../domain/person/caller.ts';
import type { AdministratorsAct, AuthenticatedCaller } from '../identity/authenticator.ts';
import { inTime } from '../runtime/deadline.ts';
import { faultLine, kindOf } from '../runtime/fault.ts';
import { type Grant, grantError, isUnread, readGrant } from './grant.ts';
import { remoteAddress } from './origin.ts';
import { problem } from './problem.ts';
import { safeData } from './security-headers.ts';

/** What a function gets of every request. */
export interface Call {
  readonly request: HttpRequest;
  /** Aborted when the time is up. */
  readonly signal: AbortSignal;
}

/** A request of a person who proved a second factor. */
export interface PersonCall extends Call {
  readonly caller: AuthenticatedCaller;
}

/** A request of an administrator, with a recent sign-in. */
export interface AdministratorCall extends Call {
  readonly actor: Actor;
}

/** A request of an administrator or the helpdesk, to look. */
export interface ViewerCall extends Call {
  readonly viewer: Viewer;
}

/** A request of a gateway whose key is right. */
export interface GatewayCall extends Call {
  readonly gateway: Gateway;
}

/** A password grant of a gateway whose key is right. */
export interface GrantCall extends GatewayCall {
  readonly grant: Extract<Grant, { kind: 'grant' }>;
}

/** What a function does with a request: one use case, and its result as an answer. What it throws becomes a 503. */
export type Handle<C extends Call> = (app: App, call: C) => HttpResponseInit | Promise<HttpResponseInit>;

/** What a function registers beside its route. The app checks who calls, so the host lets everybody through. */
export interface Registration {
  readonly authLevel: 'anonymous';
  readonly handler: HttpHandler;
}

/** How long, in milliseconds, a request may take: clients hear something within 3 seconds, also when storage hangs. */
const patience = 2_500;

/**
 * For a function that people call for themselves.
 *
 * @param signIn `recent` for what hands out a password: the sign-in must be fresh
 */
export function forPerson(handle: Handle<PersonCall>, signIn?: 'recent'): Registration {
  return onRecord(
    endpoint(async (app, call) => {
      const caller = await app.authenticate(call.request.headers.get('authorization'), signIn);
      return caller.kind === 'caller' ? handle(app, { ...call, caller }) : problem(caller);
    }),
  );
}

/** For a function by which an administrator changes something. */
export function forAdministrator(
  handle: Handle<AdministratorCall>,
  act: AdministratorsAct = 'change',
): Registration {
  return onRecord(
    endpoint(async (app, call) => {
      const found = await app.authenticateAdministrator(call.request.headers.get('authorization'), act);
      return found.kind === 'administrator' ? handle(app, { ...call, actor: found.actor }) : problem(found);
    }),
  );
}

/** For a function by which an administrator or the helpdesk looks at something. */
export function forViewer(handle: Handle<ViewerCall>): Registration {
  return endpoint(async (app, call) => {
    const found = await app.authenticateViewer(call.request.headers.get('authorization'));
    return found.kind === 'viewer' ? handle(app, { ...call, viewer: found.actor }) : problem(found);
  });
}

/** For a function that gateways call with their key in `x-gateway-key`. */
export function forGateway(handle: Handle<GatewayCall>): Registration {
  return endpoint(async (app, call) => {
    const gateway = await gatewayOf(app, call, call.request.headers.get('x-gateway-key'));
    return gateway ? handle(app, { ...call, gateway }) : problem({ kind: 'invalid-gateway-key' });
  });
}

/** For a function that gateways call by an OAuth 2.0 password grant (RFC 6749 section 4.3), with errors of that. */
export function forGatewayByGrant(handle: Handle<GrantCall>): Registration {
  return endpoint(
    async (app, call) => {
      const { key, grant } = await readGrant(call.request);
      // The key of a form that was not read may be right.
      if (!key && isUnread(grant)) return grantError(grant.kind);
      const gateway = await gatewayOf(app, call, key);
      if (gateway === undefined) return grantError('invalid_client');
      return grant.kind === 'grant' ? handle(app, { ...call, gateway, grant }) : grantError(grant.kind);
    },
    { fault: () => grantError('temporarily_unavailable') },
  );
}

/** For a function that anybody may call. */
export function forAnyone(handle: Handle<Call>): Registration {
  return endpoint(handle);
}

/** For a file of the page or for a device, which may be kept as its own headers say. */
export function forBrowser(
  handle: (
    app: App,
    request: HttpRequest,
    signal: AbortSignal,
  ) => HttpResponseInit | Promise<HttpResponseInit>,
): Registration {
  return endpoint((app, { request, signal }) => handle(app, request, signal), { keep: true });
}

/** Finds the gateway by its key, and notes the network that it asks from. */
async function gatewayOf(
  { gatewayKeys, noteNetwork }: App,
  { request, signal }: Call,
  key: string | null,
): Promise<Gateway | undefined> {
  const gateway = key ? await gatewayKeys.gatewayOf(key, signal) : undefined;
  if (gateway !== undefined) noteNetwork(gateway, remoteAddress(request));
  return gateway;
}

/**
 * Gives a handler a time limit, lets nobody keep its answer, and turns every fault into a 503, which is recorded.
 *
 * @param fault the answer to a fault
 * @param keep whether the answer says by itself who may keep it
 */
function endpoint(
  handle: Handle<Call>,
  { fault = () => problem({ kind: 'temporarily-unavailable' }), keep = false } = {},
): Registration {
  return {
    authLevel: 'anonymous',
    async handler(request, context) {
      const app = theApp();
      try {
        const answer = await inTime(patience, async (signal) => handle(app, { request, signal }));
        return keep ? answer : uncached(answer);
      } catch (error) {
        context.error(faultLine(error));
        const { functionName } = context;
        app.audit.record({ event: 'function.failed', function: functionName, kind: kindOf(error) });
        return uncached(fault());
      }
    },
  };
}

/** The answer to a request that may change something, also that to a fault, waits until what changed was handed on. */
function onRecord({ authLevel, handler }: Registration): Registration {
  return {
    authLevel,
    async handler(request, context) {
      const answered = await handler(request, context);
      if (request.method !== 'GET') await theApp().audit.flush('changes');
      return answered;
    },
  };
}

function uncached(answer: HttpResponseInit): HttpResponseInit {
  return {
    ...answer,
    headers: { ...safeData, ...(answer.headers as Record<string, string>), 'cache-control': 'no-store' },
  };
}
