// 集群历史的简体中文。
export default {
  history: {
    subtitle: '集群在任意时刻的样子，由集群自己记录',
    timeLine: '时间',
    moment: '所示时刻',
    earlier: '早一分钟',
    later: '晚一分钟',
    newest: '最新',
    gap: '{time} 之前控制平面曾停止运行：此处记录可能不全',
    since: '此后的变化',
    nothing: '没有变化：现在仍是这样。',
    kinds: { added: '新增', changed: '更改', removed: '删除' },
    more: '还有 {count} 项',
    compare: '从 {time}（红）到现在（绿）',
    same: '与当时相同。',
    check: '校验记录',
    intact: '记录未被改动：全部 {lines} 行首尾相连。',
    broken: '记录被篡改：链条断裂。请只相信更新的部分，并查明谁有访问权限。',
    checkFailed: '未能校验记录',
    none: '还没有任何记录',
    noneText: '控制平面启动后会立即写下第一个时刻。',
  },
};
