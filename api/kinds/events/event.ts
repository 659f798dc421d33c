// Event: something that happened to an object. Events are kept for an hour.
import { define, int32, microTime, required, string, time } from '../../schema/vocabulary.ts';
import { EventSource } from '../core/event.ts';
import { ObjectReference } from '../core/reference.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { newEventPrinter } from '../printing/core-printers.ts';

export class EventSeries extends define('io.k8s.api.events.v1.EventSeries', {
  count: required(int32),
  lastObservedTime: required(microTime),
}) {}

export class Event extends kind('io.k8s.api.events.v1.Event', {
  action: string,
  deprecatedCount: int32,
  deprecatedFirstTimestamp: time,
  deprecatedLastTimestamp: time,
  deprecatedSource: EventSource,
  eventTime: required(microTime),
  note: string,
  reason: string,
  regarding: ObjectReference,
  related: ObjectReference,
  reportingController: string,
  reportingInstance: string,
  series: EventSeries,
  type: string,
}) {}

export const events: ResourceDefinition<Event> = resource(Event, {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  selectableFields({ reason, regarding, reportingController, type }) {
    return {
      'regarding.kind': regarding?.kind ?? '',
      'regarding.namespace': regarding?.namespace ?? '',
      'regarding.name': regarding?.name ?? '',
      'regarding.uid': regarding?.uid ?? '',
      'regarding.apiVersion': regarding?.apiVersion ?? '',
      'regarding.resourceVersion': regarding?.resourceVersion ?? '',
      'regarding.fieldPath': regarding?.fieldPath ?? '',
      reason: reason ?? '',
      reportingController: reportingController ?? '',
      type: type ?? '',
    };
  },
  printer: newEventPrinter,
});
