// ClusterRole: what may be done everywhere, or in namespaces where it is bound.
import { atomicList, define } from '../../schema/vocabulary.ts';
import { LabelSelector } from '../meta/label-selector.ts';
import { PolicyRule } from './role.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { checkPathSegment } from '../../meta/names.ts';
import { validateClusterRole } from './rules/role-rules.ts';

export class AggregationRule extends define('io.k8s.api.rbac.v1.AggregationRule', {
  clusterRoleSelectors: atomicList(LabelSelector),
}) {}

export class ClusterRole extends kind('io.k8s.api.rbac.v1.ClusterRole', {
  aggregationRule: AggregationRule,
  rules: atomicList(PolicyRule),
}) {}

export const clusterRoles: ResourceDefinition<ClusterRole> = resource(ClusterRole, {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterroles',
  namespaced: false,
  nameRule: checkPathSegment,
  validate: validateClusterRole,
});
