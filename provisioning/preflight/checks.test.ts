import { expect, test } from 'vitest';
import { createClusterSpec } from '../cluster-file.ts';
import type { MachineFacts, PreflightCheck } from '../contract.ts';
import { clusterChecks } from './cluster-checks.ts';
import { factChecks, probeChecks } from './machine-checks.ts';
import type { Probe } from './probe.ts';

const spec = createClusterSpec({
  name: 'demo',
  machines: [
    { name: 'm1', address: '192.0.2.1', role: 'master' },
    { name: 'w1', address: '192.0.2.2', role: 'node' },
  ],
});
const [master, worker] = spec.machines as [(typeof spec.machines)[0], (typeof spec.machines)[0]];

const good: MachineFacts = {
  machine: 'm1',
  hostname: 'm1',
  machineId: 'a'.repeat(32),
  osId: 'debian',
  osVersion: '12',
  osName: 'Debian GNU/Linux 12 (bookworm)',
  osCodename: 'bookworm',
  arch: 'amd64',
  kernel: '6.1.0',
  cpus: 2,
  memoryBytes: 4 * 2 ** 30,
  diskFreeBytes: 50 * 2 ** 30,
  addresses: ['192.0.2.1'],
  clockSkewMs: 12,
  isContainer: false,
  hasAppArmor: false,
};
const quiet: Probe = {
  isSystemd: true,
  foreignPorts: [],
  missingKernelFeatures: [],
  otherClusters: [],
  foreignContainers: 0,
  packageLockHolder: '',
  fsyncP99Ms: 3,
};
const failed = (checks: readonly PreflightCheck[]): string[] =>
  checks.filter((check) => !check.ok).map((check) => check.id);

test('a good machine passes', () => {
  expect(failed(factChecks(master, good))).toEqual([]);
  expect(failed(probeChecks(spec, master, good, quiet))).toEqual([]);
});

test.each<[string, Partial<MachineFacts>, string]>([
  ['another system', { osId: 'alpine', osVersion: '3.20', osName: 'Alpine Linux' }, 'os'],
  ['an old release', { osVersion: '10' }, 'os'],
  ['a strange processor', { arch: 'riscv64' }, 'arch'],
  ['too little memory', { memoryBytes: 2 ** 29 }, 'memory'],
  ['a full disk', { diskFreeBytes: 2 ** 20 }, 'disk'],
  ['a wrong clock', { clockSkewMs: -90_000 }, 'clock'],
])('%s is refused with a remedy in both languages', (_, change, id) => {
  const checks = factChecks(master, { ...good, ...change }).filter((check) => !check.ok);
  expect(checks.map((check) => check.id)).toEqual([id]);
  expect(checks[0]?.remedy?.en).not.toBe('');
  expect(checks[0]?.remedy?.['zh-CN']).toMatch(/[\u4e00-\u9fff]/);
});

test('ports of masters do not matter on workers', () => {
  const probe = { ...quiet, foreignPorts: [6443] };
  expect(failed(probeChecks(spec, master, good, probe))).toEqual(['ports']);
  expect(failed(probeChecks(spec, worker, good, probe))).toEqual([]);
});

test('a slow disk warns and does not refuse', () => {
  const [check] = probeChecks(spec, master, good, { ...quiet, fsyncP99Ms: 120 }).filter(({ ok }) => !ok);
  expect(check).toMatchObject({ id: 'fsync', severity: 'warning', figure: '120.0 ms' });
});

test('clones are found on both machines', () => {
  const checks = clusterChecks(spec, [good, { ...good, machine: 'w1', addresses: ['192.0.2.2'] }]);
  expect(failed(checks.get('m1') ?? [])).toEqual(['machine-id', 'hostname']);
  expect(failed(checks.get('w1') ?? [])).toEqual(['machine-id', 'hostname']);
});

test('a machine with an address in the pod range is refused', () => {
  const checks = clusterChecks(spec, [{ ...good, addresses: ['192.0.2.1', '10.244.3.1'] }]);
  expect(failed(checks.get('m1') ?? [])).toEqual(['ranges']);
});
