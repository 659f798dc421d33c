// [English, Simplified Chinese]
export const stepMessages = {
  'plan.note.tainted': [
    'Masters take no ordinary pods because workers are present (taint node-role.kubernetes.io/control-plane:NoSchedule)',
    '已有工作节点，因此主节点不运行普通 Pod（污点 node-role.kubernetes.io/control-plane:NoSchedule）',
  ],
} as const satisfies Record<string, readonly [string, string]>;
