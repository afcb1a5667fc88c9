import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Lab } from './lab.ts';

/**
 * Starts what stands behind a gateway for HTTP: it answers with what reaches it.
 *
 * @returns its host and port
 */
export async function startProtected(lab: Lab): Promise<string> {
  const server = createServer(async (request, response) => {
    const { 'x-remote-user': user, authorization } = request.headers;
    response.end(JSON.stringify({ method: request.method, user, authorization, body: await text(request) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  lab.atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
