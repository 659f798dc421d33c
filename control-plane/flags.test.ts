import { describe, expect, it } from 'vitest';
import { formatControlPlaneFlags, parseControlPlaneFlags } from './flags.ts';

describe('control plane flags', () => {
  it.each([
    [['--data-dir', '/d', '--memory']],
    [['--data-dir=/d', '--embedded-etcd', '--listen=0.0.0.0:0', '--kubeconfig-out', 'k', '--node-monitor-grace=5s']],
    [['--data-dir=/d', '--etcd=https://10.0.0.1:2379,https://10.0.0.2:2379', '--etcd-ca=/ca', '--extra-sans', 'a,b']],
    [['--data-dir=/d', '--components=scheduler,controllers', '--kubeconfig=/k', '--pod-eviction-timeout', '5m']],
    [['--data-dir=/d', '--memory', '--scheduler-config=/s']],
    [['--data-dir=/d', '--embedded-etcd', '--encryption-provider-config=/e']],
    [['--data-dir=/d', '--memory', '--admission-control-config-file=/a', '--authentication-config=/o']],
    [['--data-dir=/d', '--memory', '--audit-policy-file=/p', '--audit-log-path=/l', '--audit-log-maxsize=5']],
  ])('formats %j to flags that say the same', (args) => {
    const options = parseControlPlaneFlags(args);
    expect(parseControlPlaneFlags(formatControlPlaneFlags(options))).toEqual(options);
  });

  it('reads times with their units', () => {
    const parse = (time: string): number =>
      parseControlPlaneFlags(['--data-dir=/d', '--memory', `--node-monitor-grace=${time}`]).nodeMonitorGraceMs;
    expect(['40', '40s', '5m', '250ms'].map(parse)).toEqual([40_000, 40_000, 300_000, 250]);
  });

  it.each([
    [[], '--data-dir DIR is required'],
    [['--data-dir=/d'], 'choose exactly one of'],
    [['--data-dir=/d', '--memory', '--embedded-etcd'], 'choose exactly one of'],
    [['--data-dir=/d', '--etcd=10.0.0.1'], '--etcd takes URLs'],
    [['--data-dir=/d', '--memory', '--speed=9'], 'unknown flag --speed'],
    [['--data-dir=/d', '--memory', 'extra'], 'unexpected argument "extra"'],
    [['--data-dir=/d', '--memory', '--components=kubelet'], 'not "kubelet"'],
    [['--data-dir=/d', '--memory', '--node-monitor-grace=soon'], 'takes a time like'],
    [['--data-dir=/d', '--memory', '--audit-log-path=/l'], 'give both, or neither'],
    [
      ['--data-dir=/d', '--memory', '--audit-log-path=/l', '--audit-policy-file=/p', '--audit-log-maxage=x'],
      'whole number',
    ],
  ])('refuses %j, saying why', (args, message) => {
    expect(() => parseControlPlaneFlags(args)).toThrow(message);
  });
});
