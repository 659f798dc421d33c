import { expect, it } from 'vitest';
import type { ClusterDraft } from '../../../api/console/index.ts';
import { createClusterSpec } from '../../../provisioning/index.ts';
import { clusterDocument } from './provisioner.ts';

const draft: ClusterDraft = {
  name: 'harbour',
  machines: [
    {
      ...{ name: 'm1', address: '10.0.0.1', port: 22, user: 'root', role: 'both' },
      credentials: { kind: 'key', keyPath: '/key' },
    },
  ],
};

it('makes a cluster of a draft, with what most do without only where it is asked for', () => {
  const plain = createClusterSpec(clusterDocument(draft));
  expect(plain).toMatchObject({ machines: [{ address: '10.0.0.1', credentials: { keyPath: '/key' } }] });
  expect(plain.settings).not.toHaveProperty('etcd');
  expect(plain.settings).not.toHaveProperty('virtualAddress');
  const etcd = { endpoints: ['https://10.0.0.31:2379'], caFile: '/ca', certFile: '/cert', keyFile: '/etcd-key' };
  const more = createClusterSpec(clusterDocument({ ...draft, virtualAddress: '10.0.0.9', etcd }));
  expect(more.settings).toMatchObject({ virtualAddress: '10.0.0.9', etcd: { external: etcd } });
});

it('refuses an etcd without TLS with its place', () => {
  const etcd = { endpoints: ['http://10.0.0.31:2379'], caFile: '/ca', certFile: '/cert', keyFile: '/key' };
  expect(() => createClusterSpec(clusterDocument({ ...draft, etcd }))).toThrow('settings.etcd.external.endpoints.0');
});
