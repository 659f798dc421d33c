import { describe, expect, it } from 'vitest';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../api/kinds/resource/index.ts';
import { infoOf, nodeNamed, snapshotOf } from '../fixtures.ts';
import { planAllocations } from '../filters/dynamic-resources.ts';
import { defaultProfile } from '../profile.ts';
import { firstRefusal, prepareFilters, schedule } from '../schedule.ts';
import { formatSentence } from '../sentences.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { createDevicePools } from './device-pools.ts';

const driver = 'gpu.example.com';

interface SliceFacts {
  readonly nodeName?: string;
  readonly pool?: string;
  readonly generation?: number;
  readonly count?: number;
  readonly more?: object;
}

function slice(name: string, devices: readonly object[], facts: SliceFacts = {}): ResourceSlice {
  const { nodeName = 'n1', pool = nodeName, generation = 1, count = 1, more } = facts;
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name },
    spec: { driver, pool: { name: pool, generation, resourceSliceCount: count }, nodeName, devices, ...more },
  } as unknown as ResourceSlice;
}

function claim(name: string, requests: readonly object[], more: object = {}, status?: object): ResourceClaim {
  return {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name, namespace: 'default', uid: name },
    spec: { devices: { requests, ...more } },
    status,
  } as unknown as ResourceClaim;
}

const asks = (name: string, more: object = {}) => ({ name, exactly: { deviceClassName: 'gpu', count: 1, ...more } });
const gpus = (...names: string[]) =>
  names.map((name) => ({ name, attributes: { model: { string: name.slice(0, 1) } } }));
const uses = (...names: string[]) => ({
  spec: { resourceClaims: names.map((resourceClaimName) => ({ name: resourceClaimName, resourceClaimName })) },
});

/** Selectors of tests name a model: CEL is another module's. */
function clusterOf(slices: readonly ResourceSlice[], claims: readonly ResourceClaim[], nodeCount = 2): Snapshot {
  const snapshot = snapshotOf(Array.from({ length: nodeCount }, (_, i) => nodeNamed(`n${i + 1}`)));
  const pools = createDevicePools(slices);
  const classes: Record<string, unknown> = { gpu: { spec: { config: [{ opaque: { driver, parameters: {} } }] } } };
  snapshot.devices.sources = {
    claim: (key) => claims.find(({ metadata }) => key === `default/${metadata.name}`),
    deviceClass: (name) => classes[name] as DeviceClass | undefined,
    pools: () => pools,
    matches: (expression, { device }) => device.attributes?.['model']?.string === expression,
  };
  for (const one of claims) snapshot.devices.setClaim(`default/${one.metadata.name}`, one);
  return snapshot;
}

function devicesOf(snapshot: Snapshot, pod: ReturnType<typeof uses>): Record<string, string[]> | undefined {
  const info = infoOf('p', pod);
  const decision = schedule(snapshot, info, defaultProfile);
  if (!decision.placed) return undefined;
  const allocations = planAllocations(info, decision.node, snapshot);
  return Object.fromEntries(
    [...allocations].map(([key, { devices }]) => [
      key,
      (devices?.results ?? []).map(({ request, device }) => `${request}=${device}`),
    ]),
  );
}

