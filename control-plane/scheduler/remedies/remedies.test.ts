import { describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../api/kinds/core/index.ts';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../api/kinds/resource/index.ts';
import type { CSINode, StorageClass } from '../../../api/kinds/storage/index.ts';
import { createDevicePools } from '../dynamic-resources/device-pools.ts';
import { explainPlacement } from '../explain.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from '../fixtures.ts';
import type { NodeFacts, PodFacts } from '../fixtures.ts';
import { defaultProfile, defaultProfiles } from '../profile.ts';
import { formatSentence } from '../sentences.ts';
import { simulate } from '../simulate.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { planRemedies } from './plan-remedies.ts';

interface Case {
  readonly title: string;
  readonly nodes: Record<string, NodeFacts>;
  readonly others?: readonly Pod[];
  readonly pod: PodFacts;
  readonly prepare?: (snapshot: Snapshot) => void;
  /** The objection of the first node, and the cheapest remedy, each in both languages. */
  readonly says: readonly [string, string];
  readonly suggests: readonly [string, string];
}

const web = (name: string, nodeName: string, more: PodFacts = {}): Pod =>
  podNamed(name, { labels: { app: 'web' }, controllerUid: 'rs', nodeName, ...more });
const term = (topologyKey: string) => ({ topologyKey, labelSelector: { matchLabels: { app: 'web' } } });
const requires = (what: 'podAffinity' | 'podAntiAffinity', topologyKey: string) => ({
  affinity: { [what]: { requiredDuringSchedulingIgnoredDuringExecution: [term(topologyKey)] } },
});
const spread = (maxSkew: number) => ({
  topologySpreadConstraints: [{ ...term('zone'), maxSkew, whenUnsatisfiable: 'DoNotSchedule' }],
});
const port = (hostPort: number) => ({
  containers: [{ name: 'main', image: 'x', ports: [{ containerPort: hostPort, hostPort, protocol: 'TCP' }] }],
});
const needs = (matchExpressions: object[]) => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  },
});
const usesClaim = (claimName: string) => ({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] });

/** Claims named `bound…` have a CSI volume, `solo…` are for one pod alone, others wait for a volume. */
function withVolumes(limit: number) {
  return (snapshot: Snapshot): void => {
    snapshot.volumes = {
      claim: (key) => {
        const name = key.split('/')[1] ?? '';
        const isBound = !name.startsWith('open');
        return {
          metadata: {
            name,
            namespace: 'default',
            uid: name,
            annotations: isBound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {},
          },
          spec: {
            ...(isBound ? { volumeName: name } : {}),
            accessModes: [name.startsWith('solo') ? 'ReadWriteOncePod' : 'ReadWriteOnce'],
            storageClassName: 'static',
            resources: { requests: { storage: '5Gi' } },
          },
        } as unknown as PersistentVolumeClaim;
      },
      volume: (name) =>
        ({ metadata: { name }, spec: { csi: { driver: 'disk', volumeHandle: name } } }) as PersistentVolume,
      volumes: () => [],
      storageClass: () =>
        ({ provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }) as StorageClass,
      csiNode: () => ({ spec: { drivers: [{ name: 'disk', nodeID: 'n', allocatable: { count: limit } }] } }) as CSINode,
    };
  };
}

function withOneDevice(snapshot: Snapshot): void {
  const slice = {
    metadata: { name: 's' },
    spec: {
      driver: 'gpu',
      nodeName: 'a',
      pool: { name: 'a', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'g' }],
    },
  } as unknown as ResourceSlice;
  const claims = ['mine', 'theirs'].map(
    (name) =>
      ({
        metadata: { name, namespace: 'default', uid: name },
        spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 1 } }] } },
        status:
          name === 'theirs'
            ? { allocation: { devices: { results: [{ request: 'r', driver: 'gpu', pool: 'a', device: 'g' }] } } }
            : undefined,
      }) as unknown as ResourceClaim,
  );
  const pools = createDevicePools([slice]);
  snapshot.devices.sources = {
    claim: (key) => claims.find(({ metadata }) => key === `default/${metadata.name}`),
    deviceClass: () => ({ spec: {} }) as DeviceClass,
    pools: () => pools,
    matches: () => true,
  };
  for (const claim of claims) snapshot.devices.setClaim(`default/${claim.metadata.name}`, claim);
}

