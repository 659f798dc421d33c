// Opens the store that the options ask for, with everything under it (an etcd child, a client), and closes it whole.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEtcdClient, startEmbeddedEtcd } from '../machinery/etcd/index.ts';
import type { EtcdAccess, EtcdClient } from '../machinery/etcd/index.ts';
import type { Logger } from '../machinery/logger.ts';
import type { Pki } from '../machinery/pki/index.ts';
import type { ControlPlaneOptions, EtcdOptions } from './flags.ts';
import { createMemoryStore, openEtcdStore } from './store/index.ts';
import type { Store } from './store/index.ts';

export interface OpenedStore {
  /** Its close() also closes the client and stops an embedded etcd. */
  readonly store: Store;
  /** For upkeep; absent without etcd. */
  readonly etcd: EtcdClient | undefined;
}

/** Opens it, and everything that it stands on. */
export async function openStore(options: ControlPlaneOptions, pki: Pki, logger: Logger): Promise<OpenedStore> {
  if (options.etcd.kind === 'memory') return { store: createMemoryStore(), etcd: undefined };
  if (options.etcd.kind === 'external') {
    const client = createEtcdClient(await externalAccess(options.etcd, pki));
    return { store: await openEtcdStore({ client, logger }), etcd: client };
  }
  const credentials = { ca: pki.etcdCa.cert, ...pki.etcdClient };
  const dataDir = join(options.dataDir, 'etcd');
  const child = await startEmbeddedEtcd({ dataDir, pkiDir: pki.dir, client: credentials, logger });
  try {
    const client = createEtcdClient(child.access);
    const store = await openEtcdStore({ client, logger });
    const close = async (): Promise<void> => {
      await store.close();
      await child.stop();
    };
    return { store: { ...store, close }, etcd: client };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Certificates named by flags, else those of the pki folder. */
async function externalAccess(etcd: EtcdOptions & { kind: 'external' }, pki: Pki): Promise<EtcdAccess> {
  const text = (path: string | undefined, fallback: string): Promise<string> =>
    path === undefined ? Promise.resolve(fallback) : readFile(path, 'utf8');
  return {
    endpoints: etcd.endpoints,
    ca: await text(etcd.ca, pki.etcdCa.cert),
    cert: await text(etcd.cert, pki.etcdClient.cert),
    key: await text(etcd.key, pki.etcdClient.key),
  };
}
