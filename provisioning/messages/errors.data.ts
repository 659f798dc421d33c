// [English, Simplified Chinese]
export const errorMessages = {
  'error.clusterFile': ['The cluster file cannot be used: {problems}', '集群文件无法使用：{problems}'],
  'error.clusterFile.remedy': [
    'Correct the named places in the file and run again; nothing was changed.',
    '请修正文件中指出的位置后重试；未做任何更改。',
  ],
  'error.etcdCredentials': [
    'The certificates for the external etcd cannot be used: {problems}',
    '外部 etcd 的证书无法使用：{problems}',
  ],
  'error.etcdCredentials.remedy': [
    'Correct settings.etcd.external (caFile, certFile, keyFile: PEM files on this computer) and run again; nothing was changed.',
    '请修正 settings.etcd.external（caFile、certFile、keyFile：本机上的 PEM 文件）后重试；未做任何更改。',
  ],
  'error.externalEtcd': [
    "The cluster's etcd is external ({endpoints}): its members are not on these machines",
    '集群使用外部 etcd（{endpoints}）：其成员不在这些机器上',
  ],
  'error.externalEtcd.remedy': [
    'Do it where etcd runs, with its own tools (`etcdctl member`, `etcdctl snapshot restore`), then restart the control planes: `systemctl restart pilothouse-control-plane`.',
    '请在 etcd 所在机器上用其自带工具（`etcdctl member`、`etcdctl snapshot restore`）操作，然后重启控制平面：`systemctl restart pilothouse-control-plane`。',
  ],
  'error.noExternalEtcd': [
    'No master finds a member of the external etcd that works: {reasons}',
    '没有主节点能连接到正常工作的外部 etcd 成员：{reasons}',
  ],
  'error.noExternalEtcd.remedy': [
    'Check that etcd runs and that the masters reach it (`etcdctl endpoint health`), then run again.',
    '请检查 etcd 是否运行、主节点能否连接（`etcdctl endpoint health`），然后重试。',
  ],
  'error.etcdNotOurs': [
    'The keys in the external etcd ({endpoints}) are not of this cluster and were not deleted',
    '外部 etcd（{endpoints}）中的键不属于本集群，未删除',
  ],
  'error.etcdNotOurs.remedy': [
    'Look with `etcdctl get --prefix --keys-only /registry/` whose they are; the machines are bare already.',
    '请用 `etcdctl get --prefix --keys-only /registry/` 查看其归属；机器已还原。',
  ],
  'error.hostKeyChanged': [
    '{machine} ({address}) presents another host key than before: {actual} instead of {expected}',
    '{machine}（{address}）的主机密钥与之前不同：现为 {actual}，原为 {expected}',
  ],
  'error.hostKeyChanged.remedy': [
    'If the machine was reinstalled, remove its line from {file} and run again; otherwise someone may be listening: stop.',
    '若该机器已重装，请从 {file} 删除对应行后重试；否则可能有人窃听，请停止操作。',
  ],
  'error.authentication': [
    '{machine}: {user}@{address} was refused (wrong password or key)',
    '{machine}：{user}@{address} 登录被拒绝（密码或密钥错误）',
  ],
  'error.authentication.remedy': [
    'Check the user, password or key; `ssh -p {port} {user}@{address}` must succeed from this computer.',
    '请检查用户名、密码或密钥；在本机执行 `ssh -p {port} {user}@{address}` 应能登录。',
  ],
  'error.unreachable': [
    '{machine}: no SSH answer from {address}:{port} ({reason})',
    '{machine}：{address}:{port} 无 SSH 应答（{reason}）',
  ],
  'error.unreachable.remedy': [
    'Check the address and port, that the machine is on, and that no firewall stands between.',
    '请检查地址和端口、机器是否开机、中间是否有防火墙。',
  ],
  'error.connectionLost': ['{machine}: the SSH connection was lost', '{machine}：SSH 连接中断'],
  'error.connectionLost.remedy': [
    'Run again when the machine answers: finished steps are not repeated.',
    '机器恢复应答后重新运行即可：已完成的步骤不会重复。',
  ],
  'error.keyUnreadable': [
    '{machine}: the key file {path} cannot be read ({reason})',
    '{machine}：无法读取密钥文件 {path}（{reason}）',
  ],
  'error.keyUnreadable.remedy': [
    'Give the path of a private key that this user may read, and its passphrase if it has one.',
    '请提供当前用户可读的私钥路径，若有口令请一并提供。',
  ],
  'error.sudo': [
    '{machine}: {user} may not become root ({reason})',
    '{machine}：{user} 无法获得 root 权限（{reason}）',
  ],
  'error.sudo.remedy': [
    'Add the user to sudoers, or give the sudo password, or log in as root.',
    '请将该用户加入 sudoers、提供 sudo 密码，或以 root 登录。',
  ],
  'error.command': [
    '{machine}: "{command}" ended with {code}: {output}',
    '{machine}：“{command}” 以 {code} 结束：{output}',
  ],
  'error.command.remedy': [
    'The output names the cause; correct it on the machine and run again: finished steps are not repeated.',
    '输出中有原因；请在机器上修正后重新运行：已完成的步骤不会重复。',
  ],
  'error.locked': ['{machine} is being changed by {holder} since {since}', '{machine} 自 {since} 起正由 {holder} 更改'],
  'error.locked.remedy': [
    'Wait until that run ends, or stop it; a lock whose owner is gone falls off after {ttl} seconds.',
    '请等待该任务结束或将其停止；持有者消失的锁会在 {ttl} 秒后失效。',
  ],
  'error.step': ['{title} on {machine} failed: {reason}', '在 {machine} 上{title}失败：{reason}'],
  'error.step.remedy': [
    'Correct the cause and run again; it goes on where it stopped.',
    '请排除原因后重新运行，将从中断处继续。',
  ],
  'error.preflight': [
    'Preflight found problems ({count}); nothing was changed: {problems}',
    '预检发现 {count} 个问题，未做任何更改：{problems}',
  ],
  'error.preflight.remedy': [
    'Follow the remedy beside each problem, then run again.',
    '请按每个问题旁的建议处理后重试。',
  ],
  'error.programs': [
    'The programs for the machines are not built: {path} is missing',
    '机器所需程序尚未构建：缺少 {path}',
  ],
  'error.programs.remedy': ['Run `npm run build`, then run again.', '请执行 `npm run build` 后重试。'],
  'error.aptMissing': [
    'Debian packages for the machines can be fetched only on Debian or Ubuntu ({reason})',
    '只有在 Debian 或 Ubuntu 上才能下载机器所需的软件包（{reason}）',
  ],
  'error.aptMissing.remedy': [
    'Let the machines use their own package sources, or bring a bundle made on Debian.',
    '请让机器使用自己的软件源，或使用在 Debian 上制作的离线包。',
  ],
  'error.apiNotReady': [
    'The API server on {machine} does not get ready at {address}:6443: {reason}. Its log: {log}',
    '{machine} 上的 API 服务器（{address}:6443）未就绪：{reason}。日志：{log}',
  ],
  'error.nodeNotReady': [
    "Node {machine} does not get Ready: {reason}. The agent's log: {log}",
    '节点 {machine} 未就绪：{reason}。代理日志：{log}',
  ],
  'error.virtualAddress': [
    'The API does not answer at the virtual address {address}: {reason}',
    'API 在虚拟地址 {address} 上没有应答：{reason}',
  ],
  'error.virtualAddress.remedy': [
    'Choose a free address of the segment that the machines share, and let its switches pass gratuitous ARP; then run again. settings.virtualAddress: none does without ({address} is given back).',
    '请在各机器所在网段中选择一个空闲地址，并允许交换机转发免费 ARP，然后再次运行；不需要时设置 settings.virtualAddress: none（归还 {address}）。',
  ],
  'error.notReady.remedy': [
    'Look at `journalctl -u "pilothouse-*"` on {machine}; run again to go on from here.',
    '请在 {machine} 上查看 `journalctl -u "pilothouse-*"`；重新运行将从此处继续。',
  ],
  'error.cannotRemove': [
    '{machine} cannot be removed: it is not in the cluster, or it is the last master',
    '无法移除 {machine}：它不在集群中，或是最后一个主节点',
  ],
  'error.cannotRemove.remedy': [
    'Check the name; to end the whole cluster use `pilothouse deprovision`; to replace the last master add another one first.',
    '请检查名称；若要移除整个集群请用 `pilothouse deprovision`；若要替换最后一个主节点请先添加新的主节点。',
  ],
  'error.bundleUnreadable': ['There is no bundle at {file}', '{file} 处没有离线包'],
  'error.bundleUnreadable.remedy': [
    'Check the path, or make a bundle with `pilothouse bundle create --output FILE`.',
    '请检查路径，或用 `pilothouse bundle create --output 文件` 制作离线包。',
  ],
  'error.bundleCorrupt': [
    'The bundle {file} is not as its maker signed it: {part} differs; nothing of it was used',
    '离线包 {file} 与制作者签名时不同：{part} 不一致；未使用其中任何内容',
  ],
  'error.bundleCorrupt.remedy': [
    'Copy the bundle again from where it was made; if it still differs, do not use it.',
    '请从制作处重新复制离线包；若仍不一致，请勿使用。',
  ],
  'error.bundleNewer': [
    'The bundle {file} has format {format}; this version reads up to {known}',
    '离线包 {file} 的格式为 {format}；本版本最多支持 {known}',
  ],
  'error.bundleNewer.remedy': [
    'Use the version of Pilothouse that made the bundle, or a newer one.',
    '请使用制作该离线包的 Pilothouse 版本或更新版本。',
  ],
  'error.bundleUntrusted': [
    'The bundle {file} is signed by {fingerprint}, a key that this console does not know',
    '离线包 {file} 由本控制台不认识的密钥 {fingerprint} 签名',
  ],
  'error.bundleUntrusted.remedy': [
    'Compare the fingerprint with the one its maker tells you (`pilothouse bundle show` there), then run `pilothouse bundle verify {file} --key FINGERPRINT` once.',
    '请与制作者告知的指纹核对（在制作处执行 `pilothouse bundle show`），然后执行一次 `pilothouse bundle verify {file} --key 指纹`。',
  ],
  'error.bundleTarget': ['No system is called {target}', '没有名为 {target} 的系统'],
  'error.bundleTarget.remedy': ['Choose of {known}.', '请从 {known} 中选择。'],
  'error.bundleLacks': [
    'The bundle has nothing for {machine} ({system})',
    '离线包中没有适用于 {machine}（{system}）的内容',
  ],
  'error.bundleLacks.remedy': [
    'Make the bundle again with `--target {system}`.',
    '请用 `--target {system}` 重新制作离线包。',
  ],
  'error.mirrorUnknown': [
    "The package archive for {target} is not known: this computer's apt has none for it",
    '不知道 {target} 的软件包仓库：本机 apt 中没有',
  ],
  'error.mirrorUnknown.remedy': [
    'Give it with `--mirror {id}=ADDRESS`, and its keyring with `--keyring {id}=FILE`.',
    '请用 `--mirror {id}=地址` 指定，并用 `--keyring {id}=文件` 指定其密钥环。',
  ],
  'error.runtimeMissing': [
    'The Node runtime for {arch} cannot be fetched ({reason})',
    '无法获取 {arch} 的 Node 运行时（{reason}）',
  ],
  'error.runtimeMissing.remedy': [
    'Check that `npm view {package}` answers here, or give the binary with `--node {arch}=FILE`.',
    '请确认本机执行 `npm view {package}` 有应答，或用 `--node {arch}=文件` 指定程序。',
  ],
  'error.machineUnknown': [
    'Cluster {cluster} has no machine called {machine}',
    '集群 {cluster} 中没有名为 {machine} 的机器',
  ],
  'error.machineUnknown.remedy': ['Its machines are: {known}.', '其机器有：{known}。'],
  'error.notDrained': ['{machine} still has pods that cannot move: {pods}', '{machine} 上仍有无法迁移的 Pod：{pods}'],
  'error.notDrained.remedy': [
    'Give the workload another replica or relax its disruption budget, then drain again; --force deletes what is left. The machine takes no new pods meanwhile.',
    '请增加副本或放宽干扰预算后重新迁移；--force 会删除剩余的 Pod。在此期间该机器不接受新的 Pod。',
  ],
  'error.versionSkew': [
    'Version {version} may not meet what runs on {machines}: versions of one cluster may differ by one minor version',
    '版本 {version} 不能与 {machines} 上运行的版本共存：同一集群的版本最多相差一个次版本',
  ],
  'error.versionSkew.remedy': [
    'Go there one minor version at a time: upgrade with a bundle of the version in between first.',
    '请逐个次版本升级：先用中间版本的离线包升级。',
  ],
  'error.notHealthy': [
    'The cluster is not well, so nothing was changed: {problems}',
    '集群状态异常，未做任何更改：{problems}',
  ],
  'error.notHealthy.remedy': [
    'Mend what is named (or remove the machine with `pilothouse machine remove --dead`), then run again.',
    '请先排除所列问题（或用 `pilothouse machine remove --dead` 移除机器）后重试。',
  ],
  'error.wrongPassphrase': [
    'The passphrase does not open the kept credentials (or their file was changed)',
    '口令无法打开保存的凭据（或文件已被更改）',
  ],
  'error.wrongPassphrase.remedy': [
    'Give the passphrase that was used when they were kept; without it, delete credentials.sealed and give the credentials again.',
    '请使用保存时的口令；若已遗失，请删除 credentials.sealed 并重新提供凭据。',
  ],
  'error.blueprintUnusable': ['The blueprint {file} cannot be used: {problems}', '无法使用蓝图 {file}：{problems}'],
  'error.blueprintUnusable.remedy': [
    'Export it again with `pilothouse blueprint export` where the cluster is known.',
    '请在已知该集群的计算机上用 `pilothouse blueprint export` 重新导出。',
  ],
  'error.blueprintNewer': [
    'The blueprint {file} has format {format}; this version reads up to {known}',
    '蓝图 {file} 的格式为 {format}；本版本最多支持 {known}',
  ],
  'error.blueprintNewer.remedy': [
    'Use the version of Pilothouse that wrote it, or a newer one.',
    '请使用写出它的 Pilothouse 版本或更新版本。',
  ],
  'error.blueprintUntrusted': [
    'The blueprint {file} is signed by {fingerprint}, a key that this console does not know',
    '蓝图 {file} 由本控制台不认识的密钥 {fingerprint} 签名',
  ],
  'error.blueprintUntrusted.remedy': [
    'Compare the fingerprint with the one its maker tells you, then give it with `--key {fingerprint}`.',
    '请与制作者告知的指纹核对，然后用 `--key {fingerprint}` 指定。',
  ],
  'error.badLabel': ['"{word}" is not in the form that is expected', '“{word}” 格式不正确'],
  'error.badLabel.remedy': ['Write it as {form}.', '请写成 {form}。'],
  'error.other': ['{reason}', '{reason}'],
  'error.unsupportedOs': ['{machine} runs {os}, which is not supported', '{machine} 运行 {os}，不受支持'],
  'error.unsupportedOs.remedy': [
    'Install Debian 12 or 13, or Ubuntu 22.04 or 24.04.',
    '请安装 Debian 12/13 或 Ubuntu 22.04/24.04。',
  ],
} as const satisfies Record<string, readonly [string, string]>;
