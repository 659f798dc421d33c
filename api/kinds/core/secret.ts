// Secret.
import { boolean, bytes, map, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';

export class Secret extends kind(
  'io.k8s.api.core.v1.Secret',
  {
    data: map(bytes),
    immutable: boolean,
    stringData: map(string),
    type: string,
  },
  {
    defaults: { type: 'Opaque' },
  },
) {}

export const secrets: ResourceDefinition<Secret> = resource(Secret, {
  group: '',
  version: 'v1',
  plural: 'secrets',
  namespaced: true,
});
