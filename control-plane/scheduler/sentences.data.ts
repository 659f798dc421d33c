// The scheduler's sentences in both languages. {names} are values.
export const sentences = {
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
  volumeElsewhere: {
    en: 'the volume of claim {claim} cannot be reached from {node}',
    'zh-CN': '{node} 无法访问声明 {claim} 的存储卷',
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
