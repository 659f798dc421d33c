// 命令面板及其帮助的中文。
export default {
  palette: {
    title: '前往任何位置',
    input: '页面、集群或对象名称',
    pages: '页面',
    actions: '操作',
    clusters: '集群',
    objects: '对象',
    none: '没有这样的名称',
    open: '查找',
    help: 'Ctrl K 打开此处 · / 搜索页面 · ↑ ↓ 选择 · Enter 前往 · Esc 关闭',
  },
};
