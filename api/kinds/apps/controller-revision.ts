// ControllerRevision: a snapshot of what a workload looked like, for going back.
import { int64, rawExtension, required } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { controllerRevisionPrinter } from '../printing/workload-printers.ts';
import { immutable } from '../meta/object-meta-rules.ts';

export class ControllerRevision extends kind('io.k8s.api.apps.v1.ControllerRevision', {
  data: rawExtension,
  revision: required(int64),
}) {}

export const controllerRevisions: ResourceDefinition<ControllerRevision> = resource(ControllerRevision, {
  group: 'apps',
  version: 'v1',
  plural: 'controllerrevisions',
  namespaced: true,
  printer: controllerRevisionPrinter,
  validateUpdate: (next, previous) => immutable('data', next.data, previous.data),
});
