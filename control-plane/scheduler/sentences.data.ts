// The scheduler's sentences in both languages. {names} are values.
export const sentences = {
  gated: {
    en: 'the pod is held back by the scheduling gates {gates}',
    'zh-CN': 'Pod 被调度门控 {gates} 暂停调度',
  },
  unschedulable: {
    en: '{node} is cordoned: it takes no new pods',
    'zh-CN': '{node} 已被封锁，不接受新的 Pod',
  },
  otherNode: {
    en: 'the pod asks for node {wanted}, this is {node}',
    'zh-CN': 'Pod 指定了节点 {wanted}，而这是 {node}',
  },
  taint: {
    en: '{node} has the taint {taint}, which the pod does not tolerate',
    'zh-CN': '{node} 带有污点 {taint}，Pod 没有容忍它',
  },
  nodeSelector: {
    en: '{node} lacks the label {label} that the pod selects',
    'zh-CN': '{node} 缺少 Pod 所选择的标签 {label}',
  },
  nodeAffinity: {
    en: '{node} meets none of the {terms} required node affinity terms',
    'zh-CN': '{node} 不满足任何一个必需的节点亲和条件（共 {terms} 个）',
  },
  hostPort: {
    en: 'port {port}/{protocol} of {node} is taken',
    'zh-CN': '{node} 的端口 {port}/{protocol} 已被占用',
  },
  tooManyPods: {
    en: '{node} runs {pods} pods, its limit is {limit}',
    'zh-CN': '{node} 已运行 {pods} 个 Pod，上限为 {limit}',
  },
  insufficient: {
    en: '{node} has {free} {resource} free of {allocatable}, the pod asks for {requested}',
    'zh-CN': '{node} 的 {resource} 剩余 {free}（共 {allocatable}），Pod 需要 {requested}',
  },
  affinityKey: {
    en: '{node} lacks the topology label {topologyKey} of the pod affinity',
    'zh-CN': '{node} 缺少 Pod 亲和所需的拓扑标签 {topologyKey}',
  },
  affinity: {
    en: 'no pod that the pod wants to be near runs in {topologyKey}={domain}',
    'zh-CN': '在 {topologyKey}={domain} 中没有该 Pod 希望靠近的 Pod',
  },
  antiAffinity: {
    en: '{count} pods that the pod must stay apart from run in {topologyKey}={domain}',
    'zh-CN': '在 {topologyKey}={domain} 中有 {count} 个该 Pod 必须避开的 Pod',
  },
  existingAntiAffinity: {
    en: 'pods in {topologyKey}={domain} must stay apart from this pod',
    'zh-CN': '{topologyKey}={domain} 中的 Pod 必须避开此 Pod',
  },
  spreadKey: {
    en: '{node} lacks the topology label {topologyKey} of the spread constraint',
    'zh-CN': '{node} 缺少分布约束所需的拓扑标签 {topologyKey}',
  },
  spread: {
    en: '{topologyKey}={domain} would hold {count} matching pods, the fewest is {fewest}, the allowed difference {maxSkew}',
    'zh-CN': '{topologyKey}={domain} 将有 {count} 个匹配的 Pod，最少的域为 {fewest}，允许的差为 {maxSkew}',
  },
  claimNotReady: {
    en: 'volume claim {claim}: {reason}',
    'zh-CN': '存储卷声明 {claim}：{reason}',
  },
  claimTaken: {
    en: 'volume claim {claim} may be used by one pod only, and {pod} uses it',
    'zh-CN': '存储卷声明 {claim} 只能由一个 Pod 使用，{pod} 正在使用它',
  },
  volumeGone: {
    en: 'the volume that claim {claim} is bound to is no longer there',
    'zh-CN': '声明 {claim} 所绑定的存储卷已不存在',
  },
  volumeElsewhere: {
    en: 'the volume of claim {claim} cannot be reached from {node}',
    'zh-CN': '{node} 无法访问声明 {claim} 的存储卷',
  },
  volumeZone: {
    en: 'the volume of claim {claim} is in {key}={zone}, {node} is not',
    'zh-CN': '声明 {claim} 的存储卷位于 {key}={zone}，{node} 不在其中',
  },
  noVolume: {
    en: 'no volume for claim {claim} is there on {node}, and its storage class makes none there',
    'zh-CN': '{node} 上没有可供声明 {claim} 使用的存储卷，其存储类也不能在此创建',
  },
  volumeLimit: {
    en: '{node} may attach {limit} volumes of {driver}, has {attached}, and the pod needs {wanted} more',
    'zh-CN': '{node} 最多可挂接 {limit} 个 {driver} 存储卷，已有 {attached} 个，Pod 还需要 {wanted} 个',
  },
  devicesElsewhere: {
    en: 'the devices of resource claim {claim} cannot be reached from {node}',
    'zh-CN': '{node} 无法使用资源声明 {claim} 的设备',
  },
  noDevices: {
    en: '{node} has no free devices that meet resource claims {claims}',
    'zh-CN': '{node} 上没有满足资源声明 {claims} 的空闲设备',
  },
  claimProblem: {
    en: 'resource claim {claim}: {reason}',
    'zh-CN': '资源声明 {claim}：{reason}',
  },
  remedyFree: {
    en: 'free {amount} on {node}',
    'zh-CN': '在 {node} 上释放 {amount}',
  },
  remedyLower: {
    en: 'lower the request to {amount}, which {node} has free',
    'zh-CN': '将请求降低到 {amount}（{node} 的剩余量）',
  },
  remedyTaint: {
    en: 'remove the taint {taint} from {node}, or let the pod tolerate it',
    'zh-CN': '移除 {node} 的污点 {taint}，或让 Pod 容忍它',
  },
  remedyUncordon: {
    en: 'uncordon {node}',
    'zh-CN': '解除对 {node} 的封锁',
  },
  remedyLabel: {
    en: 'label {node} with {label}',
    'zh-CN': '为 {node} 添加标签 {label}',
  },
  remedyMove: {
    en: 'move {pods} away from {node}',
    'zh-CN': '将 {pods} 从 {node} 移走',
  },
  remedyNodeName: {
    en: 'let the pod go to other nodes than {wanted}',
    'zh-CN': '允许 Pod 使用 {wanted} 以外的节点',
  },
  remedyVolume: {
    en: 'make a volume of {storage} and class "{class}" for claim {claim} on {node}',
    'zh-CN': '在 {node} 上为声明 {claim} 创建 {storage} 的存储卷（存储类“{class}”）',
  },
  remedyGates: {
    en: 'take the scheduling gates {gates} away once what they wait for is done',
    'zh-CN': '待其等待的条件满足后，移除调度门控 {gates}',
  },
  remedyCompany: {
    en: 'run a pod with {labels} in {topologyKey}={domain}',
    'zh-CN': '在 {topologyKey}={domain} 中运行一个带有 {labels} 的 Pod',
  },
  remedyClaim: {
    en: 'create volume claim {claim} anew and let it be bound to a volume that {node} reaches',
    'zh-CN': '重新创建存储卷声明 {claim}，并绑定到 {node} 可访问的存储卷',
  },
  remedyClaimAgain: {
    en: 'create volume claim {claim} anew, so that its volume is on {node}; what the present volume holds stays behind',
    'zh-CN': '重新创建存储卷声明 {claim}，使其存储卷位于 {node}；现有存储卷中的数据不会随之迁移',
  },
  remedyBound: {
    en: 'make a volume of {storage} and class "{class}" that {node} reaches, for claim {claim} to be bound to',
    'zh-CN': '创建 {node} 可访问的 {storage} 存储卷（存储类“{class}”），供声明 {claim} 绑定',
  },
  remedyDeviceClaim: {
    en: 'create resource claim {claim} anew, asking for no more than {node} has free',
    'zh-CN': '重新创建资源声明 {claim}，所请求的设备不超过 {node} 的空闲设备',
  },
  remedyDeviceClass: {
    en: 'create device class {class} for the devices of {node}',
    'zh-CN': '为 {node} 的设备创建设备类 {class}',
  },
  remedySkew: {
    en: 'raise maxSkew of the spread over {topologyKey} to {maxSkew}',
    'zh-CN': '将 {topologyKey} 分布约束的 maxSkew 提高到 {maxSkew}',
  },
  remedyRelease: {
    en: 'end the pods that use resource claim {claim}, so that its devices become free',
    'zh-CN': '结束使用资源声明 {claim} 的 Pod，释放其设备',
  },
} as const satisfies Record<string, { en: string; 'zh-CN': string }>;

export type SentenceKey = keyof typeof sentences;
