import { CircleUserRound } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PortalSettings } from '../shared/settings/portal-settings.ts';
import { Icon } from './parts/icon.tsx';
import { Words } from './parts/words.tsx';
import { languages, nameOf } from './text/language.ts';
import { useText } from './text/text.ts';
import { keepTheme, keptTheme, showTheme, type Theme, themes } from './theme.ts';

/**
 * Whose page this is, and a menu with what belongs to the person.
 *
 * @param settings undefined until they are there
 * @param username of who is signed in; empty where nobody is, or it is not known yet
 * @param onSignOut undefined where nobody is signed in
 */
export function Header(properties: {
  settings: PortalSettings | undefined;
  username: string;
  onLanguage: (language: string) => void;
  onSignOut: (() => void) | undefined;
}) {
  const { settings, username, onLanguage, onSignOut } = properties;
  const { text } = useText();
  return (
    <header>
      <a class="brand" href="#list">
        {settings?.logo && <img src={settings.logo} alt="" />}
        <span>
          {settings?.organization && <small>{settings.organization}</small>}
          <strong key={text.title}>{text.title}</strong>
        </span>
      </a>
      <AccountMenu>
        {onSignOut && <p class="who">{username !== '' && <Words>{text.signedInAs(username)}</Words>}</p>}
        <LanguageChoice onLanguage={onLanguage} />
        <ThemeChoice />
        {onSignOut && (
          <button type="button" onClick={onSignOut}>
            <Words>{text.signOut}</Words>
          </button>
        )}
      </AccountMenu>
    </header>
  );
}

/** A button that shows and hides what is in it; Escape and a click elsewhere hide it. */
function AccountMenu({ children }: { children: ComponentChildren }) {
  const { text } = useText();
  const [isOpen, setOpen] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const elsewhere = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) setOpen(false);
    };
    const escaped = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      opener.current?.focus();
    };
    addEventListener('pointerdown', elsewhere);
    addEventListener('focusin', elsewhere);
    addEventListener('keydown', escaped);
    return () => {
      removeEventListener('keydown', escaped);
      removeEventListener('pointerdown', elsewhere);
      removeEventListener('focusin', elsewhere);
    };
  }, [isOpen]);
  return (
    <div class="account" ref={menu}>
      <button
        type="button"
        class="quiet"
        ref={opener}
        aria-label={text.account}
        aria-expanded={isOpen}
        aria-controls="account"
        onClick={() => setOpen(!isOpen)}
      >
        <Icon drawing={CircleUserRound} />
      </button>
      <div id="account" class="menu" hidden={!isOpen}>
        {children}
      </div>
    </div>
  );
}

function LanguageChoice({ onLanguage }: { onLanguage: (language: string) => void }) {
  const { text, language } = useText();
  return (
    <p>
      <label key={text.language} for="language">
        {text.language}
      </label>
      <select id="language" value={language} onChange={({ currentTarget: { value } }) => onLanguage(value)}>
        {languages.map((each) => (
          <option key={each} value={each} lang={each} translate={false}>
            {nameOf(each)}
          </option>
        ))}
      </select>
    </p>
  );
}

function ThemeChoice() {
  const { text } = useText();
  const [theme, setTheme] = useState(keptTheme);
  return (
    <p>
      <label key={text.theme} for="theme">
        {text.theme}
      </label>
      <select
        id="theme"
        value={theme}
        onChange={({ currentTarget: { value } }) => {
          const chosen = value as Theme;
          setTheme(chosen);
          keepTheme(chosen);
          showTheme(chosen);
        }}
      >
        {themes.map((each) => (
          <option key={text.themes[each]} value={each}>
            {text.themes[each]}
          </option>
        ))}
      </select>
    </p>
  );
}
