// [English, Simplified Chinese]
export const stepMessages = {
  'plan.note.tainted': [
    'Masters take no ordinary pods because other machines are there for them (taint node-role.kubernetes.io/control-plane:NoSchedule)',
    '已有其他机器运行 Pod，因此主节点不运行普通 Pod（污点 node-role.kubernetes.io/control-plane:NoSchedule）',
  ],
  'plan.note.untainted': [
    'No machine is there for pods alone, so masters take them too',
    '没有专门的工作节点，因此主节点也运行 Pod',
  ],
  'plan.note.oneMaster': [
    'One master: when it is off, running pods go on but nothing can be changed; three masters survive the loss of one',
    '只有一个主节点：它停机时运行中的 Pod 不受影响，但无法做任何更改；三个主节点可承受失去一个',
  ],
  'plan.note.dockerPresent': [
    '{machine} already has Docker {version}: its daemon.json is changed and put back by deprovisioning',
    '{machine} 已安装 Docker {version}：其 daemon.json 会被修改，移除集群时还原',
  ],
  'step.authority': ['Make the certificate authorities', '创建证书颁发机构'],
  'step.programs-archive': ['Pack the Node runtime and the programs', '打包 Node 运行时与程序'],
  'step.kubeconfig': ["Write the administrator's kubeconfig", '写入管理员 kubeconfig'],
  'step.packages': ['Install Debian packages', '安装 Debian 软件包'],
  'step.kernel': ['Set kernel modules and parameters', '设置内核模块与参数'],
  'step.docker': ['Configure and start Docker Engine', '配置并启动 Docker 引擎'],
  'step.programs': ['Upload the Node runtime and the programs', '上传 Node 运行时与程序'],
  'step.certificates': ['Issue and upload certificates', '签发并上传证书'],
  'step.etcd': ['Start the etcd member', '启动 etcd 成员'],
  'step.control-plane': ['Start the control plane', '启动控制平面'],
  'step.images': ['Load container images', '加载容器镜像'],
  'step.agent': ['Start the node agent', '启动节点代理'],
  'step.node-ready': ['Wait until the node is Ready', '等待节点就绪'],
  'run.connect': ['Connect to {machine}', '连接 {machine}'],
  'run.hostKey.new': ['Host key {fingerprint} pinned at first contact', '首次连接，已固定主机密钥 {fingerprint}'],
  'run.alreadyDone': ['Already as wanted', '已符合要求'],
  'run.blocked': ['Not started: a step it needs failed', '未开始：所需步骤失败'],
  'run.cancelled': ['Cancelled', '已取消'],
  'run.revert': ['Undo: {title}', '撤销：{title}'],
  'run.cleanup': ['Remove the last traces from {machine}', '清除 {machine} 上的最后痕迹'],
} as const satisfies Record<string, readonly [string, string]>;
