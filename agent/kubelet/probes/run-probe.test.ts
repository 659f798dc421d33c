import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../machinery/clock.ts';
import { createHollowRuntime } from '../../runtime/hollow-runtime.ts';
import { container, pod } from '../../testing/pods.ts';
import { encodeHealthRequest } from './grpc-health.ts';
import { portOf, runProbe } from './run-probe.ts';
import type { ProbeAction } from './run-probe.ts';

const http = createServer((request, response) => {
  if (request.url === '/slow') return;
  response.statusCode = request.url === '/bad' ? 500 : request.url === '/moved' ? 302 : 200;
  response.end(request.headers['x-word'] ?? 'ok');
});
const grpc = createHttp2Server();
grpc.on('stream', (stream, headers) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    const isKnown =
      Buffer.concat(chunks).equals(encodeHealthRequest('known')) && headers[':path'] === '/grpc.health.v1.Health/Check';
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, isKnown ? 1 : 2]));
  });
});
let httpPort = 0;
let grpcPort = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => void grpc.listen(0, '127.0.0.1', resolve));
  httpPort = (http.address() as AddressInfo).port;
  grpcPort = (grpc.address() as AddressInfo).port;
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
  grpc.close();
});

const probe = (action: ProbeAction, timeoutMs = 2_000) => {
  const app = container('app', { ports: [{ name: 'web', containerPort: httpPort }] });
  const target = { pod: pod(), container: app, containerId: 'id', podIp: '127.0.0.1' };
  return runProbe(action, target, { runtime: createHollowRuntime(), clock: systemClock, timeoutMs });
};

describe('a probe', () => {
  it.each<[string, () => ProbeAction, boolean, string]>([
    ['by HTTP', () => ({ httpGet: { port: 'web', httpHeaders: [{ name: 'X-Word', value: 'hi' }] } }), true, 'hi'],
    ['by HTTP that is sent elsewhere', () => ({ httpGet: { port: httpPort, path: '/moved' } }), true, ''],
    ['by HTTP that fails', () => ({ httpGet: { port: httpPort, path: '/bad' } }), false, 'statuscode: 500'],
    ['by TCP', () => ({ tcpSocket: { port: httpPort } }), true, ''],
    ['by TCP where nobody listens', () => ({ tcpSocket: { port: 1 } }), false, 'ECONNREFUSED'],
    ['by gRPC', () => ({ grpc: { port: grpcPort, service: 'known' } }), true, ''],
    ['by gRPC of a service that is down', () => ({ grpc: { port: grpcPort, service: 'other' } }), false, 'NOT_SERVING'],
    ['of a port that has no such name', () => ({ httpGet: { port: 'none' } }), false, "couldn't find port: none"],
  ])('%s', async (_title, action, isSuccess, message) => {
    const outcome = await probe(action());
    expect(outcome.isSuccess).toBe(isSuccess);
    expect(outcome.message).toContain(message);
  });

  it('gives up after its time', async () => {
    const outcome = await probe({ httpGet: { port: httpPort, path: '/slow' } }, 50);
    expect(outcome).toMatchObject({ isSuccess: false });
    expect(outcome.message).toContain('deadline exceeded');
  });

  it('finds a port by number in words', () => {
    expect(portOf('8080', container('app'))).toBe(8080);
  });
});
