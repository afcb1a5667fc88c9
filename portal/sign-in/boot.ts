import { useEffect, useState } from 'preact/hooks';
import type { PortalSettings } from '../../shared/settings/portal-settings.ts';
import { canKeep } from '../client/kept.ts';
import { withPatience } from '../client/patience.ts';
import { type Back, notSignedIn, type SignIn, signInWith } from './sign-in.ts';

/** How far the page is before anybody can do anything. */
export type Boot =
  /** `isReturning`: an answer of the identity provider is being taken. */
  | { readonly kind: 'waiting'; readonly isReturning: boolean }
  | { readonly kind: 'failed' }
  /** The browser keeps no data for this page, which a sign-in needs. */
  | { readonly kind: 'no-storage'; readonly settings: PortalSettings }
  | {
      readonly kind: 'ready';
      readonly settings: PortalSettings;
      readonly signIn: SignIn;
      readonly back: Back | undefined;
    };

/** Reads where to sign in, and takes what the identity provider sent back. */
export function useBoot(language: () => string): Boot {
  const isReturning = /[#?&](state|error)=/.test(location.hash + location.search);
  const [boot, setBoot] = useState<Boot>({ kind: 'waiting', isReturning });
  useEffect(() => {
    start().then(
      (started) => started && setBoot(started),
      () => setBoot({ kind: 'failed' }),
    );
  }, []);
  return boot;

  /** Undefined where the page is being left. */
  async function start(): Promise<Boot | undefined> {
    const settings = await readSettings();
    if (!canKeep()) return { kind: 'no-storage', settings };
    const signIn = signInWith(settings, language);
    const back = await signIn.back();
    if (back !== undefined) return { kind: 'ready', settings, signIn, back };
    const resumed = await signIn.resume().catch(() => notSignedIn);
    if (resumed === true) return undefined;
    const failed = resumed === notSignedIn ? { sent: undefined, failure: notSignedIn } : undefined;
    return { kind: 'ready', settings, signIn, back: failed };
  }
}

function readSettings(): Promise<PortalSettings> {
  return withPatience(async (signal) => {
    const response = await fetch('/settings.json', { signal });
    if (!response.ok) throw new Error(`The settings came with ${response.status}.`);
    return await response.json();
  });
}
