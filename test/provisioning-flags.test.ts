// Provisioning may not import the programs it installs, so it writes their command lines by itself. Here both sides meet:
// what the unit files say must be what the programs read.
import { describe, expect, test } from 'vitest';
import { parseAgentFlags } from '../agent/flags.ts';
import { parseControlPlaneFlags } from '../control-plane/flags.ts';
import { createClusterSpec } from '../provisioning/cluster-file.ts';
import { agentFlags } from '../provisioning/steps/agent.ts';
import { controlPlaneFlags, controlPlaneUnit } from '../provisioning/steps/control-plane.ts';

const spec = createClusterSpec({
  name: 'demo',
  podCidr: '10.200.0.0/16',
  serviceCidr: '10.201.0.0/16',
  clusterDomain: 'site.example',
  machines: [
    { name: 'm1', address: '192.0.2.1', role: 'master' },
    { name: 'm2', address: '192.0.2.2', role: 'master' },
    { name: 'm3', address: '192.0.2.3', role: 'master' },
    { name: 'w1', address: '192.0.2.4', role: 'node', labels: { zone: 'a' } },
  ],
  settings: { nodeMonitorGraceSeconds: 12, podEvictionTimeoutSeconds: 34, extraSans: ['api.site.example'] },
});
const machine = (name: string): (typeof spec.machines)[number] => {
  const found = spec.machines.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('unit files say what the programs read', () => {
  test('the control plane', () => {
    const options = parseControlPlaneFlags(controlPlaneFlags(spec, machine('m2')));
    expect(options).toMatchObject({
      listen: '0.0.0.0:6443',
      etcd: {
        kind: 'external',
        endpoints: ['https://127.0.0.1:2379', 'https://192.0.2.1:2379', 'https://192.0.2.3:2379'],
      },
      podCidr: '10.200.0.0/16',
      serviceCidr: '10.201.0.0/16',
      clusterDomain: 'site.example',
      clusterDns: '10.201.0.10',
      nodeMonitorGraceMs: 12_000,
      podEvictionTimeoutMs: 34_000,
      advertiseAddress: '192.0.2.2',
      extraSans: ['api.site.example'],
      pkiDir: '/etc/pilothouse/pki',
    });
  });

  test('the control plane against an etcd of somebody else', () => {
    const endpoints = ['https://192.0.2.31:2379', 'https://192.0.2.32:2379'];
    const external = {
      endpoints,
      caFile: '/site/ca.pem',
      certFile: '/site/client.pem',
      keyFile: '/site/client-key.pem',
    };
    const elsewhere = { ...spec, settings: { ...spec.settings, etcd: { external } } };
    const folder = '/etc/pilothouse/pki/etcd-external';
    expect(parseControlPlaneFlags(controlPlaneFlags(elsewhere, machine('m2'))).etcd).toEqual({
      kind: 'external',
      endpoints,
      ca: `${folder}/ca.crt`,
      cert: `${folder}/client.crt`,
      key: `${folder}/client.key`,
    });
    expect(controlPlaneUnit({ spec: elsewhere, machine: machine('m2') }).after).toEqual([]);
  });

  test('the agent of a master: its own API server first, tainted', () => {
    const options = parseAgentFlags(agentFlags(spec, machine('m2')));
    expect(options.servers).toEqual(['https://192.0.2.2:6443', 'https://192.0.2.1:6443', 'https://192.0.2.3:6443']);
    expect(options.taints).toEqual([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]);
    expect(options.labels).toEqual({ 'node-role.kubernetes.io/control-plane': '' });
  });

  test('the agent of a worker', () => {
    const options = parseAgentFlags(agentFlags(spec, machine('w1')));
    expect(options).toMatchObject({
      nodeName: 'w1',
      nodeIp: '192.0.2.4',
      runtime: 'docker',
      clusterDns: '10.201.0.10',
      clusterDomain: 'site.example',
      podCidr: '10.200.0.0/16',
      serviceCidr: '10.201.0.0/16',
      taints: [],
      labels: { zone: 'a', 'node-role.kubernetes.io/worker': '' },
    });
  });
});
