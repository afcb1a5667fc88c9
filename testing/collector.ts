import { EventEmitter, on } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { selfSigned } from '../local/key-vault.ts';

/** One telemetry item, as far as the tests look into it. */
export interface Envelope {
  readonly iKey: string;
  readonly time: string;
  readonly sampleRate: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly data: {
    readonly baseType: string;
    readonly baseData: { readonly name: string; readonly properties: Readonly<Record<string, string>> };
  };
}

/** `take` everything, `hang` without an answer, or answer everything with a status. */
type Mode = 'take' | 'hang' | number;

export interface Collector {
  readonly connectionString: string;
  /** Its certificate in PEM, and the file that holds it. */
  readonly certificate: string;
  readonly certificateFile: string;
  /** Everything that it took, in order of arrival. */
  readonly envelopes: readonly Envelope[];
  /** All bodies that were ever sent to it, unpacked, also what it did not take. */
  bodies(): string;
  /** The Authorization headers that it saw. */
  readonly authorizations: readonly (string | undefined)[];
  /** From now on; what hangs is answered. */
  mode(mode: Mode): void;
  /** Waits until it took that many envelopes of this kind. */
  took(count: number, which?: (envelope: Envelope) => boolean): Promise<void>;
  /** Waits for the next request, whatever becomes of it. */
  asked(): Promise<void>;
  close(): void;
}

/** An Application Insights resource that speaks its ingestion protocol over HTTPS, as the exporter sends no other way. */
export async function startCollector(): Promise<Collector> {
  const { private: key, cert } = await selfSigned();
  const folder = mkdtempSync(join(tmpdir(), 'collector-'));
  const certificateFile = join(folder, 'certificate.pem');
  writeFileSync(certificateFile, cert);

  const events = new EventEmitter();
  const envelopes: Envelope[] = [];
  const bodies: string[] = [];
  const authorizations: (string | undefined)[] = [];
  let mode: Mode = 'take';
  let hanging: (() => void)[] = [];

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v2.1/track') return void response.writeHead(404).end();
    const sent = await buffer(request);
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent).toString();
    const items = envelopesIn(body);
    bodies.push(body);
    authorizations.push(request.headers.authorization);
    events.emit('asked');
    answer(items, response);
  }

  function answer(items: Envelope[], response: ServerResponse): void {
    if (mode === 'hang') return void hanging.push(() => answer(items, response));
    if (mode === 'take') envelopes.push(...items);
    const accepted = mode === 'take' ? items.length : 0;
    response.writeHead(mode === 'take' ? 200 : mode, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ itemsReceived: items.length, itemsAccepted: accepted, errors: [] }));
    events.emit('answered');
  }

  const server = createServer({ key, cert }, (request, response) => void receive(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: `InstrumentationKey=7b4f1c7e-4d0a-4e2b-9a51-0c6f2f3d8e11;IngestionEndpoint=https://127.0.0.1:${port}/`,
    certificate: cert,
    certificateFile,
    envelopes,
    bodies: () => bodies.join('\n'),
    authorizations,
    mode(next) {
      mode = next;
      for (const go of hanging.splice(0)) go();
    },
    async took(count, which = () => true) {
      const answered = on(events, 'answered');
      while (envelopes.filter(which).length < count) await answered.next();
    },
    async asked() {
      await on(events, 'asked').next();
    },
    close() {
      hanging = [];
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A JSON array, or one object a line. */
function envelopesIn(body: string): Envelope[] {
  return body.startsWith('[')
    ? JSON.parse(body)
    : body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
}
