import { describe, expect, test } from 'vitest';
import type { Text } from './contract.ts';
import { ClusterFileError, createClusterSpec, formatClusterFile, readClusterFile } from './cluster-file.ts';

const machine = (name: string, address: string, role: string, more: object = {}) => ({ name, address, role, ...more });
const cluster = (more: object = {}) => ({
  name: 'demo',
  machines: [machine('m1', '10.0.0.1', 'master'), machine('w1', '10.0.0.2', 'node')],
  ...more,
});

function problemsOf(document: unknown): readonly Text[] {
  try {
    createClusterSpec(document);
  } catch (error) {
    if (error instanceof ClusterFileError) return error.problems;
    throw error;
  }
  return [];
}

test('a short file gets every default', () => {
  const spec = readClusterFile(
    'name: demo\nmachines:\n  - {name: m1, address: 10.0.0.1, role: both, keyPath: keys/id}\n',
    { baseDir: '/srv/site' },
  );
  expect(spec).toMatchObject({ podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', clusterDomain: 'cluster.local' });
  expect(spec.machines[0]).toMatchObject({ port: 22, user: 'root', credentials: { keyPath: '/srv/site/keys/id' } });
  expect(spec.settings).toMatchObject({ nodeMonitorGraceSeconds: 40, podEvictionTimeoutSeconds: 300 });
});

test('what is written reads back the same, without secrets', () => {
  const secret = 'hunter2';
  const spec = createClusterSpec(
    cluster({
      machines: [
        machine('m1', '10.0.0.1', 'both', {
          password: secret,
          sudoPassword: secret,
          passphrase: secret,
          privateKey: secret,
          keyPath: '/k',
        }),
      ],
    }),
  );
  const written = formatClusterFile(spec);
  expect(written).not.toContain(secret);
  expect(readClusterFile(written).machines[0]?.credentials).toEqual({ keyPath: '/k' });
});

describe('refuses', () => {
  test.each([
    ['overlapping ranges', { podCidr: '10.96.0.0/12' }, 'overlap'],
    ['a range with host bits', { podCidr: '10.244.0.1/16' }, 'podCidr'],
    ['a pod range too small for the machines', { podCidr: '10.244.0.0/24' }, 'podCidr'],
    [
      'a virtual address that a machine has',
      { settings: { virtualAddress: '10.0.0.2' } },
      'is the address of machines.1',
    ],
    ['a virtual address for pods', { settings: { virtualAddress: '10.244.9.9' } }, 'lies inside podCidr'],
    ['a virtual address that is a name', { settings: { virtualAddress: 'api.office.example' } }, 'virtualAddress'],
    ['a machine inside the Service range', { serviceCidr: '10.0.0.0/16' }, 'lies inside serviceCidr'],
    [
      'an even number of masters',
      { machines: [machine('a', '10.0.0.1', 'master'), machine('b', '10.0.0.2', 'master')] },
      'even',
    ],
    ['no master', { machines: [machine('a', '10.0.0.1', 'node')] }, 'role master'],
    [
      'two machines of one name',
      { machines: [machine('a', '10.0.0.1', 'master'), machine('a', '10.0.0.2', 'node')] },
      'also that of machines.0',
    ],
    [
      'two machines at one address',
      { machines: [machine('a', '10.0.0.1', 'master'), machine('b', '10.0.0.1', 'node')] },
      'also that of machines.0',
    ],
    ['an unknown field', { podCIDR: '10.0.0.0/8' }, 'podCIDR'],
    ['a name that is no DNS label', { name: 'My Cluster' }, 'DNS label'],
  ])('%s', (_, change, sentence) => {
    const problems = problemsOf(cluster(change));
    expect(problems.map(({ en }) => en).join('\n')).toContain(sentence);
    for (const problem of problems) expect(problem['zh-CN']).toMatch(/[\u4e00-\u9fff]/);
  });

  test('everything wrong at once', () => {
    const problems = problemsOf(
      cluster({
        podCidr: '10.96.0.0/12',
        machines: [machine('a', '10.0.0.1', 'node'), machine('a', '10.0.0.1', 'node')],
      }),
    );
    expect(problems).toHaveLength(4);
  });

  test('text that is not YAML', () => {
    expect(() => readClusterFile('{')).toThrow(ClusterFileError);
  });
});
