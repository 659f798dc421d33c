import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyFingerprint, signingKey } from '../bundle/signature.ts';
import { createClusterSpec, readClusterFile } from '../cluster-file.ts';
import type { NodeObject } from '../nodes/node-requests.ts';
import { elsewhere, formatBlueprint, readBlueprint } from './blueprint.ts';
import { planDrift } from './drift.ts';

const spec = createClusterSpec({
  name: 'site',
  machines: [
    { name: 'm1', address: '10.0.0.1', role: 'both', password: 'hush', labels: { disk: 'fast' } },
    { name: 'w1', address: '10.0.0.2', role: 'node', password: 'hush' },
  ],
});
let home = '';
let file = '';
const read = (content: string, key?: string, from = home): ReturnType<typeof readBlueprint> =>
  readBlueprint(content, 'a.blueprint', (yaml) => readClusterFile(yaml), { home: from, key });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'pilothouse-blueprint-'));
  file = formatBlueprint(spec, '1.2.3', await signingKey(home));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('it holds everything but secrets, and reads back', async () => {
  expect(file).not.toContain('hush');
  const { spec: back, version } = await read(file);
  expect(version).toBe('1.2.3');
  expect(back).toEqual({ ...spec, machines: spec.machines.map((machine) => ({ ...machine, credentials: {} })) });
});

test('changed, strange and newer ones are refused', async () => {
  await expect(read(file.replace('10.0.0.2', '10.0.0.9'))).rejects.toMatchObject({ reason: 'BlueprintUnusable' });
  await expect(read('{')).rejects.toMatchObject({ reason: 'BlueprintUnusable' });
  await expect(read(file.replace('"format": 1', '"format": 2'))).rejects.toMatchObject({ reason: 'BlueprintNewer' });
  const other = join(home, 'other');
  await expect(read(file, undefined, other)).rejects.toMatchObject({ reason: 'BlueprintUntrusted' });
  await expect(read(file, 'SHA256:no', other)).rejects.toMatchObject({ reason: 'BlueprintUntrusted' });
  await expect(read(file, keyFingerprint((await signingKey(home)).publicKey), other)).resolves.toBeDefined();
});

test('the same cluster stands elsewhere with other addresses', () => {
  const there = elsewhere(spec, {
    name: 'copy',
    machines: { m1: { address: '10.9.0.1' }, w1: { address: '10.9.0.2', agent: true } },
  });
  expect(there).toMatchObject({
    name: 'copy',
    machines: [{ address: '10.9.0.1' }, { address: '10.9.0.2', credentials: { agent: true } }],
  });
  expect(() => elsewhere(spec, { machines: { w1: { address: '10.0.0.1' } } })).toThrow(/is also that of/);
});

const node = (name: string, labels: Record<string, string>): NodeObject => ({ metadata: { name, labels } });
const master = { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/worker': '' };

test('a cluster as its blueprint says has no drift', () => {
  const nodes = [node('m1', { ...master, disk: 'fast' }), node('w1', { 'node-role.kubernetes.io/worker': '' })];
  expect(planDrift(spec, { spec, nodes })).toEqual([]);
});

test('another etcd is a difference that nobody mends from here, other files for the same one are none', () => {
  const nodes = [node('m1', { ...master, disk: 'fast' }), node('w1', { 'node-role.kubernetes.io/worker': '' })];
  const on = (caFile: string): typeof spec => {
    const external = { endpoints: ['https://10.0.0.9:2379'], caFile, certFile: '/c', keyFile: '/k' };
    return { ...spec, settings: { ...spec.settings, etcd: { external } } };
  };
  expect(planDrift(on('/a'), { spec: on('/b'), nodes })).toEqual([]);
  const drift = { kind: 'setting', subject: 'etcd', remedy: 'byHand' };
  const [here, there] = ['masters', 'https://10.0.0.9:2379'];
  expect(planDrift(spec, { spec: on('/a'), nodes })).toEqual([{ ...drift, wanted: here, found: there }]);
  expect(planDrift(on('/a'), { spec, nodes })).toEqual([{ ...drift, wanted: there, found: here }]);
});

test('machines, roles, labels and settings that differ are named with their remedy', () => {
  const reality = { ...spec, podCidr: '10.200.0.0/16', settings: { ...spec.settings, parallelism: 3 } };
  const nodes = [node('m1', { 'node-role.kubernetes.io/control-plane': '', disk: 'slow' }), node('x', {})];
  expect(planDrift(spec, { spec: reality, nodes }).map(({ kind, subject, remedy }) => [kind, subject, remedy])).toEqual(
    [
      ['role', 'm1', 'byHand'],
      ['label', 'm1', 'label'],
      ['machineMissing', 'w1', 'add'],
      ['machineExtra', 'x', 'remove'],
      ['setting', 'podCidr', 'byHand'],
      ['setting', 'parallelism', 'provision'],
    ],
  );
});
