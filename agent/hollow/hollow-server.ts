// The HTTPS server of hollow nodes, on loopback only: it answers for the logs and figures of containers that do not exist,
// and says that there is nothing to enter. One server for all nodes of the process, an address in 127.0.0.0/8 for each, so
// that an API server on the same computer reaches them and no packet ever leaves it.
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Pod } from '../../api/kinds/core/index.ts';
import { quantityToBytes, quantityToMilli } from '../../api/meta/quantity.ts';
import type { Clock } from '../../machinery/clock.ts';
import { createAuthority } from '../../machinery/pki/index.ts';

export interface HollowServerOptions {
  readonly clock: Clock;
  podsOf(nodeName: string): readonly Readonly<Pod>[];
}

/** Where a node is reached. */
export interface HollowDoor {
  readonly address: string;
  readonly port: number;
}

export interface HollowServer {
  /** Opens a door for one more node: at its own loopback address, or at 127.0.0.1 where the system has only that one. */
  open(nodeName: string, address: string): Promise<HollowDoor>;
  close(): Promise<void>;
}

const noteText = 'this pod is simulated: it has no containers, and this line is all of its log';

export async function createHollowServer(options: HollowServerOptions): Promise<HollowServer> {
  const { cert, key } = await createAuthority('hollow');
  const nodes = new Map<string, string>();
  const nodeOf = ({ localAddress, localPort }: Socket): string => nodes.get(`${localAddress}:${localPort}`) ?? '';
  const secure = createTlsServer({ cert, key }, (request, response) =>
    answer(request, response, options.podsOf(nodeOf(request.socket)), options.clock.now()),
  );
  secure.on('upgrade', (_request, socket) => {
    const body = 'a simulated pod has no container to enter\n';
    socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
  const doors: Server[] = [];
  const sockets = new Set<Socket>();
  const listen = (address: string): Promise<HollowDoor> =>
    new Promise((resolve, reject) => {
      const door = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.once('close', () => sockets.delete(socket));
        secure.emit('connection', socket);
      });
      door.once('error', reject);
      door.listen(0, address, () => {
        doors.push(door);
        resolve({ address, port: (door.address() as AddressInfo).port });
      });
    });
  return {
    async open(nodeName, address) {
      const door = await listen(address).catch(() => listen('127.0.0.1'));
      nodes.set(`${door.address}:${door.port}`, nodeName);
      return door;
    },
    async close() {
      const closed = doors.map((door) => new Promise<void>((resolve) => door.close(() => resolve())));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pods: readonly Readonly<Pod>[],
  nowMs: number,
): void {
  const url = new URL(request.url ?? '/', 'https://node');
  const [, root, namespace, name] = url.pathname.split('/').map(decodeURIComponent);
  if (root === 'healthz') return void response.end('ok');
  if (root === 'stats') return sendJson(response, summaryOf(pods, nowMs));
  if (root === 'pods') return sendJson(response, { apiVersion: 'v1', kind: 'PodList', metadata: {}, items: pods });
  if (root === 'containerLogs') {
    const pod = pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    if (pod !== undefined) return sendLog(response, url.searchParams, pod);
  }
  response.writeHead(404, { 'content-type': 'text/plain' }).end(`a simulated node serves nothing at ${url.pathname}\n`);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** One line per container start; `follow` keeps the log open, as a running container would. */
function sendLog(response: ServerResponse, query: URLSearchParams, pod: Readonly<Pod>): void {
  const stamp = query.get('timestamps') === 'true' ? `${pod.status?.startTime ?? ''} ` : '';
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  const isOld = query.has('sinceTime') || query.get('tailLines') === '0';
  if (!isOld) response.write(`${stamp}${noteText}\n`);
  if (query.get('follow') === 'true' && pod.status?.phase === 'Running') response.flushHeaders();
  else response.end();
}

/** Figures as if every pod used what it asks for. */
function summaryOf(pods: readonly Readonly<Pod>[], nowMs: number): unknown {
  const time = new Date(nowMs).toISOString();
  const figures = pods.map((pod) => ({ pod, containers: pod.spec.containers.map(usageOf) }));
  const total = figures.flatMap(({ containers }) => containers);
  const cpu = (milli: number): unknown => ({ time, usageNanoCores: milli * 1e6, usageCoreNanoSeconds: milli * nowMs });
  const memory = (bytes: number): unknown => ({ time, workingSetBytes: bytes, usageBytes: bytes });
  const sum = (of: 'milli' | 'bytes'): number => total.reduce((all, one) => all + one[of], 0);
  return {
    node: { cpu: cpu(sum('milli')), memory: memory(sum('bytes')) },
    pods: figures.map(({ pod: { metadata }, containers }) => ({
      podRef: { name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
      containers: containers.map(({ name, milli, bytes }) => ({ name, cpu: cpu(milli), memory: memory(bytes) })),
    })),
  };
}

function usageOf({ name, resources }: Pod['spec']['containers'][number]): {
  name: string;
  milli: number;
  bytes: number;
} {
  const { cpu, memory } = resources?.requests ?? {};
  return {
    name,
    milli: cpu === undefined ? 0 : quantityToMilli(cpu),
    bytes: memory === undefined ? 0 : quantityToBytes(memory),
  };
}
