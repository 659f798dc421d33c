// What an etcd that is not the cluster's own says of itself, asked through a master: the connection is the master's, TLS ends
// here, so the key goes nowhere and nothing need be installed there. The same gRPC that the control plane will speak.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEtcdClient, type EtcdClient, prefixEnd } from '../../machinery/etcd/index.ts';
import { splitBundle } from '../../machinery/pki/index.ts';
import type { ExternalEtcd } from '../contract.ts';
import type { SshTransport } from '../transport/ssh.ts';
import type { EtcdCredentials } from './credentials.ts';

/** All that a cluster keeps in etcd. */
export const registryPrefix = '/registry/';

/** Objects that hold the certificate of the cluster's authority: the API server's, and a controller's a moment later. */
const authorityKeys = ['extension-apiserver-authentication', 'kube-root-ca.crt'].map(
  (name) => `${registryPrefix}configmaps/kube-system/${name}`,
);

/** One endpoint, as seen from one master. */
export interface EndpointAnswer {
  readonly endpoint: string;
  /** It answered over TLS. */
  readonly isReached: boolean;
  readonly isHealthy: boolean;
  readonly version: string;
  readonly clusterId?: string;
  /** Why it is not well. */
  readonly reason?: string;
}

/** What the database holds; asked linearizably, so that a majority has agreed. */
export interface EtcdContents {
  readonly keys: number;
  readonly registryKeys: number;
  /** The objects are of the cluster whose authority this console holds. */
  readonly isOurs: boolean;
}

export interface EtcdAnswers {
  readonly endpoints: readonly EndpointAnswer[];
  readonly contents?: EtcdContents;
  /** Why the contents could not be read. */
  readonly reason?: string;
}

/** A client whose connections are opened by `master`; the caller closes it. */
export function etcdThrough(
  master: Pick<SshTransport, 'dial'>,
  { endpoints }: Pick<ExternalEtcd, 'endpoints'>,
  credentials: EtcdCredentials,
): EtcdClient {
  return createEtcdClient({ endpoints, ...credentials, dial: (host, port) => master.dial(host, port) });
}

/** Asks every endpoint, and, where one is well, what the database holds. */
export async function askEtcd(client: EtcdClient, pkiDir: string): Promise<EtcdAnswers> {
  const endpoints = (await client.health()).map((member): EndpointAnswer => {
    const { endpoint, version, clusterId, healthy, message } = member;
    const reason = message ?? (healthy ? undefined : 'no leader');
    return { endpoint, isReached: version !== '', isHealthy: healthy, version, clusterId, reason };
  });
  if (!endpoints.some(({ isHealthy }) => isHealthy)) return { endpoints };
  try {
    return { endpoints, contents: await contentsOf(client, pkiDir) };
  } catch (error) {
    return { endpoints, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function contentsOf(client: EtcdClient, pkiDir: string): Promise<EtcdContents> {
  const [all, registry, ...held] = await Promise.all([
    client.range({ key: '\0', end: '\0', countOnly: true }),
    client.range({ key: registryPrefix, end: prefixEnd(registryPrefix), countOnly: true }),
    ...authorityKeys.map((key) => client.range({ key })),
  ]);
  const authority = await readFile(join(pkiDir, 'ca.crt'), 'utf8').catch(() => '');
  const values = held.flatMap(({ items }) => items.map(({ value }) => value.toString('utf8')));
  return { keys: all.count, registryKeys: registry.count, isOurs: namesAuthority(values, authority) };
}

/** Whether one of these ConfigMaps holds one of the certificates of `authority`, a PEM bundle. Pure. */
export function namesAuthority(values: readonly string[], authority: string): boolean {
  const wanted = splitBundle(authority).map((pem) => JSON.stringify(pem.trim()).slice(1, -1));
  return values.some((value) => wanted.some((pem) => value.includes(pem)));
}
