import { CommanderError, InvalidArgumentError } from 'commander';
import type { Declare, Environment } from '../operator/command.ts';
import { needStack } from './stack-file.ts';

/** Sends one request to the running stack: its status goes to the standard error, its body to the standard output. */
export const call: Declare = (command, { env, print, note }) => {
  command
    .description(
      `Sends one request to the running local stack: with the access token in TOKEN, as a person;
with --as and the password in APP_PASSWORD, as a gateway where USERNAME signs in.`,
    )
    .argument('<METHOD>')
    .argument('<PATH>', 'as in /api/app-passwords', path)
    .argument('[JSON]')
    .option('--as <USERNAME>')
    .action(async (method: string, path: string, body: string | undefined) => {
      const { as } = command.opts<{ as?: string }>();
      const stack = needStack();
      const headers = {
        ...(as === undefined ? asPerson(env) : asGateway(env, as, stack.gatewayKey)),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const response = await fetch(stack.origin + path, { method, headers, body: body ?? null });
      note(`${response.status} ${response.statusText}`);
      const text = await response.text();
      if (text !== '') print(JSON.stringify(JSON.parse(text), null, 2));
      // The status said why.
      if (!response.ok) throw new CommanderError(1, 'call.refused', '');
    });
};

function path(text: string): string {
  if (!text.startsWith('/')) throw new InvalidArgumentError('It begins with a slash.');
  return text;
}

function asPerson({ TOKEN }: Environment): Record<string, string> {
  return TOKEN ? { authorization: `Bearer ${TOKEN}` } : {};
}

function asGateway(
  { APP_PASSWORD = '' }: Environment,
  username: string,
  gatewayKey: string,
): Record<string, string> {
  const pair = Buffer.from(`${username}:${APP_PASSWORD}`).toString('base64');
  return { authorization: `Basic ${pair}`, 'x-gateway-key': gatewayKey };
}
