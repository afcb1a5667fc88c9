import type { Declare } from '../operator/command.ts';
import { Refused } from '../operator/refused.ts';
import { sampleUsers } from './identities.ts';
import { signIn, UnknownUserError } from './sign-in.ts';
import { needStack } from './stack-file.ts';

export const token: Declare = (command, { print }) => {
  command
    .description('Prints an access token of the running local stack.')
    .argument('<USER>', 'its username')
    .option('--no-mfa', 'as after a sign-in without a second factor')
    .action(async (username: string, { mfa }: { mfa: boolean }) =>
      print(await signIn(needStack().issuer, username, { secondFactor: mfa }).catch(explain)),
    );
};

function explain(error: Error): never {
  if (error instanceof UnknownUserError)
    throw new Refused(`No such user: try ${sampleUsers.map(({ username }) => username).join(' or ')}`);
  throw new Refused(`Signing in failed: ${error.message}`);
}
