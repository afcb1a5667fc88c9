import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../local/free-port.ts';
import type { Lab } from './lab.ts';
import { start } from './program.ts';

/**
 * Starts nginx with the files of `gateways/nginx-http` in a server of its own.
 *
 * @param locations what it protects: for each path, the protocol and what else stands in the location
 * @returns its origin
 */
export async function startNginxHttp(
  lab: Lab,
  locations: Readonly<Record<string, readonly [protocol: string, settings: string]>>,
): Promise<string> {
  const folder = lab.folder('nginx');
  const port = await freePort(0);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const protect = lab.fill('../nginx-http/protect.conf');
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
    ${Object.entries(locations)
      .map(
        ([path, [protocol, settings]]) =>
          `location ${path} { set $app_password_protocol ${protocol}; include ${protect}; ${settings} }`,
      )
      .join('\n    ')}
  }
}
`,
  );
  await start(lab, 'nginx', ['-c', configuration, '-p', folder], port);
  return `http://127.0.0.1:${port}`;
}
