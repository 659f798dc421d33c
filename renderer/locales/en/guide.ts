// English of the guided first hour.
export default {
  guide: {
    title: 'The first hour',
    progress: '{done} of {total} done',
    hide: 'Put away',
    finished: 'That was the first hour: the cluster runs something, can be changed and changed back.',
    done: '(done)',
    open: '(open)',
    steps: {
      machines: {
        title: 'Every machine is ready',
        text: 'A machine that is not ready says why on its own page.',
      },
      deployment: {
        title: 'Run something',
        text: 'Give a name and an image; this is ticked once a pod of it is ready.',
      },
      address: {
        title: 'Make it reachable',
        text: 'A port in the form, or a Service by hand, gives it an address inside and outside the cluster.',
      },
      change: {
        title: 'Change it',
        text: 'Scale it, or roll out another image, and watch the pods trade places.',
      },
      undo: {
        title: 'Take it back',
        text: 'Every change is listed with before and after: look at one, try the undo, then do it.',
      },
      backups: {
        title: 'Let backups be made',
        text: 'Masters make and prove them by themselves, with every console closed.',
      },
      alerts: {
        title: 'Say who is told',
        text: 'A mail or a webhook, for what needs a person.',
      },
    },
  },
};
