// Hostile connections against the API server as a process of its own: whatever they do, what it holds afterwards is
// what it held before, and another client, who goes on all the while, notices nothing.
import { connect as connectHttp2, constants } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedEtcd, type EmbeddedEtcd } from '../../machinery/etcd/index.ts';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { silentLogger } from '../../machinery/logger.ts';
import { ensurePki } from '../../machinery/pki/index.ts';
import { createHttpsTransport } from '../../machinery/transport/https.ts';
import type { Transport } from '../../machinery/transport/contract.ts';
import { heldBytes } from '../support/inspected-memory.ts';
import { startApiProcess, type ApiProcess } from '../support/api-process.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const namespace = 'default';
const halfOpen = 10_000;
const megabyte = 1024 * 1024;
/** What may be reachable in the process more than before, once the storm is over. */
const flatBytes = 16 * megabyte;

/** What it may take of the machine at all after a storm, in what an idle heap keeps too. */
const mostBytes = 512 * megabyte;

requires('etcd')('the API server under hostile connections', () => {
  let folder: string;
  let etcd: EmbeddedEtcd;
  let server: ApiProcess;
  let api: CoreV1Api;
  let transport: Transport;
  let identity: { ca: string; cert: string; key: string };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-bad-input-'));
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: ['127.0.0.1'] });
    const client = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    etcd = await startEmbeddedEtcd({ dataDir: join(folder, 'etcd'), pkiDir: pki.dir, client, logger: silentLogger });
    server = await startApiProcess({ folder, name: 'one', etcd: etcd.access, pkiDir: pki.dir, isInspected: true });
    const config = new KubeConfig();
    config.loadFromFile(server.kubeconfigPath);
    api = config.makeApiClient(CoreV1Api);
    const access = clusterOf(loadKubeconfig(server.kubeconfigPath));
    transport = createHttpsTransport(access);
    identity = { ca: access.ca ?? '', cert: access.cert ?? '', key: access.key ?? '' };
    for (let index = 0; index < 200; index++)
      await api.createNamespacedConfigMap({ namespace, body: { metadata: { name: `m${index}` }, data: { a: 'b' } } });
  });
  afterAll(async () => {
    transport?.close();
    await server?.close();
    await etcd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const residentBytes = async (): Promise<number> => {
    const answer = await transport.request({ method: 'GET', path: '/metrics', headers: {} });
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(await answer.text())?.[1]);
  };

  /** Reads and writes all the while, as a person would; every single answer must be right. */
  const goOn = (): { stop(): Promise<number> } => {
    let isOver = false;
    let count = 0;
    const going = (async () => {
      while (!isOver) {
        const { items } = await api.listNamespacedConfigMap({ namespace, limit: 50 });
        expect(items).toHaveLength(50);
        const body = { metadata: { generateName: 'meanwhile-' } };
        const { metadata } = await api.createNamespacedConfigMap({ namespace, body });
        await api.deleteNamespacedConfigMap({ namespace, name: metadata?.name ?? '' });
        count++;
        await sleep(20);
      }
      return count;
    })();
    return {
      stop() {
        isOver = true;
        return going;
      },
    };
  };

  /** Runs the storm beside an ordinary client, and looks at what the process holds when it has passed. */
  const during = async (storm: () => Promise<void>): Promise<void> => {
    const held = (): Promise<number> => heldBytes(server.inspectorUrl ?? '');
    const before = await held();
    const other = goOn();
    try {
      await storm();
    } finally {
      expect(await other.stop()).toBeGreaterThan(0);
    }
    await until('all to be let go', async () => (await held()) < before + flatBytes, 60_000, 500);
    expect(await residentBytes()).toBeLessThan(mostBytes);
  };

  const { hostname, port } = { hostname: '127.0.0.1', port: (): number => Number(new URL(server.url).port) };

  const dial = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connectTcp({ host: hostname, port: port() });
      socket.on('error', () => undefined);
      socket.once('connect', () => resolve(socket));
      socket.once('close', () => resolve(socket));
    });

  const greet = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connectTls({ host: hostname, port: port(), ALPNProtocols: ['http/1.1'], ...identity });
      socket.on('error', () => undefined);
      socket.once('secureConnect', () => resolve(socket));
      socket.once('close', () => resolve(socket));
    });

  describe.concurrent('beside each other', () => {
    // The slow are cut after a minute: long enough for the other storms, one after the other.
    it('senders that never come to the end of their request', async () => {
      const head = 'POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\n';
      const beginnings = [head, `${head}Content-Length: 1000\r\n\r\n{"meta`, 'GET /api', 'PRI * HTTP/2.0\r\n\r\nSM'];
      const sockets = await Promise.all(Array.from({ length: 300 }, greet));
      await during(async () => {
        sockets.forEach((socket, index) => socket.write(beginnings[index % beginnings.length] ?? ''));
        sockets.forEach((socket) => socket.resume());
        await until('the slow ones to be cut', () => sockets.every(({ destroyed }) => destroyed), 150_000);
      });
      // Longer than both waits together, so that the one that fails says which it was.
    }, 300_000);

    describe('one after the other', () => {
      it.sequential('ten thousand connections that never say a word', async () => {
        await during(async () => {
          const sockets: Socket[] = [];
          while (sockets.length < halfOpen) sockets.push(...(await Promise.all(Array.from({ length: 250 }, dial))));
          expect(sockets).toHaveLength(halfOpen);
          // Whoever is silent for long, or one of too many, is cut.
          await until('the silent ones to be cut', () => sockets.every(({ destroyed }) => destroyed), 60_000);
        });
      });

      it.sequential('streams that are reset as soon as they are opened', async () => {
        await during(async () => {
          let opened = 0;
          for (let round = 0; round < 40; round++) {
            const session = connectHttp2(server.url, identity);
            session.on('error', () => undefined);
            const closed = new Promise<void>((resolve) => session.once('close', () => resolve()));
            for (let index = 0; index < 500 && !session.destroyed && !session.closed; index++) {
              const stream = session.request({ ':path': '/api/v1/namespaces/default/configmaps' });
              stream.on('error', () => undefined);
              stream.close(constants.NGHTTP2_CANCEL);
              opened++;
            }
            session.destroy();
            await closed;
          }
          expect(opened).toBeGreaterThan(1000);
        });
      });

      it.sequential('readers that ask for much and take nothing', async () => {
        const request = 'GET /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\n\r\n';
        const sockets = await Promise.all(Array.from({ length: 100 }, greet));
        await during(async () => {
          for (const socket of sockets) {
            socket.pause();
            // Ten in a row, and none of the answers is read.
            socket.write(request.repeat(10));
          }
          await api.listNamespacedConfigMap({ namespace });
          for (const socket of sockets) socket.destroy();
        });
      });
    });
  });
});
