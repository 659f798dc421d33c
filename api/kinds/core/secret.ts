// Secret: like a ConfigMap, for what must not be seen by everybody.
import { boolean, bytes, fillDefaults, map, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { moveStringData, validateSecret, validateSecretUpdate } from './rules/data-rules.ts';
import { secretPrinter } from '../printing/core-printers.ts';

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
fillDefaults(Secret, moveStringData);

export const secrets: ResourceDefinition<Secret> = resource(Secret, {
  group: '',
  version: 'v1',
  plural: 'secrets',
  namespaced: true,
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  selectableFields({ type }) {
    return {
      type: type ?? '',
    };
  },
  printer: secretPrinter,
});
