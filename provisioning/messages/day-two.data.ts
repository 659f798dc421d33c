// Sentences of day two: backups, restore, quorum recovery, certificates, support bundles.

export const dayTwoMessages = {
  'backup.connect': ['Connect to the masters', '连接主节点'],
  'backup.snapshot': ['Take a snapshot of etcd', '创建 etcd 快照'],
  'backup.compare': [
    'Compare the snapshot with the running cluster, object by object',
    '逐个对象比对快照与运行中的集群',
  ],
  'backup.seal': ['Encrypt the backup', '加密备份'],
  'backup.store': ['Store the backup', '存储备份'],
  'backup.prove': ['Restore the stored backup into a throw-away etcd and compare', '将备份恢复到临时 etcd 并比对'],
  'backup.retire': ['Delete backups that are no longer to be kept', '删除不再保留的备份'],
  'backup.fetch': ['Fetch the backup', '获取备份'],
  'backup.open': ['Open and check the backup', '打开并检查备份'],

  'restore.prepare': ['Prepare the new database', '准备新数据库'],
  'restore.stop': ['Stop control planes and etcd on the masters', '停止主节点上的控制平面与 etcd'],
  'restore.place': ['Place the restored database on every master', '在每个主节点上放置恢复的数据库'],
  'restore.start': ['Start etcd with the restored state', '以恢复的状态启动 etcd'],
  'restore.api': ['Start the control planes', '启动控制平面'],
  'restore.nodes': ['Wait for the machines to be Ready', '等待机器就绪'],
  'restore.undo': ['Put the former data back', '还原先前的数据'],

  'recover.assess': ['Ask every master what is left of etcd', '查询各主节点上 etcd 的剩余情况'],
  'recover.force': ['Make {machine} the only member, with its data', '以 {machine} 的数据使其成为唯一成员'],
  'recover.api': ['Start the control plane on {machine}', '启动 {machine} 上的控制平面'],
  'recover.rejoin': ['Let {machine} join again, as a learner first', '让 {machine} 重新加入（先作为学习者）'],
  'recover.forget': ['Forget the masters that are lost: {machines}', '移除已丢失的主节点：{machines}'],

  'certificates.renew': ['Issue certificates anew and wait until they are in use', '重新签发证书并等待其生效'],
  'certificates.trust-both': ['Trust the old and the new authorities everywhere', '在各处同时信任新旧 CA'],
  'certificates.reissue': ['Issue every certificate by the new authorities', '由新 CA 重新签发所有证书'],
  'certificates.drop-old': ['Trust the new authorities alone', '仅信任新 CA'],
  'error.certificates.notInUse': [
    '{machine} does not serve with its new certificate on port {port}',
    '{machine} 的端口 {port} 未使用新证书提供服务',
  ],
  'error.certificates.notInUse.remedy': [
    'Check on {machine} that the service of port {port} runs and is of this version; then run again.',
    '请在 {machine} 上检查端口 {port} 的服务是否运行且为当前版本，然后重试。',
  ],
  'error.certificates.unreachable': [
    'These machines cannot be reached and would be left behind: {machines}',
    '以下机器无法连接，将会被遗漏：{machines}',
  ],
  'error.certificates.unreachable.remedy': [
    'Bring them back, or remove them from the cluster, then run again; nothing was changed.',
    '请恢复这些机器或将其移出集群，然后重试；未做任何更改。',
  ],
  'drill.arm': [
    'Leave the way back on the machine, and a timer that takes it by itself',
    '在机器上留下还原脚本，并设置自动执行的定时器',
  ],
  'drill.break.agent': ['Stop the agent', '停止代理'],
  'drill.break.master': ['Stop the control plane and etcd', '停止控制平面与 etcd'],
  'drill.break.link': ['Cut the machine off from the others', '切断该机器与其他机器的网络'],
  'drill.back': ['Put it back, and let the machine say so', '还原，并由机器确认'],
  'error.drill.underWay': ['A drill is under way on {machine} already', '{machine} 上已有演练正在进行'],
  'error.drill.underWay.remedy': [
    'Wait until the machine has put itself back, a minute or two, then try again.',
    '请等待一两分钟，该机器会自行还原，然后重试。',
  ],
  'error.drill.notBack': [
    '{machine} does not say that all is back: {reason}',
    '{machine} 尚未确认已全部还原：{reason}',
  ],
  'error.drill.notBack.remedy': [
    'The machine puts itself back by its own timer. When it answers again, choose “Put back now”; a restart of {machine} puts it back too.',
    '该机器会由自身的定时器还原。待其恢复应答后，请选择“立即还原”；重启 {machine} 同样会还原。',
  ],
  'support.machines': ['Ask the machines', '收集机器信息'],
  'support.api': ['Ask the API', '收集 API 信息'],
  'support.write': ['Write {path}', '写入 {path}'],
  'error.alerts': ['The settings for alerts cannot be used: {reason}', '告警设置无效：{reason}'],
  'error.alerts.remedy': [
    'Correct the values named; e-mail needs host, port, security, from and to.',
    '请更正所列的值；电子邮件需要 host、port、security、from 和 to。',
  ],
  'error.alerts.none': ['No alerts are set', '尚未设置告警'],
  'error.alerts.none.remedy': [
    'Say first where they go: `pilothouse alerts set`.',
    '请先设置发送位置：`pilothouse alerts set`。',
  ],
  'error.noMaster': ['No master can be reached: {reasons}', '无法连接任何主节点：{reasons}'],
  'error.noMaster.remedy': [
    'Check that at least one master is on and reachable over SSH, then run again.',
    '请确认至少有一个主节点已开机并可通过 SSH 连接，然后重试。',
  ],
  'error.noEtcdMember': [
    'No reachable master has a working etcd: {reasons}',
    '可连接的主节点中没有正常工作的 etcd：{reasons}',
  ],
  'error.noEtcdMember.remedy': [
    'Run `pilothouse recover --dry-run` to see what is left, or restore from a backup.',
    '请运行 `pilothouse recover --dry-run` 查看剩余情况，或从备份恢复。',
  ],
  'error.backup': ['The backup failed: {reason}', '备份失败：{reason}'],
  'error.backup.wrong-passphrase': ['The passphrase does not open the backup', '口令无法打开该备份'],
  'error.backup.wrong-passphrase.remedy': [
    'Give the passphrase or recovery key that was set when backups of this cluster were first made.',
    '请输入首次创建该集群备份时设置的口令或恢复密钥。',
  ],
  'error.backup.damaged': [
    'The backup cannot be used: {reason}',
    '备份文件已损坏、被截断或被改动，无法使用（{reason}）',
  ],
  'error.backup.damaged.remedy': [
    'Choose another backup: `pilothouse backup list` shows which are proved. Nothing was changed.',
    '请选择其他备份：`pilothouse backup list` 会显示哪些备份已验证。未做任何更改。',
  ],
  'error.backup.newer-format': ['The backup cannot be used: {reason}', '备份由更新的版本创建，无法使用（{reason}）'],
  'error.backup.newer-format.remedy': [
    'Use the version of Pilothouse that made it, or a newer one.',
    '请使用创建该备份的 Pilothouse 版本或更新的版本。',
  ],
  'error.backup.not-a-backup': ['The backup cannot be used: {reason}', '该文件不是 Pilothouse 的备份（{reason}）'],
  'error.backup.not-a-backup.remedy': [
    'Choose a file whose name ends in .phbackup.',
    '请选择文件名以 .phbackup 结尾的文件。',
  ],
  'error.backup.no-etcd.remedy': [
    'Install etcd on this computer, or make sure that a master can be reached: the proof needs an etcd program.',
    '请在本机安装 etcd，或确保可连接到主节点：验证需要 etcd 程序。',
  ],
  'error.backup.storage.remedy': [
    'Check the place, its free space and the credentials for it, then run again.',
    '请检查存储位置、剩余空间及其凭据，然后重试。',
  ],
  'error.backup.absent.remedy': [
    'Look with `pilothouse backup list` which backups there are.',
    '请用 `pilothouse backup list` 查看现有备份。',
  ],
  'error.backup.place': ['"{place}" is no place for backups', '“{place}”不是有效的备份位置'],
  'error.backup.place.remedy': [
    'Give a folder, machine:NAME, or s3://BUCKET/PREFIX with --s3-endpoint and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.',
    '请给出文件夹、machine:名称，或 s3://桶/前缀（需 --s3-endpoint 以及环境变量 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY）。',
  ],
  'error.backup.otherCluster': [
    'The backup is of cluster {found}, not of {cluster}',
    '该备份属于集群 {found}，而不是 {cluster}',
  ],
  'error.backup.otherCluster.remedy': [
    'Choose a backup of {cluster}; to build another cluster from this one, provision it under the name {found}.',
    '请选择 {cluster} 的备份；若要用此备份重建集群，请以名称 {found} 部署。',
  ],
  'error.schedule': ['"{cron}" is no schedule: {reason}', '“{cron}”不是有效的计划：{reason}'],
  'error.schedule.remedy': [
    'Give a cron expression, e.g. "0 */6 * * *" for every six hours (UTC).',
    '请给出 cron 表达式，例如 "0 */6 * * *" 表示每六小时（UTC）。',
  ],
  'error.restore.unreachable': [
    'These masters cannot be reached and may still run with the old state: {machines}',
    '以下主节点无法连接，可能仍以旧状态运行：{machines}',
  ],
  'error.restore.unreachable.remedy': [
    'Switch them off for good and name them with --lost {machines}, or make them reachable; nothing was changed.',
    '请将其永久关机并以 --lost {machines} 指明，或使其可连接；未做任何更改。',
  ],
  'error.restore.nothingToUndo': ['There is no restore to undo on {machines}', '{machines} 上没有可撤销的恢复'],
  'error.restore.nothingToUndo.remedy': [
    'Only the last restore can be undone, and only while the former data is still there.',
    '只能撤销最近一次恢复，且先前的数据必须仍然存在。',
  ],
  'error.recover.quorum': [
    'etcd has a quorum: {machine} sees leader and members; nothing needs to be recovered',
    'etcd 仍有法定人数：{machine} 可见领导者与成员；无需恢复',
  ],
  'error.recover.quorum.remedy': [
    'Replace a lost master instead: remove it and add another one.',
    '请改为替换丢失的主节点：先移除，再添加新的。',
  ],
  'error.recover.noSurvivor': ['No reachable master holds data of etcd', '可连接的主节点上都没有 etcd 数据'],
  'error.recover.noSurvivor.remedy': [
    'Restore from a backup: `pilothouse restore`.',
    '请从备份恢复：`pilothouse restore`。',
  ],
  'error.recover.from': [
    '{machine} holds no data of etcd, or cannot be reached',
    '{machine} 上没有 etcd 数据，或无法连接',
  ],
  'error.recover.from.remedy': [
    'Choose one of those that `pilothouse recover --dry-run` shows.',
    '请从 `pilothouse recover --dry-run` 显示的主节点中选择。',
  ],
  'error.etcdNotHealthy': ['etcd on {machine} does not get healthy: {log}', '{machine} 上的 etcd 未恢复正常：{log}'],
  'error.etcdNotHealthy.remedy': [
    'Look at `journalctl -u pilothouse-etcd` on {machine}; run again to go on, or undo.',
    '请在 {machine} 上查看 `journalctl -u pilothouse-etcd`；可重新运行继续，或撤销。',
  ],
} as const satisfies Record<string, readonly [string, string]>;
