import { parseArgs } from 'node:util';
import { sampleUsers } from './identities.ts';
import { signIn, UnknownUserError } from './sign-in.ts';
import { runningStack } from './stack-file.ts';

/** Prints an access token of the running local stack: `npm run --silent token -- USER [--no-mfa]`. */
async function main(): Promise<void> {
  const { username, secondFactor } = usage();
  const { issuer } = runningStack() ?? fail(notRunning);
  const token = await signIn(issuer, username, { secondFactor }).catch((error) => fail(explain(error)));
  process.stdout.write(`${token}\n`);
}

const notRunning = 'Nothing is running here: start it with npm start';

function usage(): { username: string; secondFactor: boolean } {
  try {
    const options = { 'no-mfa': { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({
      options,
      allowPositionals: true,
    });
    const [username, ...rest] = positionals;
    if (username && rest.length === 0) return { username, secondFactor: !values['no-mfa'] };
  } catch {}
  return fail('Usage: npm run --silent token -- USER [--no-mfa]');
}

function explain(error: Error): string {
  if (error instanceof UnknownUserError) {
    return `No such user: try ${sampleUsers.map(({ username }) => username).join(' or ')}`;
  }
  return `Signing in failed: ${error.message}`;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

await main();
