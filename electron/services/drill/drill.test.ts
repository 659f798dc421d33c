import { describe, expect, it } from 'vitest';
import type { EtcdMember, NodeRow, PodRow } from '../../../api/console/index.ts';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import type { EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import { compareDrill } from './compare.ts';
import type { DrillFacts } from './facts.ts';
import { createObservation, type Sight } from './observe.ts';
import { planDrill } from './plan-drill.ts';
import { machineBreak } from './run-drill.ts';

const ready = [{ type: 'Ready', status: 'True' }];
const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' };

function node(name: string, isReady = true): Node {
  const conditions = isReady ? ready : [{ type: 'Ready', status: 'Unknown' }];
  const addresses = [{ type: 'InternalIP', address: `10.0.0.${name.slice(-1)}` }];
  const spec = { podCIDR: `10.244.${name.slice(-1)}.0/24` };
  return { metadata: { name }, spec, status: { conditions, addresses } } as unknown as Node;
}

function pod(name: string, owner: string | undefined, patienceSeconds?: number): Pod {
  const kind = owner === 'DaemonSet' || owner === 'Job' ? owner : 'ReplicaSet';
  const ownerReferences = owner === undefined ? [] : [{ kind, name: owner, uid: owner, controller: true }];
  const tolerations = patienceSeconds === undefined ? [] : [{ ...unreachable, tolerationSeconds: patienceSeconds }];
  return {
    metadata: { name, namespace: 'shop', uid: name, ownerReferences },
    spec: { nodeName: 'm-1', containers: [{ name: 'c' }], tolerations },
    status: { phase: 'Running', conditions: ready, containerStatuses: [{ ready: true, state: { running: {} } }] },
  } as unknown as Pod;
}

function slice(service: string, ...endpoints: [pod: string, node: string][]): EndpointSlice {
  return {
    metadata: { name: service, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
    endpoints: endpoints.map(([name, nodeName]) => ({ nodeName, targetRef: { name }, conditions: { ready: true } })),
  } as unknown as EndpointSlice;
}

const member = (name: string, healthy = true): EtcdMember => ({ name, endpoint: name, healthy, leader: false });
const settings = { nodeMonitorGraceSeconds: 40, podEvictionTimeoutSeconds: 300, parallelism: 4, extraSans: [] };
const nobody = { moved: [], placed: [], pending: [], removed: [], budgetsBroken: [] };

function facts(more: Partial<DrillFacts> = {}): DrillFacts {
  const machines = [
    { name: 'm-1', role: 'both', port: 2222 },
    { name: 'm-2', role: 'both' },
    { name: 'm-3', role: 'both' },
    { name: 'm-4', role: 'node' },
  ];
  return {
    target: { kind: 'agent', machine: 'm-1' },
    holdSeconds: 120,
    apiReady: true,
    failing: [],
    members: [member('m-1'), member('m-2'), member('m-3')],
    nodes: [node('m-1'), node('m-2'), node('m-3'), node('m-4')],
    pods: [],
    slices: [],
    rehearsal: nobody,
    spec: { machines, settings } as unknown as NonNullable<DrillFacts['spec']>,
    ...more,
  };
}

describe('the plan of a drill', () => {
  const pods = [pod('quick', 'web', 20), pod('slow', 'web', 300), pod('own', 'DaemonSet'), pod('bare', undefined, 0)];
  const moved = ['quick', 'slow'].map((name) => ({ pod: `shop/${name}`, from: 'm-1', to: 'm-2' }));
  const silent = facts({
    pods,
    rehearsal: { ...nobody, moved },
    slices: [slice('web', ['quick', 'm-1'], ['slow', 'm-1']), slice('wide', ['quick', 'm-1'], ['far', 'm-2'])],
  });

  it('moves those pods of a silent machine whose patience ends before the drill', () => {
    const { prediction, refusals } = planDrill(silent);
    expect(refusals).toEqual([]);
    expect(prediction).toMatchObject({
      noticedAfterSeconds: 40,
      leaveAfterSeconds: 40,
      moved: [{ pod: 'shop/quick' }],
      gone: ['shop/bare'],
      services: ['shop/web'],
    });
  });

  it('moves nothing before the cluster notices, and says where other machines do', () => {
    const { prediction, warnings } = planDrill({
      ...silent,
      holdSeconds: 10,
      target: { kind: 'link', machine: 'm-1' },
    });
    expect(prediction).toMatchObject({ moved: [], gone: [], services: [], quorum: { working: 2, canLose: 0 } });
    expect(warnings.map(({ en }) => en).join()).toContain('cannot reach these Services');
  });

  it('says that either may happen where the drill is about as long as the patience', () => {
    const said = (holdSeconds: number): string =>
      planDrill({ ...silent, holdSeconds })
        .warnings.map(({ en }) => en)
        .join();
    expect(said(45)).toContain('less than 25 s or more than 55 s');
    expect(said(120)).not.toContain('either may happen');
  });

  it('leaves out what is not followed: pods of Jobs, and those that do not work', () => {
    const idle = { ...pod('ill', 'web', 0), status: { phase: 'Pending' } } as unknown as Pod;
    const all = [pod('work', 'Job', 0), idle];
    const rehearsed = all.map(({ metadata }) => ({ pod: `shop/${metadata.name}`, from: 'm-1', to: 'm-2' }));
    const { prediction, warnings } = planDrill(facts({ pods: all, rehearsal: { ...nobody, moved: rehearsed } }));
    expect(prediction.moved).toEqual([]);
    expect(warnings[0]?.en).toContain('2 of the pods concerned');
  });

  it('kills a pod: its Service is without an endpoint, its workload makes another', () => {
    const { prediction } = planDrill({
      ...silent,
      target: { kind: 'pod', namespace: 'shop', name: 'quick' },
      pods: [pod('quick', 'web', 20)],
      slices: [slice('web', ['quick', 'm-1'])],
    });
    expect(prediction).toMatchObject({ moved: [{ pod: 'shop/quick' }], gone: [], services: ['shop/web'] });
    expect(prediction).not.toHaveProperty('noticedAfterSeconds');
  });

  it.each<[string, Partial<DrillFacts>, RegExp]>([
    ['the quorum would break', { members: [member('m-1'), member('m-2'), member('m-3', false)] }, /only 1 of the 2/],
    ['it is the only master', { members: [member('m-1')] }, /only machine that keeps/],
    [
      'there is no other control plane',
      {
        spec: {
          ...facts().spec!,
          machines: [{ name: 'm-1', role: 'master' }] as unknown as NonNullable<DrillFacts['spec']>['machines'],
        },
      },
      /only machine with a control plane/,
    ],
    ['the members are not known', { members: [] }, /quorum cannot be judged/],
    ['a machine is not ready', { nodes: [node('m-1'), node('m-2', false)] }, /Not every machine is ready: m-2/],
    ['the API is not ready', { apiReady: false, failing: ['etcd'] }, /does not call itself ready \(etcd\)/],
    ['the machine is no master', { target: { kind: 'master', machine: 'm-4' } }, /runs no control plane/],
    ['there is no login', { spec: undefined }, /was not built with this console/],
  ])('is refused when %s', (_why, more, reason) => {
    const { refusals } = planDrill(facts({ target: { kind: 'master', machine: 'm-1' }, ...more }));
    expect(refusals.map(({ en }) => en).join(' ')).toMatch(reason);
  });

  it('does not ask for the quorum where only an agent stops', () => {
    expect(planDrill(facts({ members: [member('m-1')] })).refusals).toEqual([]);
  });
});

it('a machine is cut from the others, from their pods and from the address that moves among the masters', () => {
  const spec = { ...facts().spec!, settings: { ...settings, virtualAddress: '10.0.0.200' } };
  expect(machineBreak({ kind: 'link', machine: 'm-1' }, [node('m-1'), node('m-2')], spec)).toEqual({
    kind: 'link',
    others: ['10.0.0.2', '10.244.2.0/24', '10.0.0.200'],
    sshPorts: [2222],
  });
});

describe('what a drill sees', () => {
  const row = (name: string, more: Partial<PodRow> = {}): PodRow =>
    ({
      uid: name,
      namespace: 'shop',
      name,
      state: 'running',
      owner: { kind: 'Deployment', name: 'web' },
      node: 'm-1',
      createdAt: 1,
      over: false,
      ...more,
    }) as PodRow;
  const machine = (name: string, state: string): NodeRow => ({ name, state }) as unknown as NodeRow;
  const sight = (atMs: number, pods: PodRow[], more: Partial<Sight> = {}): Sight => ({
    atMs,
    pods,
    nodes: [machine('m-1', 'ready')],
    served: new Set(['shop/web']),
    members: [],
    membersAtMs: atMs,
    ...more,
  });

  it('a pod that moves, the time its Service was without it, and when all is as before', () => {
    const seen = createObservation(sight(0, [row('a'), row('b')]), 'm-1');
    seen.broken(100);
    seen.answered(100);
    const away = { nodes: [machine('m-1', 'notReady')], served: new Set<string>() };
    seen.see(sight(1000, [row('a', { state: 'terminating' }), row('b')], away));
    expect(seen.missing).toEqual(['m-1', 'shop/Deployment/web']);
    expect(seen.actual).toMatchObject({ noticedMs: 900, ready: 1, readyBefore: 2, moved: [] });
    seen.see(sight(2000, [row('b'), row('c', { node: 'm-2', createdAt: 5 })], away));
    seen.answered(2100);
    seen.see(sight(3000, [row('b'), row('c', { node: 'm-2', createdAt: 5 })]));
    expect(seen.actual.wholeAt).toBeUndefined();
    seen.back(3500);
    seen.see(sight(3600, [row('b'), row('c', { node: 'm-2' })], { membersAtMs: 3400 }));
    expect(seen.actual.wholeAt).toBeUndefined(); // the members were not asked since
    seen.see(sight(4000, [row('b'), row('c', { node: 'm-2' })]));
    expect(seen.actual).toMatchObject({
      moved: [{ pod: 'shop/a', from: 'm-1', to: 'm-2' }],
      services: [{ service: 'shop/web', ms: 2000 }],
      apiGapMs: 2000,
      ready: 2,
      wholeAt: 4000,
    });
  });

  it('a pod that nobody makes anew, and one that no machine takes', () => {
    const bare = row('bare', { owner: undefined });
    const seen = createObservation(sight(0, [row('a'), bare]), undefined);
    seen.broken(0);
    seen.see(sight(500, [row('c', { node: undefined, state: 'pending', message: '0/1 nodes', createdAt: 9 })]));
    expect(seen.actual).toMatchObject({ gone: ['shop/bare'], pending: ['shop/a'], moved: [] });
  });

  it('is compared by name: what was missed, and what surprises', () => {
    const { prediction } = planDrill(
      facts({
        pods: [pod('a', 'web', 0), pod('b', 'web', 0)],
        rehearsal: { ...nobody, moved: ['a', 'b'].map((name) => ({ pod: `shop/${name}`, from: 'm-1', to: 'm-2' })) },
      }),
    );
    const { actual } = createObservation(sight(0, []), 'm-1');
    const verdicts = compareDrill(
      prediction,
      {
        ...actual,
        canLose: 1,
        moved: [{ pod: 'shop/a', from: 'm-1', to: 'm-3' }],
        services: [{ service: 'shop/web', ms: 3 }],
      },
      true,
    );
    const of = (measure: string): unknown => verdicts.find((one) => one.measure === measure);
    expect(of('moved')).toMatchObject({ predicted: 2, actual: 1, agrees: false, missed: ['shop/b'], surprises: [] });
    expect(of('services')).toMatchObject({ agrees: false, surprises: ['shop/web'] });
    expect(of('back')).toMatchObject({ agrees: true });
    expect(of('gone')).toMatchObject({ agrees: true });
  });
});
