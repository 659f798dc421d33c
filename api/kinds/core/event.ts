// Event: something that happened to an object. Events are kept for an hour.
import { define, int32, microTime, required, string, time } from '../../schema/vocabulary.ts';
import { ObjectReference } from './reference.ts';
import { objectMeta } from '../meta/object-meta.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { validateEvent } from './rules/event-rules.ts';
import { coreEventPrinter } from '../printing/core-printers.ts';

export class EventSeries extends define('io.k8s.api.core.v1.EventSeries', {
  count: int32,
  lastObservedTime: microTime,
}) {}

export class EventSource extends define('io.k8s.api.core.v1.EventSource', {
  component: string,
  host: string,
}) {}

export class Event extends kind('io.k8s.api.core.v1.Event', {
  action: string,
  count: int32,
  eventTime: microTime,
  firstTimestamp: time,
  involvedObject: required(ObjectReference),
  lastTimestamp: time,
  message: string,
  metadata: required(objectMeta),
  reason: string,
  related: ObjectReference,
  reportingComponent: string,
  reportingInstance: string,
  series: EventSeries,
  source: EventSource,
  type: string,
}) {}

export const events: ResourceDefinition<Event> = resource(Event, {
  group: '',
  version: 'v1',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  validate: validateEvent,
  selectableFields({ involvedObject, reason, reportingComponent, source, type }) {
    return {
      'involvedObject.kind': involvedObject.kind ?? '',
      'involvedObject.namespace': involvedObject.namespace ?? '',
      'involvedObject.name': involvedObject.name ?? '',
      'involvedObject.uid': involvedObject.uid ?? '',
      'involvedObject.apiVersion': involvedObject.apiVersion ?? '',
      'involvedObject.resourceVersion': involvedObject.resourceVersion ?? '',
      'involvedObject.fieldPath': involvedObject.fieldPath ?? '',
      reason: reason ?? '',
      reportingComponent: reportingComponent ?? '',
      source: source?.component || (reportingComponent ?? ''),
      type: type ?? '',
    };
  },
  printer: coreEventPrinter,
});
