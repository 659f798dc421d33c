// Role: what may be done in a namespace.
import { atomicList, define, required, string } from '../../schema/vocabulary.ts';
import { kind } from '../kind.ts';
import { resource, type ResourceDefinition } from '../resource.ts';
import { checkPathSegment } from '../../meta/names.ts';
import { validateRole } from './rules/role-rules.ts';

export class PolicyRule extends define('io.k8s.api.rbac.v1.PolicyRule', {
  apiGroups: atomicList(string),
  nonResourceURLs: atomicList(string),
  resourceNames: atomicList(string),
  resources: atomicList(string),
  verbs: required(atomicList(string)),
}) {}

export class Role extends kind('io.k8s.api.rbac.v1.Role', {
  rules: atomicList(PolicyRule),
}) {}

export const roles: ResourceDefinition<Role> = resource(Role, {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  plural: 'roles',
  namespaced: true,
  nameRule: checkPathSegment,
  validate: validateRole,
});
