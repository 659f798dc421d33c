import { describe, expect, it } from 'vitest';
import type { Service } from '../../../api/kinds/core/index.ts';
import { makeService } from '../testing/fixtures.ts';
import { planLoadBalancer } from './plan.ts';
import { parsePool } from './pool.ts';

describe('an address pool', () => {
  it.each([
    ['10.0.0.7', [], '10.0.0.7'],
    ['10.0.0.7', ['10.0.0.7'], undefined],
    [
      '10.0.0.250-10.0.1.2',
      ['10.0.0.250', '10.0.0.251', '10.0.0.252', '10.0.0.253', '10.0.0.254', '10.0.0.255'],
      '10.0.1.0',
    ],
    ['192.168.1.8/30', [], '192.168.1.9'],
    ['192.168.1.8/30, 10.0.0.1', ['10.0.0.1', '192.168.1.9', '192.168.1.10'], undefined],
  ])('%s without %j gives %s', (text, taken, expected) => {
    expect(parsePool(text).free(new Set(taken))).toBe(expected);
  });

  it.each(['10.0.0', '10.0.0.9-10.0.0.1', '10.0.0.0/33', '010.0.0.1', 'web'])('refuses %s', (text) => {
    expect(() => parsePool(text)).toThrow(text);
  });
});

describe('a Service of type LoadBalancer', () => {
  const pool = parsePool('10.0.0.1-10.0.0.3');
  const service = (spec: Partial<Service['spec']>, address?: string): Service => ({
    ...makeService('web', spec),
    status: { loadBalancer: address ? { ingress: [{ ip: address, ipMode: 'VIP' }] } : {} },
  });

  it.each<[string, Service, string[], string | undefined, boolean, string | undefined]>([
    ['gets the lowest free address', service({ type: 'LoadBalancer' }), ['10.0.0.1'], '10.0.0.2', true, undefined],
    ['keeps the address it has', service({ type: 'LoadBalancer' }, '10.0.0.3'), [], '10.0.0.3', false, undefined],
    [
      'moves when the pool no longer holds it',
      service({ type: 'LoadBalancer' }, '10.9.9.9'),
      [],
      '10.0.0.1',
      true,
      undefined,
    ],
    [
      'gets the address that it asks for',
      service({ type: 'LoadBalancer', loadBalancerIP: '10.0.0.3' }),
      [],
      '10.0.0.3',
      true,
      undefined,
    ],
    [
      'is told when another has it',
      service({ type: 'LoadBalancer', loadBalancerIP: '10.0.0.3' }),
      ['10.0.0.3'],
      undefined,
      false,
      'AddressUnavailable',
    ],
    [
      'is told when none is left',
      service({ type: 'LoadBalancer' }),
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
      undefined,
      false,
      'AddressPoolExhausted',
    ],
    [
      'of a class of its own is left alone',
      service({ type: 'LoadBalancer', loadBalancerClass: 'other.io/lb' }, '1.2.3.4'),
      [],
      undefined,
      false,
      undefined,
    ],
    [
      'that is none any more loses its address',
      service({ type: 'ClusterIP' }, '10.0.0.1'),
      [],
      undefined,
      true,
      undefined,
    ],
  ])('%s', (_title, one, taken, address, writes, refusal) => {
    const plan = planLoadBalancer(one, pool, new Set(taken));
    expect([plan.address, plan.status !== undefined, plan.refusal?.reason]).toEqual([address, writes, refusal]);
  });
});
