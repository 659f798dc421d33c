// Encryption at rest on a real etcd: the store's whole contract behind sealed values, what lies in etcd, rotation.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { catalogue } from '../../../api/kinds/catalogue.ts';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import {
  createEtcdClient,
  startEmbeddedEtcd,
  type EmbeddedEtcd,
  type EtcdClient,
} from '../../../machinery/etcd/index.ts';
import { silentLogger } from '../../../machinery/logger.ts';
import { ensurePki } from '../../../machinery/pki/index.ts';
import { requires } from '../../../test/support/requirements.ts';
import { describeStoreContract } from '../contract-suite.ts';
import type { Store } from '../contract.ts';
import { openEtcdStore } from '../etcd-store.ts';
import type { EncryptionKey } from './configuration.ts';
import { rewriteStaleValues } from './rewrite.ts';
import { sealClient } from './sealed-client.ts';
import { createValueCodec, type ValueCodec } from './value-codec.ts';

const keyNamed = (name: string): EncryptionKey => ({ provider: 'aesgcm', name, secret: randomBytes(32) });
const codecOf = (resources: readonly string[], ...keys: EncryptionKey[]): ValueCodec =>
  createValueCodec([{ resources, keys }], catalogue);
const secretKey = (name: string): string => `/registry/secrets/default/${name}`;
const secret = (name: string, text: string): KubernetesObject & { data: Record<string, string> } => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default', uid: name, resourceVersion: '', creationTimestamp: '2026-01-01T00:00:00Z' },
  data: { text: Buffer.from(text).toString('base64') },
});

requires('etcd')('the store with encryption at rest', () => {
  let folder: string;
  let etcd: EmbeddedEtcd;
  let raw: EtcdClient;
  const opened: Store[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-encryption-'));
    const pki = await ensurePki(join(folder, 'pki'), { apiServerSans: [] });
    const client = { ca: pki.etcdCa.cert, ...pki.etcdClient };
    etcd = await startEmbeddedEtcd({ dataDir: join(folder, 'etcd'), pkiDir: pki.dir, client, logger: silentLogger });
    raw = createEtcdClient(etcd.access);
  });
  beforeEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
    await raw.deletePrefix('/registry/');
  });
  afterAll(async () => {
    await Promise.all(opened.map((store) => store.close()));
    raw.close();
    await etcd.stop();
    await rm(folder, { recursive: true });
  });

  const open = async (codec: ValueCodec): Promise<Store> => {
    const client = sealClient(createEtcdClient(etcd.access), codec, silentLogger);
    const store = await openEtcdStore({ client, logger: silentLogger, patienceMs: 500 });
    opened.push(store);
    return store;
  };
  const valueAt = async (key: string): Promise<string> =>
    (await raw.range({ key })).items[0]?.value.toString('latin1') ?? '';

  describeStoreContract(async () => {
    await raw.deletePrefix('/registry/');
    const client = sealClient(createEtcdClient(etcd.access), codecOf(['*.*'], keyNamed('a')), silentLogger);
    return openEtcdStore({ client, logger: silentLogger, patienceMs: 500 });
  });

  it('keeps secrets sealed in etcd and everything else readable under /registry', async () => {
    const store = await open(codecOf(['secrets'], keyNamed('k1')));
    await store.create(secretKey('s'), secret('s', 'hunter2'));
    const map = { ...secret('m', 'plain'), kind: 'ConfigMap' };
    await store.create('/registry/configmaps/default/m', map);
    expect(await valueAt(secretKey('s'))).toMatch(/^k8s:enc:aesgcm:v1:k1:/);
    expect(JSON.parse(await valueAt('/registry/configmaps/default/m'))).toMatchObject({ kind: 'ConfigMap' });
    expect((await store.get(secretKey('s')))?.parse()).toMatchObject(secret('s', 'hunter2').data && { kind: 'Secret' });
  });

  it('writes nothing for an update that changes nothing, though sealing differs each time', async () => {
    const store = await open(codecOf(['secrets'], keyNamed('k1')));
    const created = await store.create(secretKey('s'), secret('s', 'same'));
    const updated = await store.update(secretKey('s'), secret('s', 'same'), created.revision);
    expect(updated.revision).toBe(created.revision);
  });

  it('rotates: new values by the new key at once, old ones after the rewrite, which loses no version', async () => {
    const [first, second] = [keyNamed('one'), keyNamed('two')];
    const before = await open(codecOf(['secrets'], first));
    for (let i = 0; i < 450; i++) await before.create(secretKey(`s${i}`), secret(`s${i}`, `text ${i}`));
    const codec = codecOf(['secrets'], second, first);
    const after = await open(codec);
    await after.create(secretKey('new'), secret('new', 'new'));
    expect(await valueAt(secretKey('s7'))).toMatch(/^k8s:enc:aesgcm:v1:one:/);
    expect(await valueAt(secretKey('new'))).toMatch(/^k8s:enc:aesgcm:v1:two:/);

    const outcome = await rewriteStaleValues(raw, codec, new AbortController().signal);
    expect(outcome).toEqual({ looked: 451, rewritten: 450 });
    expect((await rewriteStaleValues(raw, codec, new AbortController().signal)).rewritten).toBe(0);
    const onlyNew = await open(codecOf(['secrets'], second));
    const { items } = await onlyNew.list('/registry/secrets/');
    expect(items).toHaveLength(451);
    expect(items.find(({ key }) => key === secretKey('s7'))?.parse()).toMatchObject({
      data: { text: Buffer.from('text 7').toString('base64') },
    });
  });

  it('does not start over values that it cannot open, and says which', async () => {
    const store = await open(codecOf(['secrets'], keyNamed('lost')));
    await store.create(secretKey('s'), secret('s', 'x'));
    await expect(open(codecOf(['secrets'], keyNamed('other')))).rejects.toThrow(
      `${secretKey('s')} was sealed with the key aesgcm "lost"`,
    );
  });

  it('is not ready while another server writes with a key that it lacks', async () => {
    const [old, fresh] = [keyNamed('old'), keyNamed('new')];
    const behind = await open(codecOf(['secrets'], old));
    await vi.waitFor(() => behind.checkReady());
    const ahead = await open(codecOf(['secrets'], fresh, old));
    await ahead.create(secretKey('s'), secret('s', 'x'));
    await vi.waitFor(() => expect(behind.checkReady()).rejects.toThrow('the watch on etcd is down'), {
      timeout: 10_000,
    });
  });
});
