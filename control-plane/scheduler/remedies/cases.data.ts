// For each thing that a filter says against a node: what it says, and the cheapest suggestion, in both languages.
import { podNamed } from '../fixtures.ts';
import {
  needs,
  port,
  requires,
  spread,
  term,
  usesClaim,
  web,
  withFreeDevice,
  withOneDevice,
  withVolumes,
} from './fixtures.ts';
import type { Case } from './fixtures.ts';

export const remedyCases: readonly Case[] = [
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
  {
    title: 'SchedulingGates',
    nodes: { a: {} },
    pod: { spec: { schedulingGates: [{ name: 'example.com/licence' }, { name: 'example.com/data' }] } },
    says: [
      'the pod is held back by the scheduling gates example.com/licence, example.com/data',
      'Pod 被调度门控 example.com/licence, example.com/data 暂停调度',
    ],
    suggests: [
      'take the scheduling gates example.com/licence, example.com/data away once what they wait for is done',
      '待其等待的条件满足后，移除调度门控 example.com/licence, example.com/data',
    ],
  },
  {
    title: 'VolumeBinding, a claim that is not there',
    nodes: { a: {} },
    pod: { spec: usesClaim('gone') },
    prepare: withVolumes(9),
    says: [
      'volume claim gone: persistentvolumeclaim "gone" not found',
      '存储卷声明 gone：persistentvolumeclaim "gone" not found',
    ],
    suggests: [
      'create volume claim gone anew and let it be bound to a volume that a reaches',
      '重新创建存储卷声明 gone，并绑定到 a 可访问的存储卷',
    ],
  },
  {
    title: 'VolumeBinding, a claim that waits for its volume',
    nodes: { a: {} },
    pod: { spec: usesClaim('early') },
    prepare: withVolumes(9),
    says: [
      'volume claim early: pod has unbound immediate PersistentVolumeClaims',
      '存储卷声明 early：pod has unbound immediate PersistentVolumeClaims',
    ],
    suggests: [
      'make a volume of 5Gi and class "early" that a reaches, for claim early to be bound to',
      '创建 a 可访问的 5Gi 存储卷（存储类“early”），供声明 early 绑定',
    ],
  },
  {
    title: 'VolumeBinding, a volume elsewhere',
    nodes: { a: {} },
    pod: { spec: usesClaim('away') },
    prepare: withVolumes(9),
    says: ['the volume of claim away cannot be reached from a', 'a 无法访问声明 away 的存储卷'],
    suggests: [
      'create volume claim away anew, so that its volume is on a; what the present volume holds stays behind',
      '重新创建存储卷声明 away，使其存储卷位于 a；现有存储卷中的数据不会随之迁移',
    ],
  },
  {
    title: 'VolumeBinding, a volume that is gone',
    nodes: { a: {} },
    pod: { spec: usesClaim('lost') },
    prepare: withVolumes(9),
    says: ['the volume that claim lost is bound to is no longer there', '声明 lost 所绑定的存储卷已不存在'],
    suggests: [
      'create volume claim lost anew, so that its volume is on a; what the present volume holds stays behind',
      '重新创建存储卷声明 lost，使其存储卷位于 a；现有存储卷中的数据不会随之迁移',
    ],
  },
  {
    title: 'VolumeZone',
    nodes: { a: { labels: { 'topology.kubernetes.io/zone': 'z1' } } },
    pod: { spec: usesClaim('zoned') },
    prepare: withVolumes(9),
    says: [
      'the volume of claim zoned is in topology.kubernetes.io/zone=z2, a is not',
      '声明 zoned 的存储卷位于 topology.kubernetes.io/zone=z2，a 不在其中',
    ],
    suggests: [
      'create volume claim zoned anew, so that its volume is on a; what the present volume holds stays behind',
      '重新创建存储卷声明 zoned，使其存储卷位于 a；现有存储卷中的数据不会随之迁移',
    ],
  },
  {
    title: 'PodTopologySpread, by the revision alone',
    nodes: { a: { labels: { zone: 'z1' } }, b: { labels: { zone: 'z2' }, cpu: '0' } },
    others: [
      web('new', 'a', { labels: { app: 'web', rev: '2' } }),
      web('old', 'b', { labels: { app: 'web', rev: '1' } }),
    ],
    pod: {
      cpu: '1',
      labels: { app: 'web', rev: '2' },
      spec: {
        topologySpreadConstraints: [
          { ...term('zone'), maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['rev'] },
        ],
      },
    },
    says: [
      'zone=z1 would hold 2 matching pods, the fewest is 0, the allowed difference 1',
      'zone=z1 将有 2 个匹配的 Pod，最少的域为 0，允许的差为 1',
    ],
    suggests: ['raise maxSkew of the spread over zone to 2', '将 zone 分布约束的 maxSkew 提高到 2'],
  },
  {
    title: 'InterPodAffinity, nobody to be near',
    nodes: { a: { labels: { zone: 'z1' } } },
    pod: { spec: requires('podAffinity', 'zone') },
    says: ['no pod that the pod wants to be near runs in zone=z1', '在 zone=z1 中没有该 Pod 希望靠近的 Pod'],
    suggests: ['run a pod with app=web in zone=z1', '在 zone=z1 中运行一个带有 app=web 的 Pod'],
  },
  {
    title: 'InterPodAffinity, nearness to the same revision',
    nodes: { a: {} },
    others: [web('old', 'a', { labels: { app: 'web', rev: '1' } })],
    pod: {
      labels: { app: 'shop', rev: '2' },
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { ...term('kubernetes.io/hostname'), matchLabelKeys: ['rev'] },
            ],
          },
        },
      },
    },
    says: [
      'no pod that the pod wants to be near runs in kubernetes.io/hostname=a',
      '在 kubernetes.io/hostname=a 中没有该 Pod 希望靠近的 Pod',
    ],
    suggests: [
      'run a pod with app=web rev=2 in kubernetes.io/hostname=a',
      '在 kubernetes.io/hostname=a 中运行一个带有 app=web rev=2 的 Pod',
    ],
  },
  {
    title: 'InterPodAffinity, distance from other revisions',
    nodes: { a: {} },
    others: [web('old', 'a', { labels: { app: 'web', rev: '1' } })],
    pod: {
      labels: { app: 'web', rev: '2' },
      spec: {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { ...term('kubernetes.io/hostname'), mismatchLabelKeys: ['rev'] },
            ],
          },
        },
      },
    },
    says: [
      '1 pods that the pod must stay apart from run in kubernetes.io/hostname=a',
      '在 kubernetes.io/hostname=a 中有 1 个该 Pod 必须避开的 Pod',
    ],
    suggests: ['move default/old away from a', '将 default/old 从 a 移走'],
  },
  {
    title: 'DynamicResources, devices that only another node reaches',
    nodes: { a: {} },
    pod: { spec: { resourceClaims: [{ name: 'c', resourceClaimName: 'distant' }] } },
    prepare: withFreeDevice,
    says: ['the devices of resource claim distant cannot be reached from a', 'a 无法使用资源声明 distant 的设备'],
    suggests: [
      'end the pods that use resource claim default/distant, so that its devices become free',
      '结束使用资源声明 default/distant 的 Pod，释放其设备',
    ],
  },
  {
    title: 'DynamicResources, a claim that is not there',
    nodes: { a: {} },
    pod: { spec: { resourceClaims: [{ name: 'c', resourceClaimName: 'nothing' }] } },
    prepare: withOneDevice,
    says: [
      'resource claim nothing: resourceclaim "nothing" not found',
      '资源声明 nothing：resourceclaim "nothing" not found',
    ],
    suggests: [
      'create resource claim nothing anew, asking for no more than a has free',
      '重新创建资源声明 nothing，所请求的设备不超过 a 的空闲设备',
    ],
  },
  {
    title: 'DynamicResources, a class that is not there',
    nodes: { a: {} },
    pod: { spec: { resourceClaims: [{ name: 'c', resourceClaimName: 'odd' }] } },
    prepare: withFreeDevice,
    says: [
      'resource claim odd: request r: device class odd does not exist',
      '资源声明 odd：request r: device class odd does not exist',
    ],
    suggests: ['create device class odd for the devices of a', '为 a 的设备创建设备类 odd'],
  },
];
