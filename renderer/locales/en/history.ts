// English of the cluster's history.
export default {
  history: {
    subtitle: 'The cluster as it was at any moment, remembered by the cluster itself',
    timeLine: 'Time',
    moment: 'Moment shown',
    earlier: 'One minute earlier',
    later: 'One minute later',
    newest: 'Newest',
    gap: 'The control plane was off before {time}: something may be missing here',
    since: 'Changed since then',
    nothing: 'Nothing: this is how it is now.',
    kinds: { added: 'Added', changed: 'Changed', removed: 'Removed' },
    more: 'and one more | and {count} more',
    compare: 'From {time} (red) to now (green)',
    same: 'The same now as then.',
    check: 'Check the record',
    intact: 'Nobody has changed the record: all {lines} lines hang together.',
    broken: 'The record was tampered with: its chain breaks. Trust only what is newer, and find out who had access.',
    checkFailed: 'The record could not be checked',
    none: 'Nothing is remembered yet',
    noneText: 'The first moment is written as soon as the control plane has started.',
  },
};
