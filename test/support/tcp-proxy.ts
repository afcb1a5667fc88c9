import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** `away` refuses and cuts every connection, `hang` takes requests and never answers. */
  mode(mode: 'pass' | 'away' | 'hang'): void;
  close(): void;
}

/** A proxy in front of a port of this machine, for what speaks TLS. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let mode: 'pass' | 'away' | 'hang' = 'pass';
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (chunk) => {
        if (mode === 'pass') other.write(chunk);
      });
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    if (mode === 'away') inner.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    mode(next) {
      mode = next;
      // Connections that were opened in another mode must not go on in this one.
      drop();
    },
    close() {
      drop();
      server.close();
    },
  };
}
