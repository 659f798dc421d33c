// Every planner comes to rest: the plan after its own effect is empty, whatever the start.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DaemonSet, ReplicaSet, StatefulSet } from '../../../api/kinds/apps/index.ts';
import type { Pod } from '../../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { IPAddress, ServiceCIDR } from '../../../api/kinds/networking/index.ts';
import type { Draft } from '../../../api/meta/object-meta.ts';
import { planDaemonSet, planDaemonSetStatus } from '../daemon-set/plan.ts';
import { planEndpointSlices } from '../endpoint-slice/plan.ts';
import { planSilentConditions, planTaints } from '../node-lifecycle/plan.ts';
import { planReplicaStatus, planReplicas } from '../replica-set/plan.ts';
import { revisionHashLabel } from '../revision-history.ts';
import { cidrFinalizer, planServiceCidr, rangesOf } from '../service-cidr/plan.ts';
import { planService } from '../service-ip-repair/plan.ts';
import { planStatefulSet } from '../stateful-set/plan.ts';
import { makeDeployment, makeNode, makePod, makeService, makeSet, metaOf, startMs } from './fixtures.ts';

const nowMs = startMs + 3_600_000;
const phase = fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed');
const podState = fc.record({ phase, ready: fc.boolean(), deleting: fc.boolean() });
const hash = 'new';

