// What this machine could do at best: a server that does nothing of an API server's work (no authorization, admission,
// decoding, cache), but speaks the same HTTPS to the same client, answers with bytes of the same size and puts the same
// bytes into the same kind of etcd. `etcd` as an argument: creates and patches wait for one guarded transaction each.
// Its rates are the ceilings that the bars of test/bench/api.ts are read against.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAdminKubeconfig } from '../../control-plane/client-access.ts';
import { createEtcdClient, startEmbeddedEtcd } from '../../machinery/etcd/index.ts';
import { createLogger } from '../../machinery/logger.ts';
import { ensurePki } from '../../machinery/pki/index.ts';

const [kubeconfig = '', ...flags] = process.argv.slice(2);
const usesEtcd = flags.includes('etcd');
/** What the ruler's pods weigh as our server serves them. */
const podBytes = 1550;

const folder = mkdtempSync(join(tmpdir(), 'pilothouse-bench-floor-'));
const pki = await ensurePki(folder, { apiServerSans: ['127.0.0.1'] });
const logger = createLogger('floor');
const etcd = usesEtcd
  ? await startEmbeddedEtcd({
      dataDir: join(folder, 'etcd'),
      pkiDir: folder,
      client: { ca: pki.etcdCa.cert, ...pki.etcdClient },
      logger,
    })
  : undefined;
const client = etcd === undefined ? undefined : createEtcdClient(etcd.ownAccess);

const pods = new Map<string, Buffer>();
const watchers = new Set<ServerResponse>();
let revision = 1;
let sorted: readonly string[] = [];

function podOf(label: string): Buffer {
  const head = `{"apiVersion":"v1","kind":"Pod","metadata":{"resourceVersion":"${revision}","labels":{"bench-seq":"${label}"},"annotations":{"filling":"`;
  return Buffer.from(`${head}${'x'.repeat(podBytes - head.length - 5)}"}}}`);
}

/** As one transaction under a guard that always holds, or at once. */
async function store(name: string, pod: Buffer): Promise<void> {
  if (client === undefined) return;
  const key = `/registry/pods/floor/${name}-${randomUUID()}`;
  await client.transact({
    guards: [{ key, modRevision: 0 }],
    write: { put: key, value: pod },
    otherwiseRead: [key],
  });
}

function send(response: ServerResponse, code: number, body: Buffer | string): void {
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function write(request: IncomingMessage, response: ServerResponse, name: string | undefined): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString();
  const named = name ?? /"name":"([^"]+)"/.exec(body)?.[1] ?? '';
  revision++;
  const pod = podOf(/"bench-seq":"([^"]+)"/.exec(body)?.[1] ?? '');
  await store(named, pod);
  pods.set(named, pod);
  if (watchers.size > 0) {
    const event = Buffer.concat([Buffer.from('{"type":"MODIFIED","object":'), pod, Buffer.from('}\n')]);
    for (const watcher of watchers) watcher.write(event);
  }
  send(response, name === undefined ? 201 : 200, pod);
}

/** Whole lists and pages leave in one write. */
function list(response: ServerResponse, query: URLSearchParams): void {
  if (sorted.length !== pods.size) sorted = [...pods.keys()].sort();
  const from = Number(query.get('continue') ?? 0);
  const limit = Number(query.get('limit') ?? 0);
  const names = limit > 0 ? sorted.slice(from, from + limit) : sorted;
  const next = limit > 0 && from + limit < sorted.length ? `,"continue":"${from + limit}"` : '';
  const head = `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"${revision}"${next}},"items":[`;
  const comma = Buffer.from(',');
  const items = names.flatMap((name, index) => {
    const pod = pods.get(name) ?? Buffer.alloc(0);
    return index === 0 ? [pod] : [comma, pod];
  });
  send(response, 200, Buffer.concat([Buffer.from(head), ...items, Buffer.from(']}\n')]));
}

function watch(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  watchers.add(response);
  response.on('close', () => watchers.delete(response));
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const [, , , , namespace, resource, name] = path.split('/');
  if (resource !== 'pods') {
    if (path === '/version') return send(response, 200, '{"gitVersion":"floor"}');
    return send(response, request.method === 'POST' ? 201 : 200, JSON.stringify({ metadata: { name: namespace } }));
  }
  if (request.method === 'POST' || request.method === 'PATCH') return void write(request, response, name);
  if (request.method === 'DELETE') {
    pods.clear();
    return send(response, 200, '{}');
  }
  if (name !== undefined) return send(response, 200, pods.get(name) ?? '{}');
  if (query.includes('watch=1')) return watch(response);
  list(response, new URLSearchParams(query));
}

const { cert, key } = pki.apiServer;
const server = createServer({
  cert,
  key,
  ca: pki.ca.cert,
  requestCert: true,
  rejectUnauthorized: false,
  noDelay: true,
});
server.keepAliveTimeout = 180_000;
server.on('request', serve);
server.listen(0, '127.0.0.1', () => {
  void writeAdminKubeconfig(kubeconfig, pki, `https://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => {
  client?.close();
  void Promise.resolve(etcd?.stop()).then(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
});
