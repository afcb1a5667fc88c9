import type { HttpResponseInit } from '@azure/functions';
import type { Gateway } from '../domain/gateway/gateway.ts';
import type { AuthenticationRefusal } from '../identity/authenticator.ts';

/** One field of a request that is not as it should be. */
export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

/** Everything that can go wrong, by its kind, which is also the slug of its problem type. */
export type Failure =
  | AuthenticationRefusal
  | { readonly kind: 'invalid-request'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'limit-reached'; readonly limit: number }
  | {
      readonly kind:
        | 'account-disabled'
        | 'already-used'
        | 'ambiguous-credentials'
        | 'content-too-large'
        | 'creation-denied'
        | 'invalid-credentials'
        | 'invalid-gateway-key'
        | 'length-required'
        | 'no-device-settings'
        | 'not-found'
        | 'precondition-failed'
        | 'temporarily-unavailable'
        | 'too-many-requests'
        | 'unsupported-media-type';
    };

/** How long, in seconds, a client waits before it tries again (RFC 9110 section 10.2.3). */
const retryAfter = { 'retry-after': '5' };

const realm = 'realm="App Passwords"';

/** The challenge of verify (RFC 7617 section 2.1). */
const basic = { 'www-authenticate': `Basic ${realm}, charset="UTF-8"` };

/**
 * The answer to a failure: a problem (RFC 9457) that says what to do and repeats nothing that was sent.
 */
export function problem(failure: Failure): HttpResponseInit {
  const { status, title, detail, headers, ...more } = describe(failure);
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    jsonBody: { type: `/problems/${failure.kind}`, title, status, detail, ...more },
  };
}

/**
 * The refusal of credentials. A gateway for RADIUS alone gets it as plain JSON: FreeRADIUS knows no problem, and takes a
 * refusal of a type that it does not know for a fault.
 */
export function refusal(gateway: Gateway): HttpResponseInit {
  const answer = problem({ kind: 'invalid-credentials' });
  if (gateway.protocols.some((protocol) => protocol !== 'radius') || gateway.protocols.length === 0)
    return answer;
  return { ...answer, headers: { ...answer.headers, 'content-type': 'application/json' } };
}

interface Description {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Record<string, string>;
  readonly errors?: readonly FieldError[];
  /** Which check failed, for a helpdesk. */
  readonly code?: string;
}

