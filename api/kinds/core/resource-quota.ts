// ResourceQuota: limits on everything in a namespace together.
import { atomicList, define, map, oneOf, present, quantity, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, status, type ResourceDefinition } from '../resource.ts';
import { resourceQuotaPrinter } from '../printing/core-printers.ts';
import { validateQuota, validateQuotaUpdate } from './rules/limit-rules.ts';

export class ScopedResourceSelectorRequirement extends define('io.k8s.api.core.v1.ScopedResourceSelectorRequirement', {
  operator: required(oneOf('DoesNotExist', 'Exists', 'In', 'NotIn')),
  scopeName: required(
    oneOf(
      'BestEffort',
      'CrossNamespacePodAffinity',
      'NotBestEffort',
      'NotTerminating',
      'PriorityClass',
      'Terminating',
      'VolumeAttributesClass',
    ),
  ),
  values: atomicList(string),
}) {}

export class ScopeSelector extends define(
  'io.k8s.api.core.v1.ScopeSelector',
  {
    matchExpressions: atomicList(ScopedResourceSelectorRequirement),
  },
  { atomic: true },
) {}

export class ResourceQuotaSpec extends define('io.k8s.api.core.v1.ResourceQuotaSpec', {
  hard: map(quantity),
  scopeSelector: ScopeSelector,
  scopes: atomicList(
    oneOf(
      'BestEffort',
      'CrossNamespacePodAffinity',
      'NotBestEffort',
      'NotTerminating',
      'PriorityClass',
      'Terminating',
      'VolumeAttributesClass',
    ),
  ),
}) {}

export class ResourceQuotaStatus extends define('io.k8s.api.core.v1.ResourceQuotaStatus', {
  hard: map(quantity),
  used: map(quantity),
}) {}

export class ResourceQuota extends kind('io.k8s.api.core.v1.ResourceQuota', {
  spec: present(ResourceQuotaSpec),
  status: ResourceQuotaStatus,
}) {}

export const resourceQuotas: ResourceDefinition<ResourceQuota> = resource(ResourceQuota, {
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  namespaced: true,
  subresources: { status },
  printer: resourceQuotaPrinter,
  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
});
