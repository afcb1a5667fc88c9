/**
 * What `npm run dev` shows: the page and the functions as they stand in the sources, at one origin. Vite serves the page
 * and sends its changes to the browser; the functions run from their TypeScript, in a new process after each change.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import prefresh from '@prefresh/vite';
import { type ProxyOptions, createServer as startVite } from 'vite';
import { contentSecurityPolicy } from '../shared/http/portal.ts';
import { portalSettings } from '../shared/settings/portal-settings.ts';
import { readSettings } from '../shared/settings/settings.ts';
import { type HostProcess, startHost } from './host-process.ts';
import { folder, root } from './stack-file.ts';

type Settings = Readonly<Record<string, string>>;

/** Lets Vite show an error of the page over it, with its own style. */
const nonce = 'vite';

/** @param port where page and API answer, on 127.0.0.1 */
export async function startDevServer(settings: Settings, port: number): Promise<{ stop(): Promise<void> }> {
  const functions = runFunctions(settings);
  await functions.restart();
  const server = createServer();
  const { authority } = portalSettings(readSettings(settings));
  const policy = contentSecurityPolicy(authority).replace("style-src 'self'", `$& 'nonce-${nonce}'`);
  const vite = await startVite({
    root: `${root}portal`,
    cacheDir: `${folder}/vite`,
    appType: 'mpa',
    clearScreen: false,
    plugins: [await prefresh()],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    html: { cspNonce: nonce },
    server: {
      // In a server of its own, Vite would end this process on SIGTERM before anything is saved.
      middlewareMode: true,
      hmr: { server },
      cors: false,
      headers: { 'content-security-policy': policy },
      // "/api.ts" is a file of the page.
      proxy: { '^/(api/|settings\\.json$|mail\\.mobileconfig$|mail/|\\.well-known/)': functions.proxy },
    },
  });
  const places = [`${root}functions/`, `${root}shared/`];
  vite.watcher.add(places).on('all', (_event, path) => {
    if (path.endsWith('.ts') && places.some((place) => path.startsWith(place))) void functions.restart();
  });
  server.on('request', vite.middlewares).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async stop() {
      await vite.close();
      server.closeAllConnections();
      await functions.stop();
    },
  };
}

/** The functions, in one process or, until the old one has finished its requests, two. */
function runFunctions(settings: Settings) {
  const hosts = new Set<HostProcess>();
  let current: HostProcess | undefined;
  let onward: ProxyOptions | undefined;
  let starting: Promise<void> | undefined;
  let isStale = false;
  // Most of a start is the packages, which never change.
  const environment = { ...settings, NODE_COMPILE_CACHE: `${folder}/compiled` };

  /** Starts what the sources say now; only once that runs, the process before it ends. */
  async function start(): Promise<void> {
    const since = performance.now();
    const former = current;
    try {
      const host = await startHost(root, environment, {
        output: 'inherit',
        main: '{functions/*,shared/start}.ts',
      });
      hosts.add(host);
      current = host;
      if (onward) onward.target = host.origin;
      void host.exited.then(() => ended(host));
    } catch {
      const state = former === undefined ? 'do not run' : 'go on as they were';
      console.error(`The functions ${state}: mend what is said above, and save it.`);
      return;
    }
    void former?.stop();
    console.log(`The functions started in ${((performance.now() - since) / 1000).toFixed(1)} s.`);
  }

  function ended(host: HostProcess): void {
    hosts.delete(host);
    if (current !== host) return;
    current = undefined;
    console.error('The functions ended by themselves. The next change of one starts them again.');
  }

  async function startUntilFresh(): Promise<void> {
    do {
      isStale = false;
      await start();
    } while (isStale);
    starting = undefined;
  }

  return {
    /** What is asked for while one starts becomes one more start. */
    restart(): Promise<void> {
      isStale = true;
      starting ??= startUntilFresh();
      return starting;
    },
    proxy: {
      configure(_proxy, options) {
        onward = options;
        options.target = current?.origin ?? '';
      },
      bypass(request, response) {
        if (current !== undefined) return undefined;
        response?.writeHead(503).end('The functions do not run: the terminal says why.\n');
        return request.url;
      },
    } satisfies ProxyOptions,
    async stop(): Promise<void> {
      await starting;
      current = undefined;
      await Promise.all([...hosts].map((host) => host.stop()));
    },
  };
}
