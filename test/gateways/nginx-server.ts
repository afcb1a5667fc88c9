import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/free-port.ts';
import type { Lab } from './lab.ts';
import { start } from './program.ts';

/**
 * Starts nginx with the files of `gateways/nginx-http` in a server of its own.
 *
 * @param locations the file of the lab's gateway with what is protected
 * @param more what is filled into that file
 * @returns its origin
 */
export async function startNginxHttp(
  lab: Lab,
  locations: string,
  more: Readonly<Record<string, string>>,
): Promise<string> {
  const port = await freePort(0);
  const protect = lab.fill('../nginx-http/protect.conf');
  const server = join(lab.folder('nginx'), 'server.conf');
  writeFileSync(
    server,
    `server {
  listen 127.0.0.1:${port};
  include ${lab.fill('../nginx-http/service.conf')};
  include ${lab.fill(locations, { 'app-passwords/protect.conf': protect, ...more })};
}
`,
  );
  await startNginx(lab, server, port);
  return `http://127.0.0.1:${port}`;
}

/**
 * Starts nginx, with its own files in a folder of the lab.
 *
 * @param http the file that is included inside `http { }`
 * @param port where one of its servers listens
 * @param outside what stands beside `http { }`
 */
export async function startNginx(
  lab: Lab,
  http: string,
  port: number,
  outside: readonly string[] = [],
): Promise<void> {
  const folder = lab.folder(`nginx-${port}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(
    configuration,
    `${outside.join('\n')}
daemon off; user root; pid ${folder}/pid; error_log stderr info;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  include ${http};
}
`,
  );
  await start(lab, 'nginx', ['-c', configuration, '-p', folder], port);
}
