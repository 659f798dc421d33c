// Binding: puts a pod on a node.
import { required } from '../../schema/vocabulary.ts';
import { ObjectReference } from './reference.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class Binding extends kind('io.k8s.api.core.v1.Binding', {
  target: required(ObjectReference),
}) {}

export const bindings: ResourceDefinition<Binding> = resource(Binding, {
  group: '',
  version: 'v1',
  plural: 'bindings',
  namespaced: true,
  verbs: ['create'],
});
