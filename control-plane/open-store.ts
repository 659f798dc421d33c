// Opens the store that the options ask for, with everything under it (an etcd child, a client), and closes it whole.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEtcdClient, startEmbeddedEtcd } from '../machinery/etcd/index.ts';
import type { EtcdAccess } from '../machinery/etcd/index.ts';
import type { Logger } from '../machinery/logger.ts';
import type { Pki } from '../machinery/pki/index.ts';
import type { ControlPlaneOptions, EtcdOptions } from './flags.ts';
import { createMemoryStore, openEtcdStore } from './store/index.ts';
import type { Store } from './store/index.ts';

/** The store; its close() also stops an embedded etcd. */
export async function openStore(options: ControlPlaneOptions, pki: Pki, logger: Logger): Promise<Store> {
  if (options.etcd.kind === 'memory') return createMemoryStore();
  if (options.etcd.kind === 'external') {
    return openEtcdStore({ client: createEtcdClient(await externalAccess(options.etcd, pki)), logger });
  }
  const client = { ca: pki.etcdCa.cert, ...pki.etcdClient };
  const etcd = await startEmbeddedEtcd({ dataDir: join(options.dataDir, 'etcd'), pkiDir: pki.dir, client, logger });
  try {
    const store = await openEtcdStore({ client: createEtcdClient(etcd.access), logger });
    const closeStore = store.close.bind(store);
    return {
      ...store,
      async close() {
        await closeStore();
        await etcd.stop();
      },
    };
  } catch (error) {
    await etcd.stop();
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
