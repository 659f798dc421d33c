// 通知中心的中文。
export default {
  notifications: {
    subtitle: '所有集群中需要人处理的事项',
    holding: '正在等待处理',
    over: '最近七天内已结束',
    none: '没有需要您处理的事项',
    noneText: '机器丢失、法定人数有风险、运行失败以及等待批准的证书会显示在这里。',
    since: '已持续 {age}',
    lasted: '{age}前结束，历时 {duration}',
    unread: '未读',
    read: '标为已读',
    readAll: '全部标为已读',
    aloud: '{name} 需要您处理',
  },
};