describe('a pod with resource claims', () => {
  it('goes where free devices are, and they are taken with it', () => {
    const claims = [claim('a', [asks('one')]), claim('b', [asks('one')]), claim('c', [asks('one')])];
    const snapshot = clusterOf([slice('s', gpus('g1', 'g2'), { nodeName: 'n2' })], claims);
    for (const [name, expected] of [
      ['a', 'g1'],
      ['b', 'g2'],
    ] as const) {
      const info = infoOf(name, uses(name));
      const decision = schedule(snapshot, info, defaultProfile);
      if (!decision.placed) throw new Error('not placed');
      expect(decision.node.name).toBe('n2');
      const [allocation] = [...planAllocations(info, decision.node, snapshot).values()];
      expect(allocation).toEqual({
        devices: {
          results: [{ request: 'one', driver, pool: 'n2', device: expected }],
          config: [{ source: 'FromClass', requests: ['one'], opaque: { driver, parameters: {} } }],
        },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }],
        },
      });
      if (allocation) snapshot.devices.assume(`default/${name}`, allocation);
    }
    expect(devicesOf(snapshot, uses('c'))).toBeUndefined();
    snapshot.devices.forget('default/a');
    expect(devicesOf(snapshot, uses('c'))).toEqual({ 'default/c': ['one=g1'] });
  });

  it.each<[string, object, object, string[] | undefined]>([
    ['as many as it asks for', asks('r', { count: 2 }), {}, ['r=a1', 'r=a2']],
    ['all that match', asks('r', { allocationMode: 'All', selectors: [{ cel: { expression: 'b' } }] }), {}, ['r=b1']],
    ['what its selector accepts', asks('r', { selectors: [{ cel: { expression: 'b' } }] }), {}, ['r=b1']],
    ['no more than there are', asks('r', { count: 4 }), {}, undefined],
    [
      'the first alternative that can be met',
      {
        name: 'r',
        firstAvailable: [
          { name: 'many', deviceClassName: 'gpu', count: 9 },
          { name: 'few', deviceClassName: 'gpu', count: 1 },
        ],
      },
      {},
      ['r/few=a1'],
    ],
    ['alike ones', asks('r', { count: 2 }), { constraints: [{ matchAttribute: `${driver}/model` }] }, ['r=a1', 'r=a2']],
    [
      'different ones',
      asks('r', { count: 2 }),
      { constraints: [{ distinctAttribute: `${driver}/model` }] },
      ['r=a1', 'r=b1'],
    ],
    [
      'never three alike where there are two',
      asks('r', { count: 3 }),
      { constraints: [{ matchAttribute: `${driver}/model` }] },
      undefined,
    ],
  ])('gets %s', (_, request, more, expected) => {
    const snapshot = clusterOf([slice('s', gpus('a1', 'a2', 'b1'))], [claim('c', [request], more)]);
    expect(devicesOf(snapshot, uses('c'))?.['default/c']).toEqual(expected);
  });

  it('searches backwards when the first choice leaves nothing for a later request', () => {
    const requests = [asks('any'), asks('a', { selectors: [{ cel: { expression: 'a' } }] })];
    const snapshot = clusterOf([slice('s', gpus('a1', 'b1'))], [claim('c', requests)]);
    expect(devicesOf(snapshot, uses('c'))).toEqual({ 'default/c': ['any=b1', 'a=a1'] });
  });

  it('goes where the earlier alternative can be had, though another node would do', () => {
    const alternatives = {
      name: 'r',
      firstAvailable: ['B', 'A'].map((model) => ({
        name: model.toLowerCase(),
        deviceClassName: 'gpu',
        count: 1,
        selectors: [{ cel: { expression: model } }],
      })),
    };
    for (const [first, second] of [
      ['A', 'B'],
      ['B', 'A'],
    ] as const) {
      const slices = [slice('s1', gpus(first)), slice('s2', gpus(second), { nodeName: 'n2' })];
      const snapshot = clusterOf(slices, [claim('c', [alternatives])]);
      const decision = schedule(snapshot, infoOf('p', uses('c')), defaultProfile);
      expect(decision.placed && decision.node.name).toBe(first === 'B' ? 'n1' : 'n2');
      expect(decision.placed && decision.parts.DynamicResources).toBe(200);
    }
  });

  it('takes nothing from a pool that is incomplete or outdated', () => {
    const wanted = [claim('c', [asks('r')])];
    expect(devicesOf(clusterOf([slice('s', gpus('g'), { count: 2 })], wanted), uses('c'))).toBeUndefined();
    const slices = [slice('old', gpus('gone')), slice('new', gpus('here'), { generation: 2 })];
    expect(devicesOf(clusterOf(slices, wanted), uses('c'))).toEqual({ 'default/c': ['r=here'] });
  });

  it('leaves a tainted device unless it tolerates the taint', () => {
    const broken = [{ name: 'g', taints: [{ key: 'broken', effect: 'NoSchedule' }] }];
    const tolerations = [{ key: 'broken', operator: 'Exists' }];
    const wanted = [claim('c', [asks('r')]), claim('d', [asks('r', { tolerations })])];
    const snapshot = clusterOf([slice('s', broken)], wanted);
    expect(devicesOf(snapshot, uses('c'))).toBeUndefined();
    expect(devicesOf(snapshot, uses('d'))).toEqual({ 'default/d': ['r=g'] });
  });

  it('gives partitions only while their shared counters last', () => {
    const part = (name: string, memory: string) => ({
      name,
      consumesCounters: [{ counterSet: 'card', counters: { memory: { value: memory } } }],
    });
    const sharedCounters = [{ name: 'card', counters: { memory: { value: '40Gi' } } }];
    const slices = [
      slice('s', [part('half', '20Gi'), part('whole', '40Gi'), part('other-half', '20Gi')], {
        more: { sharedCounters },
      }),
    ];
    const snapshot = clusterOf(slices, [claim('c', [asks('r', { count: 2 })]), claim('d', [asks('r', { count: 3 })])]);
    expect(devicesOf(snapshot, uses('c'))).toEqual({ 'default/c': ['r=half', 'r=other-half'] });
    expect(devicesOf(snapshot, uses('d'))).toBeUndefined();
  });

  it('watches a device as an administrator without taking it', () => {
    const claims = [claim('c', [asks('r', { adminAccess: true })]), claim('d', [asks('r')])];
    const snapshot = clusterOf([slice('s', gpus('g'))], claims);
    const node = snapshot.node('n1');
    if (!node) throw new Error('no node');
    for (const [key, allocation] of planAllocations(infoOf('p', uses('c')), node, snapshot))
      snapshot.devices.assume(key, allocation);
    expect(devicesOf(snapshot, uses('d'))).toEqual({ 'default/d': ['r=g'] });
  });

  it('follows an allocated claim to its devices', () => {
    const nodeSelector = {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }],
    };
    const allocated = claim('c', [asks('r')], {}, { allocation: { devices: { results: [] }, nodeSelector } });
    const snapshot = clusterOf([], [allocated]);
    expect(schedule(snapshot, infoOf('p', uses('c')), defaultProfile)).toMatchObject({ node: { name: 'n2' } });
  });

  it.each<[string, ReturnType<typeof uses>, string, string, string]>([
    [
      'devices that are elsewhere',
      uses('far'),
      'resourceclaim not available on the node',
      'the devices of resource claim far cannot be reached from n1',
      'n1 无法使用资源声明 far 的设备',
    ],
    [
      'devices that are taken',
      uses('open'),
      'cannot allocate all claims',
      'n1 has no free devices that meet resource claims open',
      'n1 上没有满足资源声明 open 的空闲设备',
    ],
    [
      'a claim that is missing',
      uses('nobody'),
      'resourceclaim "nobody" not found',
      'resource claim nobody: resourceclaim "nobody" not found',
      '资源声明 nobody：resourceclaim "nobody" not found',
    ],
    [
      'a class that is missing',
      uses('odd'),
      'request r: device class odd does not exist',
      'resource claim odd: request r: device class odd does not exist',
      '资源声明 odd：request r: device class odd does not exist',
    ],
  ])('is told of %s, in both languages', (_, pod, reason, en, zh) => {
    const nodeSelector = {
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n9'] }] }],
    };
    const snapshot = clusterOf(
      [],
      [
        claim('far', [asks('r')], {}, { allocation: { devices: { results: [] }, nodeSelector } }),
        claim('open', [asks('r')]),
        claim('odd', [{ name: 'r', exactly: { deviceClassName: 'odd' } }]),
      ],
      1,
    );
    const filters = prepareFilters(snapshot, infoOf('p', pod), defaultProfile);
    const node = snapshot.node('n1');
    if (!node) throw new Error('no node');
    expect(firstRefusal(filters, node)?.reasons).toEqual([reason]);
    const [sentence] = filters.flatMap((filter) => filter.explain(node));
    if (!sentence) throw new Error('no sentence');
    expect(formatSentence(sentence, 'en')).toBe(en);
    expect(formatSentence(sentence, 'zh-CN')).toBe(zh);
  });
});

it('a rehearsal takes devices from its copy alone', () => {
  const snapshot = clusterOf([slice('s', gpus('g'))], [claim('c', [asks('r')])]);
  const copy = snapshot.clone();
  const node = copy.node('n1');
  if (!node) throw new Error('no node');
  for (const [key, allocation] of planAllocations(infoOf('p', uses('c')), node, copy))
    copy.devices.assume(key, allocation);
  expect(copy.devices.isTaken(`${driver}/n1/g`)).toBe(true);
  expect(snapshot.devices.isTaken(`${driver}/n1/g`)).toBe(false);
});
