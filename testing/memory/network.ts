import { vi } from 'vitest';

type Site = (request: Request) => Response | Promise<Response>;

const sites = new Map<string, Site>();

/** Answers for an origin within this process, in the place of the network. No other origin answers. */
export function serveAt(origin: string, site: Site): void {
  sites.set(origin, site);
  vi.stubGlobal('fetch', async (url: string | URL, init?: RequestInit) => {
    const request = new Request(url, init);
    const found = sites.get(new URL(request.url).origin);
    if (found === undefined) throw new TypeError('there is no network here');
    return found(request);
  });
}
