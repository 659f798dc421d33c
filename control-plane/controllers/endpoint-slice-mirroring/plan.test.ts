import { describe, expect, it } from 'vitest';
import type { Endpoints } from '../../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import { metaOf } from '../testing/fixtures.ts';
import { isMirrored, planMirror } from './plan.ts';

const endpoints = (subsets: Endpoints['subsets'], more: object = {}): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: metaOf('db', more),
  subsets,
});
const one = [
  {
    addresses: [{ ip: '10.1.2.3' }, { ip: 'fd00::3' }],
    notReadyAddresses: [{ ip: '10.1.2.4' }],
    ports: [{ name: 'sql', port: 5432, protocol: 'TCP' as const }],
  },
];

describe('mirrored Endpoints', () => {
  it('become one slice for each subset and family', () => {
    const { create } = planMirror(endpoints(one), []);
    expect(
      create.map(({ addressType, endpoints: found }) => [
        addressType,
        found?.map(({ addresses, conditions }) => [addresses[0], conditions?.ready]),
      ]),
    ).toEqual([
      [
        'IPv4',
        [
          ['10.1.2.3', true],
          ['10.1.2.4', false],
        ],
      ],
      ['IPv6', [['fd00::3', true]]],
    ]);
    expect(create[0]?.metadata.labels).toMatchObject({
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    });
  });

  it('change their slices in place, and nothing when nothing changed', () => {
    const slices = planMirror(endpoints(one), []).create.map(
      (slice, i) =>
        ({
          ...slice,
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: metaOf(`s${i}`, slice.metadata),
        }) as EndpointSlice,
    );
    expect(planMirror(endpoints(one), slices)).toEqual({ create: [], update: [], delete: [] });
    const next = planMirror(endpoints([{ addresses: [{ ip: '10.1.2.9' }], ports: one[0]?.ports }]), slices);
    expect([
      next.create.length,
      next.update.map(({ endpoints: found }) => found?.[0]?.addresses[0]),
      next.delete.length,
    ]).toEqual([0, ['10.1.2.9'], 1]);
  });

  it("are left out when they ask for it, or are a leader's lock", () => {
    expect(isMirrored(endpoints(one))).toBe(true);
    expect(isMirrored(endpoints(one, { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }))).toBe(false);
    expect(isMirrored(endpoints(one, { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }))).toBe(
      false,
    );
  });
});
