import { describe, expect, it } from 'vitest';
import type { Service } from '../../api/kinds/core/index.ts';
import { makeService, makeSlice } from '../../test/support/network-objects.ts';
import type { TestEndpoint } from '../../test/support/network-objects.ts';
import { clusterMark, localMark, slotOf } from './chains.ts';
import { planFlowCleanup } from './conntrack.ts';
import { planService } from './plan-service.ts';

const tcp = [{ port: 80, protocol: 'TCP' as const }];
const here: TestEndpoint = { address: '10.244.1.2', nodeName: 'here' };
const there: TestEndpoint = { address: '10.244.2.2', nodeName: 'there' };
const plan = (spec: Partial<Service['spec']>, ...endpoints: TestEndpoint[]) => {
  const service = makeService('web', { clusterIP: '10.96.0.7', ports: tcp, ...spec });
  return planService(service, [makeSlice('web', [{ port: 8080 }], endpoints)], { name: 'here' });
};
const text = (elements: readonly { set: string; key: string; value: string }[]): string[] =>
  elements.map(({ set, key, value }) => `${set}: ${key}${value && ` → ${value}`}`);

describe('planning a Service', () => {
  it('maps a cluster IP to a chain by number of endpoints, and each number to an endpoint', () => {
    expect(text(plan({}, here, there).own)).toEqual([
      'services: 10.96.0.7 . tcp . 80 → goto pick-2',
      `endpoints: 10.96.0.7 . tcp . 80 . ${clusterMark} → 10.244.1.2 . 8080`,
      `endpoints: 10.96.0.7 . tcp . 80 . ${clusterMark + 1} → 10.244.2.2 . 8080`,
    ]);
  });

  it('notes local endpoints, which may call themselves', () => {
    expect(text(plan({}, here, there).shared)).toEqual(['hairpin: 10.244.1.2 . 10.244.1.2']);
  });

  it.each<[string, Partial<Service['spec']>]>([
    ['headless', { clusterIP: 'None' }],
    ['ExternalName', { type: 'ExternalName' }],
    ['without an address yet', { clusterIP: '', clusterIPs: undefined }],
    ['IPv6 only', { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] }],
  ])('does nothing for a Service that is %s', (_title, spec) => {
    expect(plan(spec, there).own).toEqual([]);
  });

  it('leaves Services of another proxy alone', () => {
    const service = makeService('web', { clusterIP: '10.96.0.7', ports: tcp });
    const metadata = { ...service.metadata, labels: { 'service.kubernetes.io/service-proxy-name': 'x' } };
    expect(planService({ ...service, metadata }, [], { name: 'here' }).own).toEqual([]);
  });

  it('refuses node ports and external addresses without endpoints; the cluster IP needs nothing', () => {
    const ports = [{ port: 80, nodePort: 30080, protocol: 'TCP' as const }];
    const { own, shared } = plan({ type: 'NodePort', ports, externalIPs: ['203.0.113.1'] });
    expect(text(own)).toEqual(['refused-node-ports: tcp . 30080']);
    expect(text(shared)).toEqual(['refused: 203.0.113.1 . tcp . 80']);
  });

  it('numbers local endpoints apart when outside traffic must stay on the node', () => {
    const ports = [{ port: 80, nodePort: 30080, protocol: 'TCP' as const }];
    const own = text(plan({ type: 'NodePort', externalTrafficPolicy: 'Local', ports }, here, there).own);
    expect(own).toContain('services: 10.96.0.7 . tcp . 80 → goto pick-2');
    expect(own).toContain('node-ports: tcp . 30080 → goto node-pick-2-local-1');
    expect(own).toContain(`node-endpoints: tcp . 30080 . ${localMark} → 10.244.1.2 . 8080`);
  });

  it('uses only local endpoints inside when the internal policy says so', () => {
    expect(text(plan({ internalTrafficPolicy: 'Local' }, here, there).own)[0]).toContain('goto pick-1');
    expect(plan({ internalTrafficPolicy: 'Local' }, there).own).toEqual([]);
  });

  it('remembers clients by what the endpoint is, not by its number', () => {
    const own = text(plan({ sessionAffinity: 'ClientIP' }, here, there).own);
    expect(own).toContain('services: 10.96.0.7 . tcp . 80 → goto pick-2-sticky-10800');
    const slot = slotOf('10.244.2.2', 8080);
    expect(own).toContain(`slots: 10.96.0.7 . tcp . 80 . ${clusterMark + 1} → ${slot}`);
    expect(own).toContain(`endpoints: 10.96.0.7 . tcp . 80 . ${slot} → 10.244.2.2 . 8080`);
    expect(text(plan({ sessionAffinity: 'ClientIP' }, there).own)).toContain(
      `endpoints: 10.96.0.7 . tcp . 80 . ${slot} → 10.244.2.2 . 8080`,
    );
  });

  it('answers at load balancer addresses, but not at those a proxy in front terminates', () => {
    const service = makeService('web', { type: 'LoadBalancer', clusterIP: '10.96.0.7', ports: tcp });
    const ingress = [{ ip: '203.0.113.5' }, { ip: '203.0.113.6', ipMode: 'Proxy' }];
    const balanced = { ...service, status: { loadBalancer: { ingress } } };
    const { shared } = planService(balanced, [makeSlice('web', [{ port: 8080 }], [there])], { name: 'here' });
    expect(text(shared)[0]).toBe('services: 203.0.113.5 . tcp . 80 → goto pick-1');
    expect(text(shared).join()).not.toContain('203.0.113.6');
  });
});

