// ResourceClaimTemplate: makes a claim for every pod that names it.
import { define, required } from '../../schema/vocabulary.ts';
import { templateMeta } from '../meta/object-meta.ts';
import { ResourceClaimSpec } from './resource-claim-spec.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { agePrinter } from '../printing/core-printers.ts';

export class ResourceClaimTemplateSpec extends define('io.k8s.api.resource.v1.ResourceClaimTemplateSpec', {
  metadata: templateMeta,
  spec: required(ResourceClaimSpec),
}) {}

export class ResourceClaimTemplate extends kind('io.k8s.api.resource.v1.ResourceClaimTemplate', {
  spec: required(ResourceClaimTemplateSpec),
}) {}

export const resourceClaimTemplates: ResourceDefinition<ResourceClaimTemplate> = resource(ResourceClaimTemplate, {
  group: 'resource.k8s.io',
  version: 'v1',
  plural: 'resourceclaimtemplates',
  namespaced: true,
  printer: agePrinter,
});
