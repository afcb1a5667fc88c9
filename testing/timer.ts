import { expect } from 'vitest';
import type { HostProcess } from '../local/host-process.ts';

const masterKey = 'master';

/** Settings of a functions host whose timer runs only when a test says so. */
export function onlyOnDemand(timer: string): Record<string, string> {
  return { LOCAL_FUNCTION_KEY: masterKey, [`AzureWebJobs.${timer}.Disabled`]: 'true' };
}

/** Runs a timer of a functions host now, and waits for its end. @returns what was printed meanwhile. */
export async function runTimer(host: HostProcess, timer: string): Promise<string> {
  const before = host.output().length;
  const { status } = await fetch(`${host.origin}/admin/functions/${timer}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-functions-key': masterKey },
    body: '{"input": ""}',
  });
  expect(status).toBe(202);
  const ended = `Executed 'Functions.${timer}' (Succeeded`;
  await host.printed((output) => output.includes(ended, before));
  return host.output().slice(before);
}
