// Opens the store that the options ask for, with everything under it (an etcd child, a client), and closes it whole.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createEtcdClient, startEmbeddedEtcd } from '../machinery/etcd/index.ts';
import type { EtcdAccess, EtcdClient } from '../machinery/etcd/index.ts';
import type { Logger } from '../machinery/logger.ts';
import type { Pki } from '../machinery/pki/index.ts';
import { catalogue } from '../api/kinds/catalogue.ts';
import type { ControlPlaneOptions, EtcdOptions } from './flags.ts';
import { createMemoryStore, openEtcdStore } from './store/index.ts';
import { readEncryptionConfiguration } from './store/encryption/configuration.ts';
import { sealClient } from './store/encryption/sealed-client.ts';
import { createValueCodec, type ValueCodec } from './store/encryption/value-codec.ts';
import type { Store } from './store/index.ts';

export interface OpenedStore {
  /** Its close() also closes the client and stops an embedded etcd. */
  readonly store: Store;
  /** For upkeep, values as they lie in etcd; absent without etcd. */
  readonly etcd: EtcdClient | undefined;
  /** How values are sealed in etcd, where they are. */
  readonly codec?: ValueCodec;
}

/** Opens it, and everything that it stands on. */
export async function openStore(options: ControlPlaneOptions, pki: Pki, logger: Logger): Promise<OpenedStore> {
  if (options.etcd.kind === 'memory') return { store: createMemoryStore(), etcd: undefined };
  const codec = await readCodec(options.encryptionConfigFile);
  const open = async (client: EtcdClient): Promise<Store> =>
    openEtcdStore({ client: codec === undefined ? client : sealClient(client, codec, logger), logger });
  if (options.etcd.kind === 'external') {
    const client = createEtcdClient(await externalAccess(options.etcd, pki));
    return { store: await open(client), etcd: client, codec };
  }
  const credentials = { ca: pki.etcdCa.cert, ...pki.etcdClient };
  const dataDir = join(options.dataDir, 'etcd');
  const child = await startEmbeddedEtcd({ dataDir, pkiDir: pki.dir, client: credentials, logger });
  try {
    const client = createEtcdClient(child.ownAccess);
    const store = await open(client);
    const close = async (): Promise<void> => {
      await store.close();
      await child.stop();
    };
    return { store: { ...store, close }, etcd: client, codec };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

async function readCodec(path: string | undefined): Promise<ValueCodec | undefined> {
  if (path === undefined) return undefined;
  try {
    return createValueCodec(readEncryptionConfiguration(await readFile(path, 'utf8')), catalogue);
  } catch (cause) {
    throw new Error(`--encryption-provider-config ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** How the store shows itself to etcd with the certificates of now. */
export async function etcdCredentials({ etcd }: ControlPlaneOptions, pki: Pki): Promise<Omit<EtcdAccess, 'endpoints'>> {
  if (etcd.kind !== 'external') return { ca: pki.etcdCa.cert, ...pki.etcdClient };
  const { ca, cert, key } = await externalAccess(etcd, pki);
  return { ca, cert, key };
}

/** Files named by flags that are read for it. */
export function etcdCredentialFiles({ etcd }: Pick<ControlPlaneOptions, 'etcd'>): string[] {
  return etcd.kind === 'external' ? [etcd.ca, etcd.cert, etcd.key].filter((path) => path !== undefined) : [];
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
