import { describe, expect, it } from 'vitest';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { PodOptions } from '../testing/fixtures.ts';
import { makePod, makeService, metaOf } from '../testing/fixtures.ts';
import { planEndpoints } from '../endpoints/plan.ts';
import { planEndpointSlices } from './plan.ts';

const pod = (n: number, more: PodOptions = {}) =>
  makePod(`web-${n}`, { labels: { app: 'web' }, nodeName: 'worker-1', ip: `10.244.1.${n}`, ...more });

/** The slices after the plan, as the server would have them. */
function applied(plan: ReturnType<typeof planEndpointSlices>, slices: EndpointSlice[]): EndpointSlice[] {
  const kept = slices
    .filter((slice) => !plan.delete.includes(slice))
    .map((slice) => plan.update.find(({ metadata }) => metadata.uid === slice.metadata.uid) ?? slice);
  const made = plan.create.map(
    (slice, i) =>
      ({
        ...slice,
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: metaOf(`s${kept.length + i}-${Math.random()}`, slice.metadata),
      }) as EndpointSlice,
  );
  return [...kept, ...made];
}

describe('EndpointSlices', () => {
  it('carry each pod with its conditions, node and reference', () => {
    const service = makeService('web', {}, { team: 'blue' });
    const { create } = planEndpointSlices(
      service,
      [pod(1), pod(2, { ready: false }), pod(3, { deleting: true })],
      [],
      () => 'zone-a',
    );
    expect(create).toHaveLength(1);
    expect(create[0]?.metadata).toMatchObject({
      generateName: 'web-',
      labels: {
        team: 'blue',
        'kubernetes.io/service-name': 'web',
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [{ kind: 'Service', name: 'web', controller: true }],
    });
    expect(create[0]?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(create[0]?.endpoints).toEqual([
      {
        addresses: ['10.244.1.1'],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'worker-1',
        targetRef: { kind: 'Pod', namespace: 'default', name: 'web-1', uid: 'uid-web-1' },
        zone: 'zone-a',
      },
      expect.objectContaining({ conditions: { ready: false, serving: false, terminating: false } }),
      expect.objectContaining({ conditions: { ready: false, serving: true, terminating: true } }),
    ]);
  });

  it('leave out pods that ended or have no address', () => {
    const { create } = planEndpointSlices(
      makeService('web'),
      [pod(1, { phase: 'Succeeded' }), pod(2, { ip: undefined })],
      [],
    );
    expect(create[0]?.endpoints).toEqual([]);
  });

  it('resolve named ports pod by pod, one group of slices for each result', () => {
    const service = makeService('web', { ports: [{ name: 'http', port: 80, targetPort: 'web' }] });
    const named = (containerPort: number): PodOptions => ({
      spec: { containers: [{ name: 'web', image: 'x', ports: [{ name: 'web', containerPort, protocol: 'TCP' }] }] },
    });
    const { create } = planEndpointSlices(service, [pod(1, named(8080)), pod(2, named(9090)), pod(3, named(8080))], []);
    expect(create.map(({ ports, endpoints }) => [ports?.[0]?.port, endpoints?.length])).toEqual([
      [8080, 2],
      [9090, 1],
    ]);
  });

  it('keep endpoints where they are and change nothing when nothing changed', () => {
    const service = makeService('web');
    const pods = Array.from({ length: 150 }, (_, n) => pod(n));
    let slices = applied(planEndpointSlices(service, pods, []), []);
    expect(slices.map(({ endpoints }) => endpoints?.length)).toEqual([100, 50]);
    expect(planEndpointSlices(service, pods, slices)).toEqual({ create: [], update: [], delete: [] });
    const fewer = pods.filter((_, n) => n !== 3);
    const plan = planEndpointSlices(service, fewer, slices);
    expect([plan.create.length, plan.update.length, plan.delete.length]).toEqual([0, 1, 0]);
    slices = applied(plan, slices);
    const refilled = planEndpointSlices(service, [...fewer, pod(200)], slices);
    expect([refilled.create.length, refilled.update.length]).toEqual([0, 1]);
    slices = applied(planEndpointSlices(service, [], slices), slices);
    expect(slices).toHaveLength(1);
    expect(slices[0]?.endpoints).toEqual([]);
  });
});

describe('Endpoints', () => {
  it('list ready and other addresses by port, without leaving pods', () => {
    const service = makeService('web');
    const next = planEndpoints(
      service,
      [pod(2), pod(1), pod(3, { ready: false }), pod(4, { deleting: true })],
      undefined,
    );
    expect(next?.subsets).toEqual([
      {
        addresses: [
          expect.objectContaining({ ip: '10.244.1.1' }),
          expect.objectContaining({ ip: '10.244.1.2', nodeName: 'worker-1' }),
        ],
        notReadyAddresses: [expect.objectContaining({ ip: '10.244.1.3' })],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ]);
    const present = { ...next, apiVersion: 'v1', kind: 'Endpoints', metadata: metaOf('web', next?.metadata) };
    expect(planEndpoints(service, [pod(1), pod(2), pod(3, { ready: false })], present)).toBeUndefined();
  });
});
