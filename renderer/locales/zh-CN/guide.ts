// 第一小时引导的简体中文。
export default {
  guide: {
    title: '第一个小时',
    progress: '已完成 {done}/{total}',
    hide: '收起',
    finished: '第一个小时到此结束：集群已有应用运行，可以更改，也可以撤回。',
    done: '（已完成）',
    open: '（未完成）',
    steps: {
      machines: {
        title: '所有机器均已就绪',
        text: '未就绪的机器会在自己的页面上说明原因。',
      },
      deployment: {
        title: '运行一个应用',
        text: '填写名称和镜像；有一个 Pod 就绪后，这里会自动勾选。',
      },
      address: {
        title: '使其可以访问',
        text: '在表单中填写端口，或手动创建 Service，即可获得集群内外的地址。',
      },
      change: {
        title: '进行更改',
        text: '扩缩容，或发布另一个镜像，观察 Pod 如何交替。',
      },
      undo: {
        title: '撤回更改',
        text: '每项更改都列出前后内容：查看一项，先试撤回，再执行。',
      },
      backups: {
        title: '安排备份',
        text: '主节点会自行创建并验证备份，即使所有控制台都已关闭。',
      },
      alerts: {
        title: '指定通知对象',
        text: '通过邮件或 Webhook 通知需要人工处理的事项。',
      },
    },
  },
};
