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
  const folder = lab.folder('nginx');
  const port = await freePort(0);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const protect = lab.fill('../nginx-http/protect.conf');
  const filled = lab.fill(locations, { 'app-passwords/protect.conf': protect, ...more });
  const configuration = join(folder, 'nginx.conf');
  writeFileSync(
    configuration,
    `daemon off; user root; pid ${folder}/pid; error_log stderr info;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port};
    include ${lab.fill('../nginx-http/service.conf')};
    include ${filled};
  }
}
`,
  );
  await start(lab, 'nginx', ['-c', configuration, '-p', folder], port);
  return `http://127.0.0.1:${port}`;
}