function describe(failure: Failure): Description {
  switch (failure.kind) {
    case 'invalid-token': {
      const { code, detail } = failure;
      // RFC 6750 section 3: without a token the challenge names no error.
      const error = code === 'MISSING' ? '' : `, error="invalid_token", error_description="${detail}"`;
      return {
        status: 401,
        title: 'The access token is missing or not accepted',
        detail,
        code,
        headers: { 'www-authenticate': `Bearer ${realm}${error}` },
      };
    }
    case 'insufficient-user-authentication':
      return stepUp(failure);
    case 'insufficient-scope': {
      const challenge = `Bearer ${realm}, error="insufficient_scope", scope="${failure.scope}"`;
      return {
        status: 403,
        title: 'The access token lacks a scope',
        detail: `Ask the identity provider for the scope ${failure.scope}.`,
        headers: { 'www-authenticate': challenge },
      };
    }
    case 'forbidden':
      return { status: 403, title: 'Not allowed', detail: failure.detail };
    case 'username-not-accepted':
      return {
        status: 403,
        title: 'This account cannot have app passwords',
        detail:
          'Guests, usernames outside the accepted domains, and usernames that another person holds by a newer sign-in are refused. Sign in again; if that does not help, ask your administrator.',
      };
    case 'account-disabled':
      return {
        status: 403,
        title: 'This account is disabled',
        detail:
          'No app password is made, revived or resumed until an administrator, or the directory, enables the account again.',
      };
    case 'invalid-request':
      return {
        status: 400,
        title: 'The request is not valid',
        detail: 'Correct what "errors" names and send the request again.',
        errors: failure.errors,
      };
    case 'ambiguous-credentials':
      return {
        status: 400,
        title: 'More than one set of credentials',
        detail:
          'Send the username and password once, and in one way only; make sure that the gateway forwards no headers of its clients.',
      };
    case 'creation-denied':
      return {
        status: 403,
        title: 'New app passwords are not allowed',
        detail:
          'The administrator does not allow you to make app passwords. Those that exist go on, and can be deleted.',
      };
    case 'precondition-failed':
      return {
        status: 412,
        title: 'Somebody else changed it in between',
        detail: 'Get it again, and send the change with the ETag of that answer as "If-Match".',
      };
    case 'no-device-settings':
      return {
        status: 404,
        title: 'There are no settings for this kind of device',
        detail: 'Type what the page says into the device, or ask whoever runs this service.',
      };
    case 'not-found':
      return {
        status: 404,
        title: 'No such app password or person',
        detail: 'List the app passwords, or find the person again, to see what exists.',
      };
    case 'limit-reached':
      return {
        status: 409,
        title: `The limit of ${failure.limit} app passwords is reached`,
        detail: 'Delete an app password that is no longer needed, then create the new one.',
      };
    case 'already-used':
      return {
        status: 409,
        title: 'The app password of this Idempotency-Key is already in use',
        detail:
          'It was received and used, so it is not replaced. Use a new Idempotency-Key for another app password.',
      };
    case 'length-required':
      return {
        status: 411,
        title: 'The request has no Content-Length',
        detail: 'Send the body with a Content-Length instead of in chunks.',
      };
    case 'content-too-large':
      return { status: 413, title: 'The request is too large', detail: 'Send at most 16 KiB.' };
    case 'unsupported-media-type':
      return {
        status: 415,
        title: 'The content type is not supported',
        detail: 'Send application/json in UTF-8.',
      };
    case 'invalid-credentials':
      return {
        status: 401,
        title: 'Username or app password is wrong',
        detail: 'Send a username and one of its app passwords.',
        headers: basic,
      };
    case 'invalid-gateway-key':
      return {
        status: 503,
        title: 'The gateway key is missing or wrong',
        detail:
          'Send the gateway’s own key as "x-gateway-key". This says nothing about the username and password.',
        headers: retryAfter,
      };
    case 'too-many-requests':
      return {
        status: 429,
        title: 'Too many requests at once',
        detail: 'Wait for the answers to what you have asked for, then try again.',
        headers: retryAfter,
      };
    case 'temporarily-unavailable':
      return {
        status: 503,
        title: 'Temporarily unavailable',
        detail: 'Nothing is wrong with the request. Try again in a few seconds.',
        headers: retryAfter,
      };
    default:
      return failure satisfies never;
  }
}

const stepUpDetails = {
  FACTOR: 'Sign in again, with a second factor.',
  AGE: 'Sign in again: the last sign-in is too old.',
  AUTH_TIME: 'Sign in again: the token has no auth_time, so nobody knows how old the last sign-in is.',
};

/** RFC 9470 section 3; Entra ID takes a missing authentication context in `claims` instead of `acr_values`. */
function stepUp(failure: Extract<Failure, { kind: 'insufficient-user-authentication' }>): Description {
  const { code, missing, maxAge } = failure;
  const detail = stepUpDetails[code];
  const challenge = [realm, 'error="insufficient_user_authentication"', `error_description="${detail}"`];
  if (missing !== undefined) challenge.push(`acr_values="${missing.value}"`);
  if (missing?.claim === 'acrs') challenge.push(`claims="${claimsRequest(missing.value)}"`);
  if (maxAge !== undefined) challenge.push(`max_age="${maxAge}"`);
  return {
    status: 401,
    title: 'A stronger or newer sign-in is needed',
    detail,
    code,
    headers: { 'www-authenticate': `Bearer ${challenge.join(', ')}` },
  };
}

function claimsRequest(value: string): string {
  return Buffer.from(JSON.stringify({ access_token: { acrs: { essential: true, value } } })).toString(
    'base64',
  );
}
