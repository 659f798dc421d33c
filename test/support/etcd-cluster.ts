// An etcd cluster of several members for a test, on free ports of one address with TLS, whose members can be killed one by one.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createEtcdClient, type EtcdAccess } from '../../machinery/etcd/index.ts';
import { ensurePki, type Pki } from '../../machinery/pki/index.ts';
import { pkiFiles } from '../../machinery/pki/layout.ts';
import { until } from './until.ts';

export interface TestEtcdCluster {
  readonly access: EtcdAccess;
  readonly pki: Pki;
  /** The endpoint of the member that leads now. */
  leader(): Promise<string>;
  /** SIGKILL to the member behind an endpoint; it stays away. */
  kill(endpoint: string): void;
  close(): Promise<void>;
}

async function freePorts(host: string, count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, host, () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Starts the members in `folder` and waits until they have a leader. */
export async function startEtcdCluster(folder: string, members = 3, host = '127.0.0.1'): Promise<TestEtcdCluster> {
  const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: [host], etcdSans: [host] });
  const ports = await freePorts(host, members * 2);
  const names = Array.from({ length: members }, (_, index) => `m${index}`);
  const clientUrl = (index: number): string => `https://${host}:${ports[index]}`;
  const peerUrl = (index: number): string => `https://${host}:${ports[members + index]}`;
  const file = (name: string): string => join(pki.dir, name);
  const children = new Map<string, ChildProcess>();
  names.forEach((name, index) => {
    const flags = {
      name,
      'data-dir': join(folder, name),
      'listen-client-urls': clientUrl(index),
      'advertise-client-urls': clientUrl(index),
      'listen-peer-urls': peerUrl(index),
      'initial-advertise-peer-urls': peerUrl(index),
      'initial-cluster': names.map((one, at) => `${one}=${peerUrl(at)}`).join(','),
      'trusted-ca-file': file(pkiFiles.etcdCa.cert),
      'cert-file': file(pkiFiles.etcdServer.cert),
      'key-file': file(pkiFiles.etcdServer.key),
      'client-cert-auth': 'true',
      'peer-trusted-ca-file': file(pkiFiles.etcdCa.cert),
      'peer-cert-file': file(pkiFiles.etcdPeer.cert),
      'peer-key-file': file(pkiFiles.etcdPeer.key),
      'peer-client-cert-auth': 'true',
      logger: 'zap',
      'log-level': 'error',
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    children.set(clientUrl(index), spawn('etcd', args, { stdio: 'ignore' }));
  });
  const access: EtcdAccess = { endpoints: [...children.keys()], ca: pki.etcdCa.cert, ...pki.etcdClient };
  const client = createEtcdClient(access);
  const leader = async (): Promise<string> => (await client.health()).find((member) => member.leader)?.endpoint ?? '';
  const end = (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    });
  };
  const close = async (): Promise<void> => {
    client.close();
    await Promise.all([...children.values()].map(end));
  };
  try {
    await until('a leader of etcd', async () => {
      const health = await client.health();
      return health.length === members && health.every(({ healthy }) => healthy) && health.some((one) => one.leader);
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { access, pki, leader, kill: (endpoint) => children.get(endpoint)?.kill('SIGKILL'), close };
}
