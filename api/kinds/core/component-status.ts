// ComponentStatus: whether a part of the control plane is well. Kept for old clients.
import { define, keyedList, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { componentStatusPrinter } from '../printing/core-printers.ts';

export class ComponentCondition extends define('io.k8s.api.core.v1.ComponentCondition', {
  error: string,
  message: string,
  status: required(string),
  type: required(string),
}) {}

export class ComponentStatus extends kind('io.k8s.api.core.v1.ComponentStatus', {
  conditions: keyedList(ComponentCondition, 'type'),
}) {}

export const componentStatuses: ResourceDefinition<ComponentStatus> = resource(ComponentStatus, {
  group: '',
  version: 'v1',
  plural: 'componentstatuses',
  shortNames: ['cs'],
  namespaced: false,
  verbs: ['get', 'list'],
  printer: componentStatusPrinter,
});
