// Watches and logs over WebSocket, as browsers and dashboards read them.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { configMaps, nodes, pods, serviceAccounts } from '../../api/kinds/core/index.ts';
import { createAuthority, issueCertificate } from '../../machinery/pki/index.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';
import { createFrameSplitter } from './registry/watch-messages.ts';

const logLines = 'first line\nsecond line\n';
const token = 'a-browser-s-token';

let running: RunningServer;
let agent: Server;
beforeAll(async () => {
  const authority = await createAuthority('agents');
  const { cert, key } = await issueCertificate(authority, { commonName: 'n', sans: ['127.0.0.1'], usages: ['server'] });
  agent = createServer({ cert, key }, (_request, response) => response.end(logLines));
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
  const client = await issueCertificate(authority, { commonName: 'api', usages: ['client'] });
  running = await startServer({
    staticTokens: [{ token, username: 'browser', groups: ['system:masters'] }],
    kubelet: {
      certificate: client.cert,
      key: client.key,
      ca: authority.cert,
      port: (agent.address() as AddressInfo).port,
    },
  });
  await running.client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
  const containers = [{ name: 'c', image: 'i' }];
  await running.client
    .resource(pods, 'default')
    .create({ metadata: { name: 'p' }, spec: { nodeName: 'n', containers } });
  const node = await running.client.resource(nodes).create({ metadata: { name: 'n' }, spec: {} });
  const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
  await running.client.resource(nodes).updateStatus({ ...node, status: { ...node.status, addresses } });
});
afterAll(async () => {
  await running.close();
  agent.close();
});

interface Received {
  readonly messages: { readonly data: Buffer; readonly isBinary: boolean }[];
  readonly protocol: string;
  readonly code: number;
}

/** Opens a socket and collects what comes until it is closed, or `enough` says so. */
function receive(
  path: string,
  protocols: string[] = [],
  enough: (count: number) => boolean = () => false,
  onOpen: () => void = () => undefined,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const { ca, admin } = running;
    const identity = protocols.some((one) => one.startsWith('base64url.')) ? {} : { cert: admin.cert, key: admin.key };
    const socket = new WebSocket(`${running.url.replace('https', 'wss')}${path}`, protocols, {
      ca: ca.cert,
      ...identity,
    });
    const messages: Received['messages'] = [];
    socket.on('open', onOpen);
    socket.on('message', (data: Buffer, isBinary) => {
      messages.push({ data, isBinary });
      if (enough(messages.length)) socket.close();
    });
    socket.on('close', (code) => resolve({ messages, protocol: socket.protocol, code }));
    socket.on('unexpected-response', (_request, response) => {
      reject(new Error(String(response.statusCode)));
      response.destroy();
    });
    socket.on('error', reject);
  });
}

const watchPath = '/api/v1/namespaces/default/configmaps?watch=true';

describe('a watch over WebSocket', () => {
  it('sends every event as one text message', async () => {
    const maps = running.client.resource(configMaps, 'default');
    await maps.create({ metadata: { name: 'there' } });
    const write = (): void => void maps.create({ metadata: { name: 'new' } });
    const { messages } = await receive(`${watchPath}&resourceVersion=0`, [], (count) => count === 2, write);
    const events = messages.map(({ data }) => JSON.parse(data.toString()) as { type: string; object: object });
    expect(messages.map(({ isBinary }) => isBinary)).toEqual([false, false]);
    expect(events).toMatchObject([
      { type: 'ADDED', object: { metadata: { name: 'there' } } },
      { type: 'ADDED', object: { metadata: { name: 'new' } } },
    ]);
  });

  it('ends with a normal close when its time is over', async () => {
    const { code } = await receive(`${watchPath}&timeoutSeconds=1`);
    expect(code).toBe(1000);
  });

  it('takes the token that a browser sends as a subprotocol, and answers with the other one', async () => {
    const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
    const { protocol } = await receive(
      `${watchPath}&resourceVersion=0`,
      [bearer, 'any.k8s.io'],
      (count) => count === 1,
    );
    expect(protocol).toBe('any.k8s.io');
  });

  it('refuses with a Status before it is open', async () => {
    await expect(receive(`${watchPath}&resourceVersion=nonsense`)).rejects.toThrow('400');
    const { status } = await running.raw('GET', watchPath, {
      headers: { connection: 'upgrade', upgrade: 'websocket' },
    });
    expect(status).toBe(400);
  });
});

describe('logs over WebSocket', () => {
  const logPath = '/api/v1/namespaces/default/pods/p/log';

  it.each([[[]], [['binary.k8s.io']]])('come as bytes behind an empty message: %j', async (protocols) => {
    const { messages, protocol, code } = await receive(logPath, protocols);
    expect(protocol).toBe(protocols[0] ?? '');
    expect(messages[0]?.data).toHaveLength(0);
    expect(messages.every(({ isBinary }) => isBinary)).toBe(true);
    expect(Buffer.concat(messages.map(({ data }) => data)).toString()).toBe(logLines);
    expect(code).toBe(1000);
  });

  it('come in base64 for clients that take text alone', async () => {
    const { messages } = await receive(logPath, ['unknown.k8s.io', 'base64.binary.k8s.io']);
    expect(messages.some(({ isBinary }) => isBinary)).toBe(false);
    expect(messages.map(({ data }) => Buffer.from(data.toString(), 'base64').toString()).join('')).toBe(logLines);
  });

  it('are refused in other protocols', async () => {
    await expect(receive(logPath, ['v4.channel.k8s.io'])).rejects.toThrow('400');
  });
});

describe('frames', () => {
  it('are found in pieces of any size', () => {
    const lines = Buffer.from('{"a":1}\n{"b":"猫"}\n{"c":3}\n');
    const split = createFrameSplitter(false);
    const found = [...lines].flatMap((byte) => split(Buffer.of(byte)));
    expect(found).toEqual(['{"a":1}\n', '{"b":"猫"}\n', '{"c":3}\n']);
    const binary = createFrameSplitter(true);
    expect(binary(Buffer.of(0, 0, 0, 2, 1, 2, 0, 0, 0, 1))).toEqual([Buffer.of(1, 2)]);
    expect(binary(Buffer.of(9))).toEqual([Buffer.of(9)]);
  });
});
