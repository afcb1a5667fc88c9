import type { App } from './composition.ts';

let app: App | undefined;

/** Takes the app that this process serves. To be called once, before the first request. */
export function serve(composed: App): void {
  app = composed;
}

/** The app that this process serves. */
export function theApp(): App {
  if (app === undefined) throw new Error('nothing is served yet: shared/start.ts comes first');
  return app;
}
