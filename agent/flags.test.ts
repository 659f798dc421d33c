import { describe, expect, it } from 'vitest';
import { BadFlag, completeAgentOptions, formatAgentFlags, parseAgentFlags } from './flags.ts';

describe('agent flags', () => {
  it('gives back what was formatted', () => {
    const options = completeAgentOptions({
      kubeconfig: '/etc/pilothouse/agent.kubeconfig',
      nodeName: 'w1',
      nodeIp: '10.0.0.5',
      servers: ['https://10.0.0.1:6443', 'https://10.0.0.2:6443'],
      listenPort: 10350,
      podMaxPids: 0,
      allowedSysctls: ['kernel.msg*', 'net.core.somaxconn'],
      shutdownGraceSeconds: 120,
      evictionHard: 'memory.available<200Mi',
      evictionSoft: 'memory.available<10%,nodefs.available<20Gi',
      evictionSoftGracePeriod: 'memory.available=1m30s,nodefs.available=2m',
      evictionMaxPodGraceSeconds: 20,
      reserved: { cpu: '250m', memory: '512Mi', 'ephemeral-storage': '1Gi' },
      stubDomains: { 'corp.example': ['10.0.0.53', '10.0.0.54:5353'], 'v6.example': ['fd00::53'] },
      labels: { 'node-role.kubernetes.io/control-plane': '', zone: 'a' },
      taints: [
        { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
        { key: 'dedicated', value: 'gpu', effect: 'NoExecute' },
      ],
    });
    expect(parseAgentFlags(formatAgentFlags(options))).toEqual(options);
  });

  it('fills in the defaults', () => {
    expect(parseAgentFlags(['--kubeconfig', 'k', '--node-name', 'n'])).toMatchObject({
      runtime: 'docker',
      dockerSocket: '/var/run/docker.sock',
      listenPort: 10250,
      clusterDns: '10.96.0.10',
    });
  });

  it.each([
    [['--node-name', 'n'], '--kubeconfig'],
    [['--kubeconfig', 'k'], '--node-name'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--runtime', 'podman'], 'podman'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--listen-port', '70000'], '--listen-port'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--register-taints', 'a=b'], 'KEY[=VALUE]:EFFECT'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--eviction-soft', 'memory.available<1Gi'], 'grace period'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--eviction-hard', 'moonlight<1Gi'], 'moonlight'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--system-reserved', 'cpu=lots'], '--system-reserved'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--system-reserved', 'moonlight=1'], 'moonlight'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--stub-domains', 'corp=dns.example'], 'corp=dns.example'],
    [['--kubeconfig', 'k', '--node-name', 'n', '--nonsense', 'x'], 'nonsense'],
  ])('refuses %j, naming %s', (args, named) => {
    expect(() => parseAgentFlags(args)).toThrow(BadFlag);
    expect(() => parseAgentFlags(args)).toThrow(named);
  });
});
