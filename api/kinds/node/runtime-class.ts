// RuntimeClass: a way to run containers that pods can choose.
import { atomicList, define, map, quantity, required, string } from '../../schema/vocabulary.ts';
import { Toleration } from '../core/toleration.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { runtimeClassPrinter } from '../printing/policy-printers.ts';
import { immutable } from '../meta/object-meta-rules.ts';

export class Overhead extends define('io.k8s.api.node.v1.Overhead', {
  podFixed: map(quantity),
}) {}

export class Scheduling extends define('io.k8s.api.node.v1.Scheduling', {
  nodeSelector: map(string, 'atomic'),
  tolerations: atomicList(Toleration),
}) {}

export class RuntimeClass extends kind('io.k8s.api.node.v1.RuntimeClass', {
  handler: required(string),
  overhead: Overhead,
  scheduling: Scheduling,
}) {}

export const runtimeClasses: ResourceDefinition<RuntimeClass> = resource(RuntimeClass, {
  group: 'node.k8s.io',
  version: 'v1',
  plural: 'runtimeclasses',
  namespaced: false,
  printer: runtimeClassPrinter,
  validateUpdate: (next, previous) => immutable('handler', next.handler, previous.handler),
});
