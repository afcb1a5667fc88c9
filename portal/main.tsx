import { render } from 'preact';
import type { PortalSettings } from '../shared/settings/portal-settings.ts';
import { App } from './app.tsx';
import { type Back, notSignedIn, type SignIn, signInWith } from './sign-in/sign-in.ts';

/** Reads where to sign in, takes what the identity provider sent back, and shows the page. */
async function main(): Promise<void> {
  const place = document.getElementById('page');
  if (place === null) throw new Error('index.html has no place for the page');
  const settings: PortalSettings | undefined = await fetch('/settings.json')
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  if (settings === undefined) {
    render(<App settings={undefined} />, place);
    return;
  }
  const signIn = signInWith(settings);
  render(<App settings={settings} signIn={signIn} back={await backFrom(signIn)} />, place);
}

/** What came back; under `npm run dev`, where each change may load the page anew, a silent sign-in comes first. */
async function backFrom(signIn: SignIn): Promise<Back | undefined> {
  const back = await signIn.back();
  if (!import.meta.env.DEV) return back;
  if (back !== undefined) return back.failure === 'login_required' ? undefined : back;
  return signIn.resume().then(
    () => undefined,
    () => ({ sent: undefined, failure: notSignedIn }),
  );
}

await main();
