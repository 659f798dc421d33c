// English of trails.
export default {
  trail: {
    subtitle: 'What an action led to: commands on machines, writes to the API, containers',
    actions: 'Actions, newest first',
    none: 'Nothing was done through this console yet',
    noneText: 'What changes something is written here as it happens; looking around is not.',
    choose: 'Choose an action to see what it led to.',
    export: 'Export',
    exportFailed: 'The trail could not be exported',
    sound: 'The record is as it was written: {count} entry | The record is as it was written: {count} entries',
    broken: 'The record was changed at line {line}',
    id: 'Trace {id}',
    entries: 'What it led to',
    kinds: { command: 'SSH', write: 'API', container: 'Container', end: 'End' },
    noAnswer: 'no answer',
    cutOff: 'cut off',
    code: 'exit code {code}',
    states: { running: 'started', terminated: 'ended', waiting: 'cannot start', gone: 'pod gone' },
    done: 'ended well',
    failed: 'failed',
    output: 'Output',
  },
};
