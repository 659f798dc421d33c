// RoleBinding: gives a role to somebody in a namespace.
import { atomicList, define, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { checkPathSegment } from '../../meta/names.ts';
import { bindingPrinter } from '../printing/access-printers.ts';
import { validateBinding, validateBindingUpdate } from './rules/role-rules.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

export class RoleRef extends define(
  'io.k8s.api.rbac.v1.RoleRef',
  {
    apiGroup: string,
    kind: required(string),
    name: required(string),
  },
  { atomic: true, defaults: { apiGroup: rbacGroup } },
) {}

export class Subject extends define(
  'io.k8s.api.rbac.v1.Subject',
  {
    apiGroup: string,
    kind: required(string),
    name: required(string),
    namespace: string,
  },
  { atomic: true, defaults: { apiGroup: ({ kind }) => (kind === 'User' || kind === 'Group' ? rbacGroup : undefined) } },
) {}

export class RoleBinding extends kind('io.k8s.api.rbac.v1.RoleBinding', {
  roleRef: required(RoleRef),
  subjects: atomicList(Subject),
}) {}

export const roleBindings: ResourceDefinition<RoleBinding> = resource(RoleBinding, {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'rolebindings',
  namespaced: true,
  nameRule: checkPathSegment,
  printer: bindingPrinter,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: validateBindingUpdate,
});
