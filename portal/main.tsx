import { render } from 'preact';
import { App } from './app.tsx';
import { preferredLanguage, wordingIn } from './text/language.ts';
import { keptTheme, showTheme } from './theme.ts';

showTheme(keptTheme());
const place = document.getElementById('page');
if (place === null) throw new Error('index.html has no place for the page');
const wording = await wordingIn(preferredLanguage());
// Until now the words of index.html stood here.
place.replaceChildren();
render(<App first={wording} />, place);
