import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A port on 127.0.0.1 that is free now.
 *
 * @param preferred taken if it is free; 0 for any
 */
export async function freePort(preferred = 0): Promise<number> {
  const server = createServer().listen(preferred, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return freePort();
  }
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
