// English of the notification centre.
export default {
  notifications: {
    subtitle: 'What needs a person, of every cluster',
    holding: 'Waiting now',
    over: 'Over in the last seven days',
    none: 'Nothing waits for you',
    noneText: 'Lost machines, a quorum at risk, failed runs and certificates that wait for approval appear here.',
    since: 'for {age}',
    lasted: 'over {age} ago, after {duration}',
    unread: 'unread',
    read: 'Mark as read',
    readAll: 'Mark all as read',
    aloud: '{name} needs you',
  },
};
