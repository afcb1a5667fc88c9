import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What a proxy does with its connections: `away` refuses and cuts them; `hang` takes requests and never answers;
 * `lose` hands a request on and cuts the connection in the place of the answer; `half-close` hands it on and ends its
 * own side at once; a delay, in milliseconds, holds everything up, also what nobody waits for any more.
 */
export type Mode = 'pass' | 'away' | 'hang' | 'lose' | 'half-close' | { readonly delay: number };

export interface TcpProxy {
  readonly port: number;
  mode(mode: Mode): void;
  close(): void;
}

/** A proxy in front of a port of this machine; it knows nothing of what goes through it. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  let mode: Mode = 'pass';
  const inners = new Set<Socket>();
  const server = createServer((inner) => {
    if (mode === 'away') return void inner.destroy();
    const outer = connect(target, '127.0.0.1');
    /** When the last chunk that is held up will have arrived. */
    let until = 0;
    const deliver = (chunk: Buffer, to: Socket) => {
      if (typeof mode === 'string') return void to.write(chunk);
      until = Math.max(until, Date.now() + mode.delay);
      setTimeout(() => to.destroyed || to.write(chunk), mode.delay);
    };
    inners.add(inner);
    inner.on('data', (chunk) => {
      if (mode === 'hang') return;
      deliver(chunk, outer);
      if (mode === 'half-close') inner.end();
    });
    outer.on('data', (chunk) => {
      if (mode === 'lose') inner.destroy();
      else if (mode !== 'half-close') deliver(chunk, inner);
    });
    inner.on('error', () => {});
    inner.on('close', () => {
      inners.delete(inner);
      setTimeout(() => outer.destroy(), Math.max(0, until - Date.now() + 1_000));
    });
    outer.on('error', () => inner.destroy());
    outer.on('close', () => inner.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => {
    for (const socket of inners) socket.destroy();
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

/** A connection string of Azurite's tables that leads through a proxy. */
export function through({ port }: TcpProxy, connectionString: string): string {
  return connectionString.replace(/(TableEndpoint=http:\/\/127\.0\.0\.1):\d+/, `$1:${port}`);
}

/** The port of Azurite's tables. */
export function tablePort(connectionString: string): number {
  return Number(/TableEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(connectionString)?.[1]);
}
