// Sentences about virtual machines on a hypervisor. [English, Simplified Chinese]
export const hypervisorMessages = {
  'vm.connect': ['Connect to the hypervisor {host}', '连接虚拟化主机 {host}'],
  'vm.check': ['Check that the hypervisor can hold the machines', '检查虚拟化主机能否容纳这些机器'],
  'vm.create': ['Make machine {machine}', '创建虚拟机 {machine}'],
  'vm.boot': ['Wait until {machine} has set itself up', '等待 {machine} 完成初始化'],
  'vm.start': ['Start {machine}', '启动 {machine}'],
  'vm.stop': ['Shut {machine} down', '关闭 {machine}'],
  'vm.remove': ['Remove machine {machine} and its disk', '移除虚拟机 {machine} 及其磁盘'],
  'vm.snapshot': ['Keep the disk of {machine} as {label}', '将 {machine} 的磁盘保存为快照 {label}'],
  'vm.drop': ['Forget snapshot {label} of {machine}', '删除 {machine} 的快照 {label}'],
  'vm.revert': ['Bring {machine} back to {label}', '将 {machine} 恢复到快照 {label}'],
  'hypervisor.missing': ['{tools} is not installed there', '未安装 {tools}'],
  'hypervisor.libvirt': ['libvirt does not answer: {reason}', 'libvirt 无应答：{reason}'],
  'hypervisor.memory': [
    '{count} machines need {needed} MiB of memory and {free} MiB are free',
    '{count} 台机器需要 {needed} MiB 内存，仅剩 {free} MiB',
  ],
  'hypervisor.disk': [
    'the new disks need {needed} GiB at first and {folder} has {free} GiB free',
    '新磁盘初始需要 {needed} GiB，{folder} 仅剩 {free} GiB',
  ],
  'hypervisor.network': ['there is no bridge or active network {name}', '没有网桥或活动网络 {name}'],
  'hypervisor.kvm': [
    'its processor or kernel does not offer hardware help (KVM)',
    '其处理器或内核不提供硬件虚拟化（KVM）',
  ],
  'hypervisor.image': ['there is no image {path}', '没有镜像 {path}'],
  'error.hypervisor': ['The machines cannot be made on {host}: {problems}', '无法在 {host} 上创建这些机器：{problems}'],
  'error.hypervisor.remedy': [
    'Mend what is named (packages libvirt-daemon-system and qemu-utils, memory, disk, network, image) or ask for less; nothing was changed.',
    '请解决所列问题（安装 libvirt-daemon-system 与 qemu-utils，或检查内存、磁盘、网络、镜像），或减少需求；未做任何更改。',
  ],
  'error.vmImage': ['The image {path} cannot be read: {reason}', '无法读取镜像 {path}：{reason}'],
  'error.vmImage.remedy': ['Check the path in the file of virtual machines.', '请检查虚拟机文件中的路径。'],
  'error.vmFile': ['The file of virtual machines cannot be used: {problems}', '虚拟机文件无效：{problems}'],
  'error.vmFile.remedy': ['Correct the fields named; nothing was changed.', '请更正所列字段；未做任何更改。'],
  'error.vmUnknown': ['There is no virtual machine {name} in the file', '文件中没有虚拟机 {name}'],
  'error.vmUnknown.remedy': ['Choose of: {known}.', '可选：{known}。'],
  'error.vmBoot': [
    'Machine {machine} was not set up within {seconds} s: {reason}',
    '机器 {machine} 未在 {seconds} 秒内完成初始化：{reason}',
  ],
  'error.vmBoot.remedy': [
    'Read its console on the hypervisor ({log}); then run again, or remove it with `pilothouse vm remove`.',
    '请在虚拟化主机上查看其控制台输出（{log}）；然后重试，或用 `pilothouse vm remove` 将其移除。',
  ],
  'error.vmRevertOne': [
    'One master of several cannot go back alone: its etcd would have forgotten what it promised the others',
    '多个主节点中的一个不能单独回退：其 etcd 会丢失对其他成员的承诺',
  ],
  'error.vmRevertOne.remedy': [
    'Revert all masters together, or replace this one with `pilothouse machine replace`.',
    '请同时回退所有主节点，或用 `pilothouse machine replace` 替换这一台。',
  ],
  'error.vmSnapshot': [
    'The disks of the virtual machines cannot be kept before the upgrade: {reason}',
    '升级前无法为虚拟机磁盘创建快照：{reason}',
  ],
  'error.vmSnapshot.remedy': [
    'Mend it on the hypervisor, name the file of virtual machines (`--vms FILE`), or upgrade without (`--no-snapshots`); nothing was changed.',
    '请在虚拟化主机上解决，或指定虚拟机文件（`--vms FILE`），或不创建快照（`--no-snapshots`）；未做任何更改。',
  ],
  'error.vmSnapshot.there': [
    'There are snapshots of virtual machines already ({list}); each keeps one at a time',
    '虚拟机已有快照（{list}）；每台同时只保留一个',
  ],
  'error.vmSnapshot.there.remedy': [
    'Forget it (`pilothouse vm drop-snapshot {label} {machine} -f {file}`), or upgrade without (`--no-snapshots`); nothing was changed.',
    '请先删除（`pilothouse vm drop-snapshot {label} {machine} -f {file}`），或不创建快照直接升级（`--no-snapshots`）；未做任何更改。',
  ],
} as const satisfies Record<string, readonly [string, string]>;
