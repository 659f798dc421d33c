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
    [['--kubeconfig', 'k', '--node-name', 'n', '--nonsense', 'x'], 'nonsense'],
  ])('refuses %j, naming %s', (args, named) => {
    expect(() => parseAgentFlags(args)).toThrow(BadFlag);
    expect(() => parseAgentFlags(args)).toThrow(named);
  });
});
