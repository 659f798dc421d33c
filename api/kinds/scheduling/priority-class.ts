// PriorityClass: how important pods are.
import { boolean, int32, oneOf, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { priorityClassPrinter } from '../printing/policy-printers.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './priority-class-rules.ts';

export class PriorityClass extends kind(
  'io.k8s.api.scheduling.v1.PriorityClass',
  {
    description: string,
    globalDefault: boolean,
    preemptionPolicy: oneOf('Never', 'PreemptLowerPriority'),
    value: int32,
  },
  {
    defaults: { preemptionPolicy: 'PreemptLowerPriority' },
  },
) {}

export const priorityClasses: ResourceDefinition<PriorityClass> = resource(PriorityClass, {
  group: 'scheduling.k8s.io',
  version: 'v1',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  printer: priorityClassPrinter,
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
});
