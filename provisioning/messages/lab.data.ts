// [English, Simplified Chinese]
export const labMessages = {
  'lab.baseTree': ['Make the bare base system', '制作裸机基础系统'],
  'lab.packages': ['Fetch Debian packages with dependencies', '下载 Debian 软件包及其依赖'],
  'lab.runtime': ['Compress the Node runtime and programs', '压缩 Node 运行时与程序'],
  'lab.image': ['Build the sample image', '构建示例镜像'],
  'lab.network': ['Make the lab network {subnet}', '建立实验网络 {subnet}'],
  'lab.bootAll': ['Boot {count} machines', '启动 {count} 台机器'],
  'lab.boot': ['Boot machine {machine}', '启动机器 {machine}'],
  'lab.provision': ['Provision the cluster over SSH', '通过 SSH 部署集群'],
  'lab.ready': ['Wait until the cluster answers', '等待集群应答'],
  'lab.remove': ['Remove the lab {name}', '移除实验环境 {name}'],
  'bundle.programs': ['Pack the programs and the Node runtime for {arch}', '打包 {arch} 的程序与 Node 运行时'],
  'bundle.packages': ['Fetch the packages of {target} with dependencies', '下载 {target} 的软件包及其依赖'],
  'bundle.write': ['Write and sign {file}', '写入并签名 {file}'],
  'lab.needsLinuxRoot': [
    'The lab needs Linux and root: it boots machines of its own',
    '实验环境需要 Linux 和 root 权限：它要启动自己的机器',
  ],
  'lab.needsLinuxRoot.remedy': [
    'Run it as root on Linux, or provision existing machines with `pilothouse provision -f cluster.yaml`.',
    '请在 Linux 上以 root 运行，或用 `pilothouse provision -f cluster.yaml` 部署已有机器。',
  ],
  'lab.toolMissing': ['The lab needs {tools}', '实验环境需要 {tools}'],
  'lab.toolMissing.remedy': ['Install with: apt-get install {packages}', '请安装：apt-get install {packages}'],
  'lab.noSubnet': ['No free private /24 was found for the lab', '找不到空闲的私有 /24 网段'],
  'lab.noSubnet.remedy': [
    'Remove a lab that is no longer needed (`pilothouse lab down --name NAME`).',
    '请移除不再需要的实验环境（`pilothouse lab down --name NAME`）。',
  ],
  'lab.bootTimeout': [
    'Machine {machine} did not answer on SSH within {seconds} s',
    '机器 {machine} 在 {seconds} 秒内未应答 SSH',
  ],
  'lab.bootTimeout.remedy': ['Its console output is in {log}.', '其控制台输出在 {log}。'],
  'lab.shape': [
    'Lab {name} exists with {masters} masters and {workers} workers ({kind})',
    '实验环境 {name} 已存在，含 {masters} 个主节点和 {workers} 个工作节点（{kind}）',
  ],
  'lab.shape.remedy': [
    'Remove it first (`pilothouse lab down --name {name}`) or choose another name.',
    '请先移除（`pilothouse lab down --name {name}`）或换一个名称。',
  ],
} as const satisfies Record<string, readonly [string, string]>;