describe('a plan after its own effect is empty', () => {
  it('ReplicaSet', () => {
    const state = fc.tuple(fc.array(podState, { maxLength: 12 }), fc.integer({ min: 0, max: 12 }));
    fc.assert(
      fc.property(state, ([states, replicas]) => {
        const set = makeSet(makeDeployment('web'), 'a', replicas);
        const pods = states.map((options, i) => makePod(`p${i}`, options));
        const plan = planReplicas(set, pods, pods, nowMs);
        const after = [
          ...pods.filter((pod) => !plan.delete.includes(pod)),
          ...Array.from({ length: plan.create }, (_, i) => makePod(`new${i}`)),
        ];
        expect(planReplicas(set, after, after, nowMs)).toEqual({ create: 0, delete: [] });
        const { status } = planReplicaStatus(set, after, undefined, nowMs);
        const reported = { ...set, status } as ReplicaSet;
        expect(planReplicaStatus(reported, after, undefined, nowMs).status).toEqual(status);
      }),
    );
  });

  it('DaemonSet', () => {
    const set: DaemonSet = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: metaOf('logs'),
      spec: {
        selector: { matchLabels: { app: 'logs' } },
        template: { metadata: { labels: { app: 'logs' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      },
    };
    const place = fc.record({
      node: fc.integer({ min: 0, max: 4 }),
      hash: fc.constantFrom(hash, 'old'),
      ready: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(place, { maxLength: 8 }), (nodeCount, places) => {
        const nodes = Array.from({ length: nodeCount }, (_, i) => makeNode(`n${i}`));
        let pods = places.map(({ node, ready, hash: own }, i) =>
          // A new pod that is not ready would rightly hold the others up.
          makePod(`p${i}`, {
            nodeName: `n${node}`,
            ready: ready || own === hash,
            labels: { [revisionHashLabel]: own },
          }),
        );
        for (let step = 0; ; step++) {
          expect(step).toBeLessThan(20);
          const plan = planDaemonSet(set, nodes, pods, hash, nowMs);
          if (plan.create.length + plan.delete.length === 0) break;
          pods = [
            ...pods.filter((pod) => !plan.delete.includes(pod)),
            ...plan.create.map((nodeName, i) =>
              makePod(`s${step}-${i}`, { nodeName, labels: { [revisionHashLabel]: hash } }),
            ),
          ];
        }
        const { status } = planDaemonSetStatus(set, nodes, pods, hash, nowMs);
        expect(status.updatedNumberScheduled ?? 0).toBe(nodeCount);
        expect(planDaemonSetStatus({ ...set, status }, nodes, pods, hash, nowMs).status).toEqual(status);
      }),
    );
  });

  it('StatefulSet', () => {
    const spec = fc.record({
      replicas: fc.integer({ min: 0, max: 6 }),
      podManagementPolicy: fc.constantFrom('OrderedReady' as const, 'Parallel' as const),
    });
    const present = fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 8 });
    fc.assert(
      fc.property(spec, present, ({ replicas, podManagementPolicy }, ordinals) => {
        const set = {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          metadata: metaOf('db'),
          spec: { replicas, podManagementPolicy, serviceName: 'db', selector: {}, template: {} },
        } as unknown as StatefulSet;
        const podOf = (ordinal: number): Pod => makePod(`db-${ordinal}`, { labels: { [revisionHashLabel]: hash } });
        let pods = ordinals.map(podOf);
        for (let step = 0; ; step++) {
          expect(step).toBeLessThan(30);
          const plan = planStatefulSet(set, pods, { current: hash, update: hash }, nowMs);
          if (plan.create.length + plan.delete.length === 0) break;
          pods = [
            ...pods.filter((pod) => !plan.delete.includes(pod)),
            ...plan.create.map(({ ordinal }) => podOf(ordinal)),
          ];
        }
        const names = Array.from({ length: replicas }, (_, i) => `db-${i}`);
        expect(pods.map(({ metadata }) => metadata.name).sort()).toEqual(names.sort());
      }),
    );
  });

  it('EndpointSlice', () => {
    const places = fc.array(fc.record({ ready: fc.boolean(), ip: fc.integer({ min: 1, max: 250 }) }), {
      maxLength: 30,
    });
    const distribution = fc.constantFrom(undefined, 'PreferSameZone', 'PreferSameNode');
    fc.assert(
      fc.property(places, places, distribution, (before, after, trafficDistribution) => {
        const service = makeService('web', { trafficDistribution });
        const zoneOf = (): string => 'z';
        let slices: EndpointSlice[] = [];
        let made = 0;
        const sync = (states: typeof before): number => {
          const pods = states.map(({ ready, ip }, i) =>
            makePod(`p${i}`, { labels: { app: 'web' }, ready, ip: `10.0.0.${ip}`, nodeName: `n${i}` }),
          );
          const plan = planEndpointSlices(service, pods, slices, zoneOf);
          const named = (draft: Draft<EndpointSlice>): EndpointSlice =>
            ({ ...draft, metadata: metaOf(`s${made++}`, draft.metadata) }) as EndpointSlice;
          slices = [
            ...slices
              .filter((slice) => !plan.delete.includes(slice))
              .map((slice) => plan.update.find(({ metadata }) => metadata.name === slice.metadata.name) ?? slice),
            ...plan.create.map(named),
          ];
          return plan.create.length + plan.update.length + plan.delete.length;
        };
        sync(before);
        expect(sync(before)).toBe(0);
        sync(after);
        expect(sync(after)).toBe(0);
      }),
    );
  });

  it('node conditions and taints', () => {
    const ready = fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const);
    const eviction = fc.constantFrom('allowed' as const, 'rationed' as const, 'called-off' as const);
    const taint = fc
      .constantFrom('node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready', 'mine')
      .map((key) => ({
        key,
        effect: 'NoExecute' as const,
      }));
    fc.assert(
      fc.property(
        ready,
        eviction,
        fc.uniqueArray(taint, { selector: ({ key }) => key }),
        fc.boolean(),
        (status, how, taints, unschedulable) => {
          const node = makeNode('n', status, { taints, unschedulable });
          const next = { ...node, spec: { ...node.spec, taints: planTaints(node, how, nowMs) ?? taints } };
          expect(planTaints(next, how, nowMs + 1_000)).toBeUndefined();
          const conditions = planSilentConditions(node, nowMs);
          const silent = { ...node, status: { ...node.status, ...(conditions ? { conditions } : {}) } };
          expect(planSilentConditions(silent, nowMs + 1_000)).toBeUndefined();
        },
      ),
    );
  });

  it('ServiceCIDRs, and Services with their addresses', () => {
    const cidrOf = (name: string, range: string): ServiceCIDR => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: metaOf(name, { namespace: undefined }),
      spec: { cidrs: [range] },
    });
    let cidr = cidrOf('kubernetes', '10.96.0.0/16');
    for (let step = 0; ; step++) {
      expect(step).toBeLessThan(4);
      const plan = planServiceCidr(cidr, [cidr], [], nowMs);
      if (plan.do === 'nothing') break;
      if (plan.do === 'protect') cidr = { ...cidr, metadata: { ...cidr.metadata, finalizers: [cidrFinalizer] } };
      if (plan.do === 'report') cidr = { ...cidr, status: { conditions: [plan.condition] } };
    }
    expect(cidr.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);

    const parent = fc.constantFrom('web', 'gone', 'none');
    fc.assert(
      fc.property(parent, (name) => {
        const service = makeService('web');
        const address = (parentName: string): IPAddress => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'IPAddress',
          metadata: metaOf('10.96.0.7', { namespace: undefined }),
          spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: parentName } },
        });
        const present = name === 'none' ? undefined : address(name);
        const plan = planService(
          service,
          rangesOf(cidr),
          () => present,
          () => undefined,
        );
        const mended = plan.create.length + plan.recreate.length > 0 ? address('web') : present;
        const again = planService(
          service,
          rangesOf(cidr),
          () => mended,
          () => undefined,
        );
        expect(again).toEqual({ complaints: [], create: [], recreate: [] });
      }),
    );
  });
});
