import { expect, test } from 'vitest';
import { createClusterSpec } from '../cluster-file.ts';
import { consoleSteps, machineSteps } from '../steps/index.ts';
import { planCluster } from './plan-cluster.ts';

const specOf = (...roles: string[]) =>
  createClusterSpec({
    name: 'demo',
    machines: roles.map((role, index) => ({ name: `m${index}`, address: `10.0.0.${index + 1}`, role })),
  });

test('every step of a plan is one that can be run', () => {
  for (const step of planCluster(specOf('master', 'master', 'master', 'node')).steps) {
    expect((step.machine === undefined ? consoleSteps : machineSteps).has(step.kind)).toBe(true);
  }
});

test('masters get etcd and the control plane, workers only the agent', () => {
  const kinds = (machine: string) =>
    planCluster(specOf('master', 'node'))
      .steps.filter((step) => step.machine === machine)
      .map((step) => step.kind);
  expect(kinds('m0')).toEqual(expect.arrayContaining(['etcd', 'control-plane', 'agent']));
  expect(kinds('m1')).toContain('agent');
  expect(kinds('m1')).not.toContain('etcd');
});

test('a control plane waits for the quorum of all etcd members', () => {
  const step = planCluster(specOf('master', 'master', 'master')).steps.find(({ id }) => id === 'control-plane@m2');
  expect(step?.needs).toEqual(expect.arrayContaining(['etcd@m0', 'etcd@m1', 'etcd@m2']));
});

test('says why masters take no pods, or why they do', () => {
  const notes = (...roles: string[]) => planCluster(specOf(...roles)).notes.map((note) => note.key);
  expect(notes('master', 'node')).toContain('plan.note.tainted');
  expect(notes('master')).toContain('plan.note.untainted');
  expect(notes('both', 'node')).not.toContain('plan.note.tainted');
});

test('a machine more adds steps for that machine alone', () => {
  const before = planCluster(specOf('master', 'node')).steps;
  const after = planCluster(specOf('master', 'node', 'node')).steps;
  const added = after.filter((step) => !before.some((old) => old.id === step.id));
  expect(new Set(added.map((step) => step.machine))).toEqual(new Set(['m2']));
});
