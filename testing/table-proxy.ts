import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Service, type ServiceOptions, startService } from './service.ts';

/** What happens to a request: `swallow` hands it on and loses the answer; `busy` turns it away as storage does. */
export type Fate = 'pass' | 'cut' | 'hang' | 'swallow' | 'busy';

export interface TableProxy {
  /** A connection string that leads through the proxy. */
  readonly connectionString: string;
  /** Every request so far, as method and decoded path with query. */
  readonly requests: string[];
  /** Decides the fate of each request from now on, by how many came since; it waits for the decision. */
  fate(decide: (index: number, request: string) => Fate | Promise<Fate>): void;
  close(): Promise<void>;
}

/**
 * Starts the service with a proxy between its hosts and their tables.
 *
 * @returns the service, which closes the proxy as well
 */
export async function startProxiedService(
  options: Omit<ServiceOptions, 'settings'> = {},
): Promise<{ service: Service; proxy: TableProxy }> {
  const proxies: TableProxy[] = [];
  const service = await startService({
    ...options,
    settings: async ({ tables }) => {
      const proxy = await startTableProxy(tables);
      proxies.push(proxy);
      return { TABLES_CONNECTION_STRING: proxy.connectionString };
    },
  });
  const [proxy] = proxies as [TableProxy];
  const close = async () => {
    await service.close();
    await proxy.close();
  };
  return { service: { ...service, close }, proxy };
}

/** A proxy in front of Azurite's tables that counts requests, and loses what the test wants lost. */
export async function startTableProxy(connectionString: string): Promise<TableProxy> {
  const endpoint = /TableEndpoint=([^;]+);/.exec(connectionString)?.[1] as string;
  const upstream = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  const requests: string[] = [];
  let decide: Parameters<TableProxy['fate']>[0] = () => 'pass';
  let index = 0;

  const server = createServer(async (incoming, outgoing) => {
    const line = `${incoming.method} ${decodeURIComponent(incoming.url ?? '')}`;
    requests.push(line);
    const fate = await decide(index++, line);
    if (fate === 'hang') return;
    if (fate === 'busy') return void outgoing.writeHead(503).end();
    if (fate === 'cut') return void incoming.socket.destroy();
    // Where storage has just closed the connection that was kept open, ours breaks as well.
    const answer = await forward(incoming, await buffer(incoming)).catch(() => undefined);
    if (fate === 'swallow' || answer === undefined) return void incoming.socket.destroy();
    await deliver(answer, outgoing);
  });

  async function forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { hostname: host, port } = upstream;
    const onwards = request({ host, port, method, path: url, headers, agent });
    onwards.end(body);
    const [answer] = await once(onwards, 'response');
    return answer;
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: connectionString.replace(endpoint, `http://127.0.0.1:${port}${upstream.pathname}`),
    requests,
    fate(next) {
      decide = next;
      index = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

async function deliver(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
  outgoing.end(await buffer(answer));
}