const cases: readonly Case[] = [
  {
    title: 'NodeUnschedulable',
    nodes: { a: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] } },
    pod: {},
    says: ['a is cordoned: it takes no new pods', 'a 已被封锁，不接受新的 Pod'],
    suggests: ['uncordon a', '解除对 a 的封锁'],
  },
  {
    title: 'TaintToleration, several at once',
    nodes: {
      a: {
        taints: [
          { key: 'k', value: 'v', effect: 'NoSchedule' },
          { key: 'gone', effect: 'NoExecute' },
        ],
      },
    },
    pod: {},
    says: [
      'a has the taint k=v:NoSchedule, which the pod does not tolerate',
      'a 带有污点 k=v:NoSchedule，Pod 没有容忍它',
    ],
    suggests: [
      'remove the taint k=v:NoSchedule gone:NoExecute from a, or let the pod tolerate it',
      '移除 a 的污点 k=v:NoSchedule gone:NoExecute，或让 Pod 容忍它',
    ],
  },
  {
    title: 'NodeAffinity, the selector',
    nodes: { a: {} },
    pod: { spec: { nodeSelector: { disk: 'ssd' } } },
    says: ['a lacks the label disk=ssd that the pod selects', 'a 缺少 Pod 所选择的标签 disk=ssd'],
    suggests: ['label a with disk=ssd', '为 a 添加标签 disk=ssd'],
  },
  {
    title: 'NodeAffinity, terms',
    nodes: { a: { labels: { old: 'yes', cores: '4' } } },
    pod: {
      spec: needs([
        { key: 'arch', operator: 'In', values: ['arm64', 'amd64'] },
        { key: 'old', operator: 'DoesNotExist' },
        { key: 'cores', operator: 'Gt', values: ['8'] },
      ]),
    },
    says: ['a meets none of the 1 required node affinity terms', 'a 不满足任何一个必需的节点亲和条件（共 1 个）'],
    suggests: ['label a with arch=arm64 old- cores=9', '为 a 添加标签 arch=arm64 old- cores=9'],
  },
  {
    title: 'NodePorts',
    nodes: { a: {} },
    others: [podNamed('holder', { nodeName: 'a', spec: port(80) })],
    pod: { spec: port(80) },
    says: ['port 80/TCP of a is taken', 'a 的端口 80/TCP 已被占用'],
    suggests: ['move default/holder away from a', '将 default/holder 从 a 移走'],
  },
  {
    title: 'NodeResourcesFit, the number of pods',
    nodes: { a: { pods: 1 } },
    others: [podNamed('only', { nodeName: 'a' })],
    pod: {},
    says: ['a runs 1 pods, its limit is 1', 'a 已运行 1 个 Pod，上限为 1'],
    suggests: ['move default/only away from a', '将 default/only 从 a 移走'],
  },
  {
    title: 'NodeResourcesFit, amounts that are in use',
    nodes: { a: {} },
    others: [podNamed('small', { cpu: '500m', nodeName: 'a' }), podNamed('large', { cpu: '3', nodeName: 'a' })],
    pod: { cpu: '1' },
    says: ['a has 500m cpu free of 4, the pod asks for 1', 'a 的 cpu 剩余 500m（共 4），Pod 需要 1'],
    suggests: ['free 500m cpu on a', '在 a 上释放 500m cpu'],
  },
  {
    title: 'NodeResourcesFit, amounts that are not there',
    nodes: { a: { extended: { 'example.com/gpu': '2' } } },
    pod: { spec: { containers: [{ name: 'c', resources: { requests: { 'example.com/gpu': '3' } } }] } },
    says: ['a has 2 example.com/gpu free of 2, the pod asks for 3', 'a 的 example.com/gpu 剩余 2（共 2），Pod 需要 3'],
    suggests: [
      'lower the request to 2 example.com/gpu, which a has free',
      '将请求降低到 2 example.com/gpu（a 的剩余量）',
    ],
  },
  {
    title: 'NodeVolumeLimits',
    nodes: { a: {} },
    others: [podNamed('user', { nodeName: 'a', spec: usesClaim('bound-1') })],
    pod: { spec: usesClaim('bound-2') },
    prepare: withVolumes(1),
    says: [
      'a may attach 1 volumes of disk, has 1, and the pod needs 1 more',
      'a 最多可挂接 1 个 disk 存储卷，已有 1 个，Pod 还需要 1 个',
    ],
    suggests: ['move default/user away from a', '将 default/user 从 a 移走'],
  },
  {
    title: 'VolumeBinding',
    nodes: { a: {} },
    pod: { spec: usesClaim('open') },
    prepare: withVolumes(9),
    says: [
      'no volume for claim open is there on a, and its storage class makes none there',
      'a 上没有可供声明 open 使用的存储卷，其存储类也不能在此创建',
    ],
    suggests: [
      'make a volume of 5Gi and class "static" for claim open on a',
      '在 a 上为声明 open 创建 5Gi 的存储卷（存储类“static”）',
    ],
  },
  {
    title: 'VolumeRestrictions',
    nodes: { a: {} },
    others: [podNamed('user', { nodeName: 'a', spec: usesClaim('solo') })],
    pod: { spec: usesClaim('solo') },
    prepare: withVolumes(9),
    says: [
      'volume claim solo may be used by one pod only, and default/user uses it',
      '存储卷声明 solo 只能由一个 Pod 使用，default/user 正在使用它',
    ],
    suggests: ['move default/user away from a', '将 default/user 从 a 移走'],
  },
  {
    title: 'PodTopologySpread',
    nodes: { a: { labels: { zone: 'z1' } }, b: { labels: { zone: 'z2' }, cpu: '0' } },
    others: [web('w1', 'a')],
    pod: { cpu: '1', labels: { app: 'web' }, spec: spread(1) },
    says: [
      'zone=z1 would hold 2 matching pods, the fewest is 0, the allowed difference 1',
      'zone=z1 将有 2 个匹配的 Pod，最少的域为 0，允许的差为 1',
    ],
    suggests: ['raise maxSkew of the spread over zone to 2', '将 zone 分布约束的 maxSkew 提高到 2'],
  },
  {
    title: 'PodTopologySpread, a node without the label',
    nodes: { a: {}, b: { labels: { zone: 'z2' }, cpu: '0' } },
    pod: { cpu: '1', labels: { app: 'web' }, spec: spread(1) },
    says: ['a lacks the topology label zone of the spread constraint', 'a 缺少分布约束所需的拓扑标签 zone'],
    suggests: ['label a with zone=z2', '为 a 添加标签 zone=z2'],
  },
  {
    title: 'InterPodAffinity, nearness',
    nodes: { a: {}, b: { labels: { zone: 'z2' }, cpu: '0' } },
    others: [web('w1', 'b')],
    pod: { cpu: '1', spec: requires('podAffinity', 'zone') },
    says: ['a lacks the topology label zone of the pod affinity', 'a 缺少 Pod 亲和所需的拓扑标签 zone'],
    suggests: ['label a with zone=z2', '为 a 添加标签 zone=z2'],
  },
  {
    title: 'InterPodAffinity, distance',
    nodes: { a: {} },
    others: [web('w1', 'a')],
    pod: { spec: requires('podAntiAffinity', 'kubernetes.io/hostname') },
    says: [
      '1 pods that the pod must stay apart from run in kubernetes.io/hostname=a',
      '在 kubernetes.io/hostname=a 中有 1 个该 Pod 必须避开的 Pod',
    ],
    suggests: ['move default/w1 away from a', '将 default/w1 从 a 移走'],
  },
  {
    title: 'InterPodAffinity, distance that others keep',
    nodes: { a: {} },
    others: [podNamed('shy', { nodeName: 'a', spec: requires('podAntiAffinity', 'kubernetes.io/hostname') })],
    pod: { labels: { app: 'web' } },
    says: [
      'pods in kubernetes.io/hostname=a must stay apart from this pod',
      'kubernetes.io/hostname=a 中的 Pod 必须避开此 Pod',
    ],
    suggests: ['move default/shy away from a', '将 default/shy 从 a 移走'],
  },
  {
    title: 'DynamicResources',
    nodes: { a: {} },
    others: [
      podNamed('user', { nodeName: 'a', spec: { resourceClaims: [{ name: 'c', resourceClaimName: 'theirs' }] } }),
    ],
    pod: { spec: { resourceClaims: [{ name: 'c', resourceClaimName: 'mine' }] } },
    prepare: withOneDevice,
    says: ['a has no free devices that meet resource claims mine', 'a 上没有满足资源声明 mine 的空闲设备'],
    suggests: [
      'end the pods that use resource claim default/theirs, so that its devices become free',
      '结束使用资源声明 default/theirs 的 Pod，释放其设备',
    ],
  },
];

