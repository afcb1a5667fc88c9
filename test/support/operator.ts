import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the operator's commands, as `npm run` does. */
export function operator(
  command: string,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Run> {
  const program = fileURLToPath(new URL(`../../operator/${command}.ts`, import.meta.url));
  const env = { PATH: process.env.PATH, ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
