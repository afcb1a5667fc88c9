import { parseArgs } from 'node:util';
import { runningStack } from './stack-file.ts';

const usage = `Usage: npm run --silent call -- METHOD PATH [JSON] [--as USERNAME]
  with the access token in TOKEN, as a person;
  with --as and the password in APP_PASSWORD, as a gateway where USERNAME signs in`;

/** Sends one request to the running stack: its status goes to the standard error, its body to the standard output. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { as: { type: 'string' } }, allowPositionals: true });
  const [method, path, body, ...more] = positionals;
  if (method === undefined || !path?.startsWith('/') || more.length > 0) return fail(usage);
  const stack = runningStack();
  if (stack === undefined) return fail('Nothing is running here: start it with npm start');
  const headers = {
    ...(values.as === undefined ? asPerson() : asGateway(values.as, stack.gatewayKey)),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const response = await fetch(stack.origin + path, { method, headers, ...(body !== undefined && { body }) });
  console.error(`${response.status} ${response.statusText}`);
  const text = await response.text();
  if (text !== '') console.log(JSON.stringify(JSON.parse(text), null, 2));
  process.exitCode = response.ok ? 0 : 1;
}

function asPerson(): Record<string, string> {
  const { TOKEN } = process.env;
  return TOKEN ? { authorization: `Bearer ${TOKEN}` } : {};
}

function asGateway(username: string, gatewayKey: string): Record<string, string> {
  const pair = Buffer.from(`${username}:${process.env.APP_PASSWORD ?? ''}`).toString('base64');
  return { authorization: `Basic ${pair}`, 'x-gateway-key': gatewayKey };
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

await main();