function build({ nodes, others, prepare }: Case): Snapshot {
  const snapshot = snapshotOf(
    Object.entries(nodes).map(([name, facts]) => nodeNamed(name, facts)),
    others,
  );
  prepare?.(snapshot);
  return snapshot;
}

describe('what a filter says, and what is suggested', () => {
  it.each(cases)('$title: in both languages', (one) => {
    const { nodes, remedies } = explainPlacement(build(one), infoOf('p', one.pod), defaultProfile);
    const refused = nodes.find(({ node }) => node === 'a')?.refusals?.flatMap(({ sentences }) => sentences)[0];
    const [remedy] = remedies;
    if (!refused || !remedy) throw new Error(`nothing said of ${JSON.stringify(nodes)}`);
    expect([formatSentence(refused, 'en'), formatSentence(refused, 'zh-CN')]).toEqual(one.says);
    expect([formatSentence(remedy.sentence, 'en'), formatSentence(remedy.sentence, 'zh-CN')]).toEqual(one.suggests);
  });

  it.each(cases)('$title: every suggestion lets the pod fit when it is rehearsed', (one) => {
    const snapshot = build(one);
    const info = infoOf('p', one.pod);
    const context = { profiles: defaultProfiles, budgets: [], pending: [info] };
    expect(simulate(snapshot, [], context).placed).toEqual([]);
    const remedies = planRemedies(snapshot, info, defaultProfile);
    expect(remedies.length).toBeGreaterThan(0);
    for (const { change, node } of remedies) {
      const { placed } = simulate(snapshot, [{ type: 'remedy-applied', pod: info.key, change }], context);
      expect(placed).toEqual([{ pod: info.key, to: node }]);
    }
    expect(simulate(snapshot, [], context).placed).toEqual([]);
  });
});

it('a rehearsed remedy also says what becomes of the pods that make room', () => {
  const snapshot = snapshotOf(
    [nodeNamed('a'), nodeNamed('b', { labels: { other: 'yes' } })],
    [web('w1', 'a', { cpu: '3' })],
  );
  const info = infoOf('p', { cpu: '2', spec: { nodeSelector: { 'kubernetes.io/hostname': 'a' } } });
  const context = { profiles: defaultProfiles, budgets: [], pending: [info] };
  const remedy = planRemedies(snapshot, info, defaultProfile).find(({ kind }) => kind === 'free-resources');
  if (!remedy) throw new Error('no remedy');
  const result = simulate(snapshot, [{ type: 'remedy-applied', pod: info.key, change: remedy.change }], context);
  expect(result.moved).toEqual([{ pod: 'default/w1', from: 'a', to: 'b' }]);
});

it('asks nothing of a pod that no single change helps', () => {
  const snapshot = snapshotOf([
    nodeNamed('a', { cpu: '1', unschedulable: true, taints: [{ key: 'x', effect: 'NoSchedule' }] }),
  ]);
  expect(planRemedies(snapshot, infoOf('p', { cpu: '8' }), defaultProfile)).toEqual([]);
});
