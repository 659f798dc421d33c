// ConfigMap: configuration for pods, as keys with values. Pods read it as variables or files.
import { boolean, bytes, map, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { validateConfigMap, validateConfigMapUpdate } from './rules/data-rules.ts';
import { configMapPrinter } from '../printing/core-printers.ts';

export class ConfigMap extends kind('io.k8s.api.core.v1.ConfigMap', {
  binaryData: map(bytes),
  data: map(string),
  immutable: boolean,
}) {}

export const configMaps: ResourceDefinition<ConfigMap> = resource(ConfigMap, {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  printer: configMapPrinter,
});
