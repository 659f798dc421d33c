// Events as rows; both the old counters and the newer series are read.
import type { EventRow } from '../../../api/console/index.ts';
import type { Event } from '../../../api/kinds/core/index.ts';
import { timeOf } from './read.ts';

const longestMessage = 2000;

/** The row of an event. */
export function eventRow(event: Event): EventRow {
  const { metadata, involvedObject, series } = event;
  const created = timeOf(metadata.creationTimestamp) ?? 0;
  const first = timeOf(event.firstTimestamp) ?? timeOf(event.eventTime) ?? created;
  return {
    uid: metadata.uid,
    namespace: metadata.namespace ?? '',
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    message: (event.message ?? '').slice(0, longestMessage),
    object: {
      apiVersion: involvedObject.apiVersion ?? '',
      kind: involvedObject.kind ?? '',
      namespace: involvedObject.namespace,
      name: involvedObject.name ?? '',
    },
    source: event.reportingComponent || event.source?.component || '',
    count: series?.count ?? event.count ?? 1,
    firstAt: first,
    lastAt: timeOf(series?.lastObservedTime) ?? timeOf(event.lastTimestamp) ?? first,
  };
}
