// [English, Simplified Chinese]
export const preflightMessages = {
  'preflight.title': ['Check all machines', '检查所有机器'],
  'check.ok': ['{machine}: {figure} (needed: {bar})', '{machine}：{figure}（要求：{bar}）'],
  'check.reachable': ['Reachable by SSH', 'SSH 可达'],
  'check.login': ['Login', '登录'],
  'check.hostKey': ['Host key', '主机密钥'],
  'check.sudo': ['Root rights', 'root 权限'],
  'check.os': ['Operating system', '操作系统'],
  'check.os.bad': ['{machine} runs {figure}, which is not supported', '{machine} 运行 {figure}，不受支持'],
  'check.os.remedy': [
    'Install Debian 12 or 13, or Ubuntu 22.04 or 24.04.',
    '请安装 Debian 12/13 或 Ubuntu 22.04/24.04。',
  ],
  'check.arch': ['Processor architecture', '处理器架构'],
  'check.arch.bad': ['{machine} has an {figure} processor', '{machine} 的处理器架构为 {figure}'],
  'check.arch.remedy': ['Use a machine with an amd64 or arm64 processor.', '请使用 amd64 或 arm64 处理器的机器。'],
  'check.systemd': ['systemd', 'systemd'],
  'check.systemd.bad': ['{machine} is not run by systemd', '{machine} 未使用 systemd'],
  'check.systemd.remedy': [
    'Boot the machine with systemd as its first process (package systemd-sysv).',
    '请以 systemd 作为首个进程启动机器（软件包 systemd-sysv）。',
  ],
  'check.cpu': ['Processors', '处理器'],
  'check.cpu.bad': [
    '{machine} has {figure} processors; {bar} are needed',
    '{machine} 有 {figure} 个处理器；需要 {bar} 个',
  ],
  'check.cpu.remedy': ['Give the machine more processors.', '请为机器增加处理器。'],
  'check.memory': ['Memory', '内存'],
  'check.memory.bad': ['{machine} has {figure} of memory; {bar} are needed', '{machine} 内存为 {figure}；需要 {bar}'],
  'check.memory.remedy': ['Give the machine more memory.', '请为机器增加内存。'],
  'check.disk': ['Free disk space in /var/lib', '/var/lib 可用磁盘空间'],
  'check.disk.bad': [
    '{machine} has {figure} free in /var/lib; {bar} are needed',
    '{machine} 的 /var/lib 剩余 {figure}；需要 {bar}',
  ],
  'check.disk.remedy': [
    'Free space or enlarge the file system that holds /var/lib.',
    '请清理空间或扩大 /var/lib 所在的文件系统。',
  ],
  'check.clock': ['Clock', '时钟'],
  'check.clock.bad': [
    "{machine}'s clock is {figure} off this computer's; at most {bar} is allowed",
    '{machine} 的时钟与本机相差 {figure}；最多允许 {bar}',
  ],
  'check.clock.remedy': [
    'Set the time and keep it right: `timedatectl set-ntp true` (package systemd-timesyncd or chrony).',
    '请校准并保持时间同步：`timedatectl set-ntp true`（软件包 systemd-timesyncd 或 chrony）。',
  ],
  'check.machineId': ['Unique machine id', '机器 ID 唯一'],
  'check.machineId.bad': ['{machine} has the same machine id as {figure}', '{machine} 与 {figure} 的机器 ID 相同'],
  'check.machineId.remedy': [
    'The machines were cloned: on one of them run `rm /etc/machine-id; systemd-machine-id-setup` and reboot it.',
    '这些机器是克隆的：请在其中一台执行 `rm /etc/machine-id; systemd-machine-id-setup` 并重启。',
  ],
  'check.hostname': ['Unique host name', '主机名唯一'],
  'check.hostname.bad': ['{machine} has the same host name as {figure}', '{machine} 与 {figure} 的主机名相同'],
  'check.hostname.remedy': [
    'Give each machine its own name: `hostnamectl set-hostname NAME`.',
    '请为每台机器设置不同的主机名：`hostnamectl set-hostname 名称`。',
  ],
  'check.sameMachine': ['Unique address', '地址唯一'],
  'check.sameMachine.bad': [
    '{machine} and {figure} are one and the same machine',
    '{machine} 与 {figure} 是同一台机器',
  ],
  'check.sameMachine.remedy': ['Name each machine once in the cluster.', '集群中每台机器只能出现一次。'],
  'check.ranges': ['Pod and Service ranges are free', 'Pod 与 Service 网段空闲'],
  'check.ranges.bad': [
    '{machine} has the address {figure}, which lies in the range {bar}',
    '{machine} 的地址 {figure} 位于网段 {bar} 内',
  ],
  'check.ranges.remedy': [
    'Choose a podCidr and serviceCidr that no machine or network of yours uses.',
    '请选择不与任何机器或网络冲突的 podCidr 和 serviceCidr。',
  ],
  'check.ports': ['Ports free', '端口空闲'],
  'check.ports.bad': ['{machine}: something else listens on {figure}', '{machine}：{figure} 已被其他程序占用'],
  'check.ports.remedy': [
    'Stop what listens there (`ss -ltnp` names it), then run again.',
    '请停止占用端口的程序（用 `ss -ltnp` 查看）后重试。',
  ],
  'check.kernel': ['Kernel features', '内核特性'],
  'check.kernel.bad': ["{machine}'s kernel lacks {figure}", '{machine} 的内核缺少 {figure}'],
  'check.kernel.remedy': [
    "Boot the distribution's standard kernel (linux-image-amd64, linux-image-generic).",
    '请使用发行版的标准内核启动（linux-image-amd64、linux-image-generic）。',
  ],
  'check.docker': ['Docker', 'Docker'],
  'check.docker.bad': [
    '{machine} runs containers of its own with Docker: {figure}',
    '{machine} 的 Docker 正在运行其他容器：{figure}',
  ],
  'check.docker.remedy': [
    'Docker will be restarted without its bridge network: move these containers elsewhere first.',
    'Docker 将在没有网桥网络的情况下重启：请先迁移这些容器。',
  ],
  'check.packages': ['Packages installable', '软件包可安装'],
  'check.packages.bad': [
    '{machine}: another program holds the package manager ({figure})',
    '{machine}：包管理器被其他程序占用（{figure}）',
  ],
  'check.packages.remedy': [
    'Wait until it has finished (often unattended-upgrades after a first boot), then run again.',
    '请等待其结束（首次启动后常为 unattended-upgrades）后重试。',
  ],
  'check.fsync': ['Disk latency for etcd (p99 of synced writes)', 'etcd 磁盘延迟（同步写 p99）'],
  'check.fsync.bad': [
    "{machine}'s disk takes {figure} for a synced write; etcd wants at most {bar}",
    '{machine} 的磁盘同步写耗时 {figure}；etcd 要求不超过 {bar}',
  ],
  'check.fsync.remedy': [
    'Put /var/lib/pilothouse on an SSD, or keep other load off this disk.',
    '请将 /var/lib/pilothouse 放在 SSD 上，或避免该磁盘上的其他负载。',
  ],
  'check.masterRelease': ['Its etcd can be a master', 'etcd 版本可作主节点'],
  'check.masterRelease.bad': [
    "{machine}'s release brings {figure}, which cannot let members join safely; masters need {bar}",
    '{machine} 的发行版自带 {figure}，无法安全加入成员；主节点需要 {bar}',
  ],
  'check.masterRelease.remedy': [
    'Give this machine the role node, or use Debian 12 or 13 or Ubuntu 24.04 for masters.',
    '请将该机器设为工作节点，或用 Debian 12/13 或 Ubuntu 24.04 作主节点。',
  ],
  'check.timeSync': ['Time synchronisation', '时间同步'],
  'check.timeSync.bad': ['Nothing keeps the clock of {machine} right', '{machine} 没有时间同步服务'],
  'check.timeSync.remedy': [
    'Install and start systemd-timesyncd or chrony; etcd and certificates rely on the time.',
    '请安装并启动 systemd-timesyncd 或 chrony；etcd 与证书依赖准确的时间。',
  ],
  'check.swap': ['No swap', '无交换分区'],
  'check.swap.bad': ['{machine} has {figure} of swap', '{machine} 有 {figure} 的交换空间'],
  'check.swap.remedy': [
    'Pods may swap and then be slow without a reason that shows: `swapoff -a` and remove it from /etc/fstab, unless you want it.',
    'Pod 可能因换页而变慢且原因不明显：除非需要，请执行 `swapoff -a` 并从 /etc/fstab 中删除。',
  ],
  'check.selinux': ['SELinux policy', 'SELinux 策略'],
  'check.selinux.bad': ['SELinux enforces its policy on {machine}', '{machine} 上 SELinux 处于强制模式'],
  'check.selinux.remedy': [
    'Docker of this distribution brings no policy: `setenforce 0` and SELINUX=permissive in /etc/selinux/config.',
    '该发行版的 Docker 不带策略：请执行 `setenforce 0` 并在 /etc/selinux/config 中设为 SELINUX=permissive。',
  ],
  'check.bundle': ['In the bundle', '离线包适用'],
  'check.bundle.bad': [
    'The bundle has nothing for {machine} ({figure}), only for {bar}',
    '离线包不适用于 {machine}（{figure}），仅适用于 {bar}',
  ],
  'check.bundle.remedy': [
    'Make the bundle again with `--target {figure}`.',
    '请用 `--target {figure}` 重新制作离线包。',
  ],
  'check.etcdFiles': ['Certificates for the external etcd', '外部 etcd 的证书'],
  'check.etcdReached': ['The external etcd answers', '外部 etcd 有应答'],
  'check.etcdReached.bad': [
    '{machine} gets no answer over TLS from {figure}',
    '{machine} 无法通过 TLS 获得应答：{figure}',
  ],
  'check.etcdReached.remedy': [
    'Open the port from the masters to etcd; its certificate must name this host and come from caFile, and certFile must be one that etcd accepts for clients.',
    '请开放主节点到 etcd 的端口；etcd 的证书须包含该主机名并由 caFile 签发，certFile 须为 etcd 接受的客户端证书。',
  ],
  'check.etcdVersion': ['Version of the external etcd', '外部 etcd 的版本'],
  'check.etcdVersion.bad': [
    'The external etcd is too old: {figure}; {bar} or newer is needed',
    '外部 etcd 版本过旧：{figure}；需要 {bar} 或更高版本',
  ],
  'check.etcdVersion.remedy': [
    'Upgrade its members to etcd {bar} or newer, one at a time, then run again.',
    '请逐个将其成员升级到 etcd {bar} 或更高版本，然后重试。',
  ],
  'check.etcdHealth': ['The external etcd is well', '外部 etcd 状态正常'],
  'check.etcdHealth.bad': ['Members of the external etcd are not well: {figure}', '外部 etcd 的成员状态异常：{figure}'],
  'check.etcdHealth.remedy': [
    'See `etcdctl endpoint status` and `etcdctl alarm list` on its machines; start with a whole and healthy etcd.',
    '请在其机器上查看 `etcdctl endpoint status` 与 `etcdctl alarm list`；请从完整且健康的 etcd 开始。',
  ],
  'check.etcdOne': ['The endpoints are one etcd', '各端点属于同一个 etcd'],
  'check.etcdOne.bad': [
    'The endpoints belong to different etcd clusters: {figure}',
    '各端点属于不同的 etcd 集群：{figure}',
  ],
  'check.etcdOne.remedy': [
    'List the members of one etcd only, as `etcdctl member list` names them.',
    '请只列出同一个 etcd 的成员（见 `etcdctl member list`）。',
  ],
  'check.etcdReadable': ['The external etcd may be read', '可读取外部 etcd'],
  'check.etcdReadable.bad': [
    '{machine} may not read the external etcd: {figure}',
    '{machine} 无法读取外部 etcd：{figure}',
  ],
  'check.etcdReadable.remedy': [
    'Where etcd asks for roles, give the user of certFile read and write rights on all keys.',
    '若 etcd 启用了角色权限，请授予 certFile 对应用户所有键的读写权限。',
  ],
  'check.etcdOthers': ['The external etcd is for this cluster alone', '外部 etcd 仅供本集群使用'],
  'check.etcdOthers.bad': [
    'The external etcd holds {figure} keys of something else (outside /registry/)',
    '外部 etcd 中有 {figure} 个其他用途的键（不在 /registry/ 下）',
  ],
  'check.etcdOthers.remedy': [
    'Give the cluster an etcd of its own: reads wait for every change in it, and a shared quota would stop both.',
    '请为集群提供专用的 etcd：读取会等待其中的所有更改，共享配额用尽时双方都会停止。',
  ],
  'check.etcdCluster': ['The external etcd holds no other cluster', '外部 etcd 中没有其他集群'],
  'check.etcdCluster.bad': [
    'The external etcd already holds {figure} objects of another cluster',
    '外部 etcd 中已有另一个集群的 {figure} 个对象',
  ],
  'check.etcdCluster.remedy': [
    'Choose another etcd. Only if that cluster is gone for good: `etcdctl del --prefix /registry/`, then run again.',
    '请换用其他 etcd。仅当那个集群确已废弃时：执行 `etcdctl del --prefix /registry/` 后重试。',
  ],
  'check.etcdKind': ['Where the state lives', '状态存放位置'],
  'check.etcdKind.bad': [
    '{machine} keeps the state in an etcd of kind "{figure}"; the cluster file says "{bar}"',
    '{machine} 的状态存放于 “{figure}” 类型的 etcd，而集群文件要求 “{bar}”',
  ],
  'check.etcdKind.remedy': [
    'A running cluster does not change its etcd: put settings.etcd back as it was, or deprovision first.',
    '运行中的集群不能更换 etcd：请恢复 settings.etcd 的原设置，或先移除集群。',
  ],
  'check.virtualAddress': ['The virtual address is free', '虚拟地址未被占用'],
  'check.virtualAddress.bad': [
    '{machine} sees the virtual address {address} in use already, by {figure}',
    '{machine} 发现虚拟地址 {address} 已被 {figure} 占用',
  ],
  'check.virtualAddress.remedy': [
    'Choose a free address of the segment for settings.virtualAddress, or take {address} from {figure}; then run again.',
    '请为 settings.virtualAddress 选择该网段中的空闲地址，或让 {figure} 让出 {address}，然后重试。',
  ],
  'check.foreign': ['No other cluster', '没有其他集群'],
  'check.foreign.bad': ['{machine} belongs to {figure}', '{machine} 属于 {figure}'],
  'check.foreign.remedy': [
    'Take that cluster off the machine first (`pilothouse deprovision`, `kubeadm reset`), or use another machine.',
    '请先从该机器移除那个集群（`pilothouse deprovision`、`kubeadm reset`），或换一台机器。',
  ],
} as const satisfies Record<string, readonly [string, string]>;
