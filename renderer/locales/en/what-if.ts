// English of rehearsals.
export default {
  whatIf: {
    title: 'What if…',
    questions: {
      drained: 'it is drained',
      lost: 'it is lost',
      added: 'one more like it comes',
    },
    homeless: '{count} pod finds no machine | {count} pods find no machine',
    fits: 'Nothing moves | 1 pod moves, and fits | {count} pods move, and all fit',
    pods: '{count} pod | {count} pods',
    budget: 'Breaks the disruption budget {budget}',
    nothingDone: 'Nothing was done: this is the scheduler’s answer.',
    scaleFits: 'The scheduler has room for all of them.',
    scaleShort: '{count} of them would wait: {reason}',
  },
  runs: {
    backup: 'Backing up {name}',
    prove: 'Proving a backup of {name}',
    restore: 'Restoring {name}',
    'restore-undo': 'Taking back the restore of {name}',
    recover: 'Recovering the quorum of {name}',
    certificates: 'Renewing the certificates of {name}',
    'rotate-authority': 'Replacing the authority of {name}',
    'support-bundle': 'Collecting a support bundle of {name}',
  },
};
