// /portForward: TCP connections to ports of a pod, many over one upgraded connection. Over SPDY (plain, or tunnelled in a
// WebSocket as kubectl 1.31 and later do) each connection is a pair of streams; the older WebSocket protocol gives every
// port a pair of channels.
import { PassThrough, type Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { createWebSocketStream } from 'ws';
import type { WebSocket } from 'ws';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { AgentServerOptions } from './agent-server.ts';
import { findPod } from './find-container.ts';
import { HttpError } from './http-error.ts';
import type { Upgrading } from './routes.ts';
import { serveSpdy } from './spdy/connection.ts';
import type { SpdyStream } from './spdy/connection.ts';
import { acceptWebSocket, isSpdy } from './streams/accept.ts';
import { acceptSpdy } from './streams/spdy-upgrade.ts';
import { channelWriter } from './streams/websocket-channels.ts';

const tunnelled = 'SPDY/3.1+portforward.k8s.io';
const channelled = 'v4.channel.k8s.io';
const spdyProtocol = 'portforward.k8s.io';

export async function servePortForward({ kubelet, runtime }: AgentServerOptions, upgrading: Upgrading): Promise<void> {
  const [namespace = '', podName = ''] = upgrading.names;
  const { view } = findPod(kubelet, namespace, podName);
  const sandboxId = view.sandbox?.state === 'running' ? view.sandbox.id : undefined;
  if (sandboxId === undefined) throw new HttpError(400, `unable to forward ports: pod "${podName}" is not running`);
  const dial = (port: number): Promise<Duplex> => runtime.dial(sandboxId, port);
  if (isSpdy(upgrading)) return forwardSpdy(acceptSpdy(upgrading, [spdyProtocol]), dial);
  const { socket, protocol } = await acceptWebSocket(upgrading, [tunnelled, channelled]);
  if (protocol === tunnelled) return forwardSpdy(createWebSocketStream(socket), dial);
  socket.on('error', () => socket.terminate());
  const ports = upgrading.url.searchParams.getAll('ports').concat(upgrading.url.searchParams.getAll('port'));
  await Promise.all(
    ports.flatMap((text) => text.split(',')).map((text, index) => forwardChannel(socket, index, Number(text), dial)),
  );
}

type Dial = (port: number) => ReturnType<ContainerRuntime['dial']>;

function forwardSpdy(connection: Duplex, dial: Dial): void {
  connection.on('error', () => connection.destroy());
  const pairs = new Map<string, { data?: SpdyStream; error?: SpdyStream }>();
  serveSpdy(connection, (stream) => {
    const { port = '', requestid: requestId = port, streamtype: kind = '' } = stream.headers;
    const pair = pairs.get(requestId) ?? {};
    pairs.set(requestId, pair);
    if (kind === 'error') pair.error = stream;
    else pair.data = stream;
    if (pair.data === undefined || pair.error === undefined) return;
    pairs.delete(requestId);
    const { data, error } = pair;
    join(data, dial(Number(port))).then(
      () => error.end(),
      (failure: Error) => {
        data.end();
        error.end(`error forwarding port ${port} to pod: ${failure.message}`);
      },
    );
  });
}

/** Copies both ways until both have ended. Rejects when the port does not answer. */
async function join(client: Duplex, connecting: Promise<Duplex>): Promise<void> {
  const target = await connecting;
  let failure: Error | undefined;
  target.on('error', (error) => (failure = error));
  client.pipe(target);
  target.pipe(client);
  client.once('close', () => target.destroy());
  await finished(target).catch(() => undefined);
  if (failure !== undefined) throw failure;
}

/**
 * Serves one port of several over a WebSocket: channel 2i carries data, 2i + 1 errors; both begin with the port, little
 * endian. What comes before the port answers is kept for it.
 */
export async function forwardChannel(socket: WebSocket, index: number, port: number, dial: Dial): Promise<void> {
  const data = channelWriter(socket, index * 2);
  const errors = channelWriter(socket, index * 2 + 1);
  const announced = Buffer.alloc(2);
  announced.writeUInt16LE(port);
  data.write(announced);
  errors.write(announced);
  const input = new PassThrough();
  socket.on('message', (message: Buffer) => {
    if (message[0] === index * 2) input.write(message.subarray(1));
  });
  try {
    const target = await dial(port);
    target.on('error', (error) => errors.write(error.message));
    target.on('data', (chunk: Buffer) => data.write(chunk));
    // A channel knows no half-closed connection: what the pod has ended, ends here, or whoever reads to the end waits on.
    target.once('end', () => socket.close());
    target.once('close', () => socket.close());
    if (socket.readyState === socket.OPEN) socket.once('close', () => target.destroy());
    else target.destroy();
    input.pipe(target);
  } catch (error) {
    errors.write(error instanceof Error ? error.message : String(error));
    socket.close();
  }
}