describe('load balancers with external policy Local', () => {
  const balanced = (spec: Partial<Service['spec']>, ...endpoints: TestEndpoint[]) => {
    const base: Partial<Service['spec']> = { type: 'LoadBalancer', clusterIP: '10.96.0.7', ports: tcp };
    const service = {
      ...makeService('web', { ...base, ...spec }),
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.5' }] } },
    };
    return planService(service, [makeSlice('web', [{ port: 8080 }], endpoints)], { name: 'here' });
  };

  it('report how many ready endpoints this node has', () => {
    const local: Partial<Service['spec']> = { externalTrafficPolicy: 'Local', healthCheckNodePort: 32000 };
    const draining: TestEndpoint = { ...here, address: '10.244.1.3', ready: false, serving: true, terminating: true };
    expect(balanced(local, here, there, draining).healthCheck).toEqual({ port: 32000, localEndpoints: 1 });
    expect(balanced(local, draining).healthCheck?.localEndpoints).toBe(0);
    expect(balanced({ healthCheckNodePort: 32000 }, here).healthCheck).toBeUndefined();
  });

  it('admit only the sources they name', () => {
    const shared = text(balanced({ loadBalancerSourceRanges: ['198.51.100.0/24', 'fd00::/8'] }, there).shared);
    expect(shared).toContain('firewalled: 203.0.113.5 . tcp . 80');
    expect(shared).toContain('allowed-sources: 203.0.113.5 . tcp . 80 . 198.51.100.0/24');
    expect(shared.join()).not.toContain('fd00');
  });
});

describe('forgetting UDP flows', () => {
  const udp = (...addresses: string[]) => {
    const service = makeService('dns', { clusterIP: '10.96.0.9', ports: [{ port: 53, protocol: 'UDP' }] });
    const slice = makeSlice(
      'dns',
      [{ port: 53, protocol: 'UDP' }],
      addresses.map((address) => ({ address })),
    );
    return planService(service, [slice], { name: 'here' });
  };
  const flow = ['-p', 'udp', '--orig-dst', '10.96.0.9', '--orig-port-dst', '53'];

  it('forgets flows to endpoints that left, and only those', () => {
    expect(planFlowCleanup(udp('a', 'b'), udp('b', 'c'))).toEqual([[...flow, '--reply-src', 'a']]);
  });

  it('forgets flows that went past the Service while it had no endpoint', () => {
    expect(planFlowCleanup(udp(), udp('a'))).toEqual([flow]);
    expect(planFlowCleanup(udp('a'), udp('a', 'b'))).toEqual([]);
  });

  it('forgets all flows of a Service that is gone', () => {
    const gone = planService(undefined, [], { name: 'here' });
    expect(planFlowCleanup(udp('a', 'b'), gone)).toHaveLength(2);
  });
});
