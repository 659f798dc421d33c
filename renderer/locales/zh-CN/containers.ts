// 终端、文件与端口转发的中文。
export default {
  terminal: {
    label: '{name} 中的终端',
    open: '{name} 中的 Shell',
    ended: 'Shell 已结束（{code}）',
    again: '重新打开',
  },
  files: {
    up: '上一级文件夹',
    put: '放入文件…',
    take: '保存 {name}',
    enter: '打开 {name}',
    none: '此文件夹为空',
    readFailed: '无法读取 {name}',
    written: '{name} 已放入容器',
    writeFailed: '无法写入 {name}',
    tooLarge: '此处可传输的文件最大为 {size}。',
  },
  forwards: {
    open: '转发端口',
    openTitle: '转发 {name} 的端口',
    openText: '在您关闭之前，只有这台计算机可以访问。',
    opened: '已在 {address} 打开',
    port: 'Pod 端口',
    localPort: '本地端口',
    here: '本地',
    there: '目标',
    connections: '连接数',
    bytes: '已发送 · 已接收',
    none: '没有转发的端口',
    noneText: '可以在 Pod 页面打开。',
  },
};
