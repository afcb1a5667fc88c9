import { setTimeout } from 'node:timers/promises';
import { createPipelineRequest, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { connectGraph, graphCredential, ofTenant, parsed } from '../../shared/graph/connection.ts';
import type { DeploymentSettings } from '../../shared/settings/settings.ts';
import { NotAllowed, Refused } from '../refused.ts';

const patience = 60_000;
// What asks to wait (429 and 503 with Retry-After) is waited for.
const retryOptions = { maxRetries: 4, retryDelayInMs: 300, maxRetryDelayInMs: 5_000 };
/** How long, in milliseconds, between tries while a replica of the directory may lag behind. */
const lags = [500, 1_000, 2_000, 4_000, 8_000, 8_000];

/** What a request is for, and what it takes; both go into the message where it fails. */
export interface Purpose {
  /** As in "not allowed to read the registrations". */
  readonly to: string;
  /** As in "it takes the role Application Administrator". */
  readonly takes: string;
}

export interface Write extends Purpose {
  readonly method: 'POST' | 'PATCH';
  /** Below the version. */
  readonly path: string;
  readonly body: object;
  /** Makes the object that an alternate key names, where it is not there. */
  readonly upsert?: boolean;
  /** Whether what is to be made was made meanwhile, by a request whose answer was lost. */
  readonly isDone?: () => Promise<boolean>;
}

/** Microsoft Graph v1.0, for an operator. Everything throws Refused with a message that says what to do. */
export interface Graph {
  /** @returns undefined where it does not exist */
  find<T>(schema: z.ZodType<T>, path: string, purpose: Purpose): Promise<T | undefined>;
  /** For what must exist, and may be so new that a replica does not know it. */
  get<T>(schema: z.ZodType<T>, path: string, purpose: Purpose): Promise<T>;
  /** All pages of it. */
  list<T>(schema: z.ZodType<T>, path: string, purpose: Purpose): Promise<T[]>;
  /** @returns what was made; undefined where something was changed */
  write(write: Write): Promise<unknown>;
}

export interface GraphOptions {
  /** What a token is asked for; by default all that the one who signed in may do. */
  readonly scopes?: readonly string[];
  /** See {@link lags}. */
  readonly delays?: readonly number[];
}

/**
 * Opens Microsoft Graph.
 *
 * @see https://learn.microsoft.com/graph/api/overview?view=graph-rest-1.0
 */
export function openGraph(
  settings: DeploymentSettings,
  credential: () => TokenCredential,
  { scopes, delays = lags }: GraphOptions = {},
): Graph {
  const { origin } = new URL(settings.GRAPH_URL);
  const signedIn = graphCredential(settings, credential);
  const { AZURE_TENANT_ID } = settings;
  const send = connectGraph(
    settings,
    AZURE_TENANT_ID === undefined
      ? signedIn
      : ofTenant(AZURE_TENANT_ID, signedIn, () => {
          throw new Refused(
            `You are signed in to another tenant than AZURE_TENANT_ID: run "az login --tenant ${AZURE_TENANT_ID}", and try again.`,
          );
        }),
    { retryOptions, ...(scopes && { scopes }) },
  );
  /** What was just made is not known everywhere at once. */
  let madeSomething = false;

  const ask = async (url: string, write?: Write): Promise<PipelineResponse> => {
    const request = createPipelineRequest({ url, timeout: patience, method: write?.method ?? 'GET' });
    request.headers.set('accept', 'application/json');
    if (write !== undefined) {
      request.headers.set('content-type', 'application/json');
      if (write.upsert) request.headers.set('prefer', 'create-if-missing');
      request.body = JSON.stringify(write.body);
    }
    return send(request).catch((error) => {
      throw unanswered(error);
    });
  };

  const again = async (
    request: () => Promise<PipelineResponse>,
    isLate: (response: PipelineResponse) => boolean,
  ): Promise<PipelineResponse> => {
    let response = await request();
    for (const delay of delays) {
      if (!isLate(response)) break;
      await setTimeout(delay);
      response = await request();
    }
    return response;
  };

  const toUrl = (path: string) => `${origin}/v1.0/${path}`;
  const isMissing = ({ status }: PipelineResponse) => status === 404;

  return {
    async find(schema, path, purpose) {
      const response = await ask(toUrl(path));
      return isMissing(response) ? undefined : read(schema, accepted(response, purpose));
    },

    async get(schema, path, purpose) {
      return read(schema, accepted(await again(() => ask(toUrl(path)), isMissing), purpose));
    },

    async list(schema, path, purpose) {
      const found = [];
      for (let next: string | undefined = toUrl(path); next !== undefined; ) {
        const url: string = next;
        // The token goes nowhere else than where it is for.
        if (new URL(url).origin !== origin) throw new Refused(strange);
        const page: Page = read(pageSchema, accepted(await again(() => ask(url), isMissing), purpose));
        found.push(...page.value.map((item) => conform(schema, item)));
        next = page['@odata.nextLink'];
      }
      return found;
    },

    async write(write) {
      let isDone = false;
      const response = await again(
        async () => {
          const answer = await ask(toUrl(write.path), write);
          isDone = [400, 409].includes(answer.status) && (await write.isDone?.()) === true;
          return answer;
        },
        ({ status }) => madeSomething && !isDone && (status === 404 || status === 400),
      );
      if (isDone) return undefined;
      accepted(response, write);
      if (response.status === 201) madeSomething = true;
      return response.status === 204 ? undefined : parsed(response);
    },
  };
}

const pageSchema = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.url().optional() });
type Page = z.infer<typeof pageSchema>;

const strange = 'Microsoft Graph gave an answer of another form. Is GRAPH_URL right?';

function read<T>(schema: z.ZodType<T>, response: PipelineResponse): T {
  return conform(schema, parsed(response));
}

function conform<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data } = schema.safeParse(value);
  if (!success) throw new Refused(strange);
  return data;
}

/** @throws Refused where the response is an error. */
function accepted(response: PipelineResponse, { to, takes }: Purpose): PipelineResponse {
  const { status } = response;
  if (status >= 200 && status < 300) return response;
  switch (status) {
    case 401:
      throw new Refused('Microsoft Graph does not accept the sign-in: run "az login", and try again.');
    case 403:
      throw new NotAllowed(
        `You are not allowed to ${to}${because(response)}. It takes ${takes}. What is done stays; try again then.`,
      );
    case 404:
      throw new Refused(
        `Microsoft Graph cannot ${to}: it does not know it${because(response)}. If it was made just now, try again in a few minutes.`,
      );
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      throw new Refused(
        `Microsoft Graph is too busy to ${to} (${status}). What is done stays; try again in a few minutes.`,
      );
    default:
      throw new Refused(
        `Microsoft Graph refuses to ${to} (${status}${because(response)}). Put right what it says, and try again; what is done stays.`,
      );
  }
}

const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Nothing that is sent from here is secret, so the reason may be shown. */
function because(response: PipelineResponse): string {
  const { success, data } = errorBody.safeParse(parsed(response));
  if (!success) return '';
  const { code, message } = data.error;
  return `: ${code}, ${message.replace(/\s+/g, ' ').slice(0, 300)}`;
}

function unanswered(error: unknown): Error {
  if (error instanceof Refused) return error;
  const { name } = error as Error;
  if (/^(Aggregate)?(Authentication|CredentialUnavailable)/.test(name)) {
    return new Refused('Nobody is signed in: run "az login" or "azd auth login", and try again.');
  }
  return new Refused(
    'Microsoft Graph gave no answer: look at the network connection, and try again. What is done stays.',
  );
}
