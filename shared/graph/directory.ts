import { createPipelineRequest, type PipelinePolicy, type PipelineResponse } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { Directory } from '../domain/directory/directory.ts';
import type { DirectoryUser } from '../domain/directory/follow-user.ts';
import { Unavailable } from '../domain/unavailable.ts';
import type { Settings } from '../settings/settings.ts';
import { connectGraph, graphCredential, ofTenant, parsed } from './connection.ts';

const idsAtOnce = 15;
const patience = 15_000;
// What asks to wait is waited for as long as the caller's signal lets it.
const retryOptions = { maxRetries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 };
const select = '$select=id,userPrincipalName,mail,accountEnabled';

const graphUser = z.object({
  id: z.string(),
  userPrincipalName: z.string().nullish(),
  mail: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  '@removed': z.unknown().optional(),
});
type GraphUser = z.infer<typeof graphUser>;

const userPage = z.object({ value: z.array(graphUser) });
const beginning = z.object({ '@odata.deltaLink': z.string() });
const changePage = userPage.extend({
  '@odata.nextLink': z.string().optional(),
  '@odata.deltaLink': z.string().optional(),
});

/**
 * The directory of a tenant, over Microsoft Graph v1.0; it takes the application permission User.Read.All.
 *
 * @param settings where Graph is; undefined is returned where they do not say
 * @param eachTry sees every try of a request
 * @see https://learn.microsoft.com/graph/delta-query-users
 */
export function openDirectory(
  settings: Settings,
  credential: () => TokenCredential,
  eachTry?: PipelinePolicy,
): Directory | undefined {
  const { GRAPH_URL, TENANT_ID } = settings;
  if (GRAPH_URL === undefined) return undefined;
  const { origin } = new URL(GRAPH_URL);
  const address = { ...settings, GRAPH_URL };
  const send = connectGraph(
    address,
    ofTenant(TENANT_ID, graphCredential(address, credential), refuseTenant),
    { retryOptions, ...(eachTry && { eachTry }) },
  );
  const users = `${origin}/v1.0/users`;

  /** Asks for something; `statuses` are the ones that are an answer. */
  const get = async (
    url: string,
    statuses: readonly number[],
    abortSignal: AbortSignal,
  ): Promise<PipelineResponse> => {
    const request = createPipelineRequest({ url, abortSignal, timeout: patience });
    request.headers.set('accept', 'application/json');
    let response: PipelineResponse;
    try {
      response = await send(request);
    } catch (cause) {
      throw new Unavailable('the directory gave no answer', { cause });
    }
    if (response.status === 200 || statuses.includes(response.status)) return response;
    throw new Unavailable(`the directory answered ${response.status} ${errorCode(response)}`);
  };

  const lookUp: Directory['lookUp'] = async (oids, signal) => {
    const found: DirectoryUser[] = [];
    for (let index = 0; index < oids.length; index += idsAtOnce) {
      const ids = oids.slice(index, index + idsAtOnce);
      const filter = encodeURIComponent(`id in (${ids.map(quoted).join(',')})`);
      const { value } = read(userPage, await get(`${users}?$filter=${filter}&${select}`, [], signal));
      const listed = new Set(value.map(({ id }) => id));
      found.push(...value.map(required));
      // A replica that lags behind may not list somebody who is there.
      for (const id of ids.filter((it) => !listed.has(it))) {
        const response = await get(`${users}/${encodeURIComponent(id)}?${select}`, [404], signal);
        if (response.status === 200) found.push(required(read(graphUser, response)));
      }
    }
    return found;
  };

  return {
    async begin(signal) {
      const response = await get(`${users}/delta?$deltatoken=latest&${select}`, [], signal);
      return read(beginning, response)['@odata.deltaLink'];
    },

    async changes(link, signal) {
      // The token goes nowhere else than where it is for.
      if (!URL.canParse(link) || new URL(link).origin !== origin) return undefined;
      const response = await get(link, [400, 410], signal);
      if (response.status !== 200) return undefined;
      const {
        value,
        '@odata.nextLink': nextLink,
        '@odata.deltaLink': deltaLink,
      } = read(changePage, response);
      const next = nextLink ?? deltaLink;
      if (next === undefined) throw new Unavailable('the directory gave a page without a link');
      // Somebody who changes twice may come twice in a page; the later one holds.
      const items = [...new Map(value.map((item) => [item.id, item])).values()];
      const there = items.filter((item) => item['@removed'] === undefined);
      const removed = items.filter((item) => item['@removed'] !== undefined).map(({ id }) => id);
      const complete = there.flatMap((item) => toUser(item) ?? []);
      const incomplete = there.filter((item) => toUser(item) === undefined).map(({ id }) => id);
      const lookedUp = await lookUp(incomplete, signal);
      const gone = incomplete.filter((id) => !lookedUp.some(({ oid }) => oid === id));
      return {
        users: [...complete, ...lookedUp],
        removed: [...removed, ...gone],
        next,
        isLast: nextLink === undefined,
      };
    },

    lookUp,
  };
}

/** Nobody of ours is in the directory of another tenant, so all would count as deleted. */
function refuseTenant(): never {
  throw new Unavailable('the identity of this app belongs to another tenant than TENANT_ID');
}

/** An OData string literal. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** An item of changes may lack what did not change: then undefined. */
function toUser({ id, userPrincipalName, mail, accountEnabled }: GraphUser): DirectoryUser | undefined {
  if (typeof userPrincipalName !== 'string' || typeof accountEnabled !== 'boolean' || mail === undefined)
    return undefined;
  return { oid: id, username: userPrincipalName, mail, isEnabled: accountEnabled };
}

function required(item: GraphUser): DirectoryUser {
  const user = toUser({ ...item, mail: item.mail ?? null });
  if (user === undefined) throw new Unavailable('the directory does not say all of a user');
  return user;
}

function read<T>(schema: z.ZodType<T>, response: PipelineResponse): T {
  const { success, data } = schema.safeParse(parsed(response));
  if (!success) throw new Unavailable('the directory gave an answer of another form');
  return data;
}

/** The code of an error, where it looks like one; its message may hold what was sent. */
function errorCode(response: PipelineResponse): string {
  const code = (parsed(response) as { error?: { code?: unknown } } | undefined)?.error?.code;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : '';
}
