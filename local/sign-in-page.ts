import { randomBytes } from 'node:crypto';
import type { User } from './identities.ts';

/** More users than this are typed, not picked. */
const longestList = 10;

export interface Page {
  html: string;
  /** Content-Security-Policy: this page's own style, and no script. */
  policy: string;
}

/**
 * The page on which a user is chosen and the second factor is passed or skipped. It posts `username` and
 * `secondFactor` (`passed` or `skipped`) to its own address.
 */
export function signInPage(options: {
  users: readonly User[];
  selected?: string | undefined;
  error?: string | undefined;
  redirectOrigin: string;
}): Page {
  const { users, selected, error, redirectOrigin } = options;
  const alert = error ? `<p class="error" role="alert" id="error">${escapeHtml(error)}</p>` : '';
  return page(
    'Sign in: local stand-in identity provider',
    `<h1>Sign in</h1>
<p>This is the local stand-in for your organization’s identity provider. It asks for no password.</p>
${alert}
<form method="post">
${users.length > longestList ? textField(selected) : radioButtons(users, selected)}
<button name="secondFactor" value="passed">Sign in with second factor</button>
<button name="secondFactor" value="skipped" class="plain">Sign in without second factor</button>
</form>`,
    redirectOrigin,
  );
}

/** The page that asks before signing out; `form` is the provider's own hidden form with the id `op.logoutForm`. */
export function signOutPage(form: string, redirectOrigin: string): Page {
  return page(
    'Sign out: local stand-in identity provider',
    `<h1>Sign out</h1>
<p>Sign out of the local stand-in identity provider?</p>
${form}
<button form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button form="op.logoutForm" class="plain">Stay signed in</button>`,
    redirectOrigin,
  );
}

/** A page that only says something. */
export function messagePage(title: string, message: string): Page {
  return page(
    `${title}: local stand-in identity provider`,
    `<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(message)}</p>`,
  );
}

function radioButtons(users: readonly User[], selected = users[0]?.username): string {
  const choices = users.map(({ username }) => {
    const checked = username === selected ? ' checked' : '';
    const value = escapeHtml(username);
    return `<label><input type="radio" name="username" value="${value}" required${checked}> ${value}</label>`;
  });
  return `<fieldset>\n<legend>User</legend>\n${choices.join('\n')}\n</fieldset>`;
}

function textField(selected = ''): string {
  return `<label for="username">Username</label>
<input type="text" id="username" name="username" value="${escapeHtml(selected)}" required autofocus
 autocomplete="username" autocapitalize="none" spellcheck="false">`;
}

function page(title: string, body: string, redirectOrigin = ''): Page {
  const nonce = randomBytes(16).toString('base64url');
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`,
    // Chromium holds the whole redirect chain after a form to form-action, hence the client's origin.
    policy:
      `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' ${redirectOrigin}`.trim(),
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 26rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
fieldset { border: 0; margin: 0; padding: 0; }
legend, label[for] { font-weight: 600; padding: 0; }
fieldset label { display: flex; gap: .75rem; align-items: center; min-height: 3rem; border-bottom: 1px solid #8886; overflow-wrap: anywhere; }
input[type=radio] { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; }
input[type=text] { display: block; box-sizing: border-box; width: 100%; min-height: 3rem; padding: 0 .75rem; font: inherit; }
button { display: block; width: 100%; min-height: 3rem; margin-top: 1rem; border: 2px solid #0b57d0; border-radius: .5rem; background: #0b57d0; color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
button.plain { background: transparent; color: inherit; }
:focus-visible { outline: 3px solid #f29900; outline-offset: 2px; }
.error { padding: .75rem; border-left: .25rem solid #c5221f; background: #c5221f1f; }
`;
