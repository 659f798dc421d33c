// 简体中文：操作轨迹。
export default {
  trail: {
    subtitle: '一次操作引发的一切：机器上的命令、API 写入与容器',
    actions: '操作（最新在前）',
    none: '尚未通过此控制台执行操作',
    noneText: '有更改时会随即记录在此；仅查看不会记录。',
    choose: '请选择一项操作，查看其引发的结果。',
    export: '导出',
    exportFailed: '无法导出操作轨迹',
    sound: '记录完好，共 {count} 条',
    broken: '记录在第 {line} 行被更改',
    id: '跟踪 {id}',
    entries: '引发的结果',
    kinds: { command: 'SSH 命令', write: 'API 写入', container: '容器', end: '结束' },
    noAnswer: '无应答',
    cutOff: '被中断',
    code: '退出码 {code}',
    states: { running: '已启动', terminated: '已结束', waiting: '无法启动', gone: 'Pod 已消失' },
    done: '成功结束',
    failed: '失败',
    output: '输出',
  },
};
