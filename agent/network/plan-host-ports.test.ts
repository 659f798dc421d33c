import { describe, expect, it } from 'vitest';
import { makePod } from '../../test/support/network-objects.ts';
import { planHostPorts } from './plan-host-ports.ts';

const pod = (name: string, podIP: string | undefined, port: object, rest: object = {}) =>
  makePod(name, 'default', { nodeName: 'here', podIP, ports: [{ containerPort: 80, ...port }], ...rest });

describe('planning host ports', () => {
  it('translates a port of the machine, or of one of its addresses', () => {
    const plan = planHostPorts([
      pod('a', '10.244.1.2', { hostPort: 8080 }),
      pod('b', '10.244.1.3', { hostPort: 8080, hostIP: '127.0.0.1' }),
      pod('c', '10.244.1.4', { hostPort: 8080, hostIP: '0.0.0.0', protocol: 'UDP' }),
    ]);
    expect(Object.fromEntries(plan.anywhere)).toEqual({
      'tcp . 8080': '10.244.1.2 . 80',
      'udp . 8080': '10.244.1.4 . 80',
    });
    expect(Object.fromEntries(plan.at)).toEqual({ '127.0.0.1 . tcp . 8080': '10.244.1.3 . 80' });
    expect(plan.pods.size).toBe(3);
  });

  it.each<[string, ReturnType<typeof pod>]>([
    ['has no address yet', pod('a', undefined, { hostPort: 1 })],
    ['has ended', pod('a', '10.244.1.2', { hostPort: 1 }, { phase: 'Failed' })],
    ['uses the machine’s network itself', pod('a', '10.244.1.2', { hostPort: 1 }, { hostNetwork: true })],
    ['asks for none', pod('a', '10.244.1.2', {})],
    ['asks for an IPv6 address', pod('a', '10.244.1.2', { hostPort: 1, hostIP: '::1' })],
  ])('leaves out a pod that %s', (_title, each) => {
    expect(planHostPorts([each]).pods.size).toBe(0);
  });

  it('gives a port that two pods want to the older one', () => {
    const older = pod('z', '10.244.1.2', { hostPort: 8080 });
    older.metadata.creationTimestamp = '2025-01-01T00:00:00Z';
    const plan = planHostPorts([pod('a', '10.244.1.3', { hostPort: 8080 }), older]);
    expect(plan.anywhere.get('tcp . 8080')).toBe('10.244.1.2 . 80');
  });
});
