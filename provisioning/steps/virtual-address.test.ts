import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterOf, loadKubeconfig } from '../../machinery/kubeconfig.ts';
import { createClusterSpec } from '../cluster-file.ts';
import { adminKubeconfig, ensureAuthorities } from '../pki/cluster-pki.ts';
import { planCluster } from '../plan/plan-cluster.ts';
import { controlPlaneFlags } from './control-plane.ts';
import { addressOf, patchesFor } from './virtual-address.ts';

const specWith = (virtualAddress?: string) =>
  createClusterSpec({
    name: 'demo',
    machines: [{ name: 'm1', address: '10.0.0.1', role: 'both' }],
    settings: { virtualAddress },
  });

test('it is planned when it is asked for, or given back, and comes when nodes are there to hold it', () => {
  const stepOf = (address?: string) =>
    planCluster(specWith(address)).steps.find(({ kind }) => kind === 'virtual-address');
  expect(stepOf()).toBeUndefined();
  expect(stepOf('10.0.0.9')?.needs).toEqual(['node-ready@m1']);
  expect(stepOf('none')).toBeDefined();
});

test('certificates of the API name it, and programs that know one server only ask there', async () => {
  const sans = (address: string) =>
    controlPlaneFlags(specWith(address), specWith().machines[0] as never).filter((flag) => flag.includes('sans'));
  expect(sans('10.0.0.9')).toEqual(['--extra-sans=10.0.0.9']);
  expect(sans('none')).toEqual([]);
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-virtual-'));
  try {
    await ensureAuthorities(specWith(), folder);
    const servers = async (address: string) =>
      clusterOf(loadKubeconfig(await adminKubeconfig(specWith(address), folder))).servers;
    expect(await servers('10.0.0.9')).toEqual(['https://10.0.0.9', 'https://10.0.0.1:6443']);
    expect(await servers('none')).toEqual(['https://10.0.0.1:6443']);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what is patched is what is recognized, and an address from elsewhere is not ours', () => {
  const [{ spec }, { status }] = patchesFor('10.0.0.9') as [{ spec: object }, { status: object }];
  expect(addressOf({ spec, status })).toBe('10.0.0.9');
  const [back] = patchesFor(undefined) as [{ spec: object }, object];
  expect(addressOf({ spec: back.spec, status })).toBeUndefined();
  expect(addressOf({ spec: { type: 'LoadBalancer' }, status })).toBeUndefined();
});
