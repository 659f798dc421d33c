// 演练的中文。
export default {
  whatIf: {
    title: '如果……',
    questions: {
      drained: '将其排空',
      lost: '失去它',
      added: '再来一台相同的',
    },
    homeless: '{count} 个 Pod 找不到机器 | {count} 个 Pod 找不到机器',
    fits: '没有 Pod 移动 | 1 个 Pod 移动，且放得下 | {count} 个 Pod 移动，且全部放得下',
    pods: '{count} 个 Pod | {count} 个 Pod',
    budget: '会违反中断预算 {budget}',
    nothingDone: '没有执行任何操作：这是调度器的回答。',
    scaleFits: '调度器为它们全部找到了位置。',
    scaleShort: '其中 {count} 个需要等待：{reason}',
  },
  runs: {
    backup: '正在备份 {name}',
    prove: '正在验证 {name} 的备份',
    restore: '正在恢复 {name}',
    'restore-undo': '正在撤回 {name} 的恢复',
    recover: '正在恢复 {name} 的法定人数',
    certificates: '正在续期 {name} 的证书',
    'rotate-authority': '正在更换 {name} 的证书颁发机构',
    'support-bundle': '正在收集 {name} 的支持包',
  },
};
