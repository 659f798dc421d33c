// ClusterRoleBinding: gives a cluster role to somebody everywhere.
import { atomicList, required } from '../../schema/vocabulary.ts';
import { RoleRef, Subject } from './role-binding.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { checkPathSegment } from '../../meta/names.ts';
import { bindingPrinter } from '../printing/access-printers.ts';
import { validateBinding, validateBindingUpdate } from './rules/role-rules.ts';

export class ClusterRoleBinding extends kind('io.k8s.api.rbac.v1.ClusterRoleBinding', {
  roleRef: required(RoleRef),
  subjects: atomicList(Subject),
}) {}

export const clusterRoleBindings: ResourceDefinition<ClusterRoleBinding> = resource(ClusterRoleBinding, {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'clusterrolebindings',
  namespaced: false,
  nameRule: checkPathSegment,
  printer: bindingPrinter,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: validateBindingUpdate,
});
