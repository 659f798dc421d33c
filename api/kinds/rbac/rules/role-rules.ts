// Rules of roles and of bindings to them. Escalation is the server's to judge: it depends on who asks.
import { checkDnsSubdomain, checkPathSegment } from '../../../meta/names.ts';
import { invalidValue, notSupported, required, type FieldError } from '../../../schema/field-error.ts';
import { sameJson } from '../../../schema/json-value.ts';
import { invalidFor } from '../../core/rules/checks.ts';
import { validateLabelSelector } from '../../meta/label-selector-rules.ts';
import type { ClusterRoleBinding } from '../cluster-role-binding.ts';
import type { ClusterRole } from '../cluster-role.ts';
import type { RoleBinding, Subject } from '../role-binding.ts';
import type { PolicyRule, Role } from '../role.ts';

const group = 'rbac.authorization.k8s.io';

export function validateRole({ rules = [] }: Role): FieldError[] {
  return rules.flatMap((rule, index) => validateRule(rule, true, `rules[${index}]`));
}

export function validateClusterRole({ aggregationRule, rules = [] }: ClusterRole): FieldError[] {
  const errors = rules.flatMap((rule, index) => validateRule(rule, false, `rules[${index}]`));
  if (aggregationRule === undefined) return errors;
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  const path = 'aggregationRule.clusterRoleSelectors';
  if (selectors.length === 0) {
    errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  return [...errors, ...selectors.flatMap((selector, index) => validateLabelSelector(selector, `${path}[${index}]`))];
}

function validateRule(rule: PolicyRule, namespaced: boolean, path: string): FieldError[] {
  const { apiGroups = [], nonResourceURLs = [], resourceNames = [], resources = [], verbs = [] } = rule;
  const errors = verbs.length === 0 ? [required(`${path}.verbs`, 'verbs must contain at least one value')] : [];
  if (nonResourceURLs.length > 0) {
    if (namespaced) {
      errors.push(
        invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
      );
    }
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const detail = 'rules cannot apply to both regular resources and non-resource URLs';
      errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, detail));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  }
  if (resources.length === 0) {
    errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  }
  return errors;
}

/** Checks a binding; cluster-wide ones bind cluster roles only. */
export function validateBinding(binding: RoleBinding | ClusterRoleBinding, namespaced: boolean): FieldError[] {
  const { roleRef, subjects = [] } = binding;
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  const errors: FieldError[] = [];
  if (roleRef.apiGroup !== group) errors.push(notSupported('roleRef.apiGroup', roleRef.apiGroup, [group]));
  if (!kinds.includes(roleRef.kind)) errors.push(notSupported('roleRef.kind', roleRef.kind, kinds));
  errors.push(...invalidFor('roleRef.name', roleRef.name, checkPathSegment(roleRef.name)));
  return [
    ...errors,
    ...subjects.flatMap((subject, index) => validateSubject(subject, namespaced, `subjects[${index}]`)),
  ];
}

function validateSubject(subject: Subject, namespaced: boolean, path: string): FieldError[] {
  const { apiGroup = '', kind, name, namespace = '' } = subject;
  const errors: FieldError[] = [];
  if (kind === 'ServiceAccount') {
    if (name !== '') errors.push(...invalidFor(`${path}.name`, name, checkDnsSubdomain(name)));
    if (apiGroup !== '') errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
    if (!namespaced && namespace === '') errors.push(required(`${path}.namespace`));
    return errors;
  }
  if (kind !== 'User' && kind !== 'Group')
    return [notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  if (apiGroup !== group) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [group]));
  return errors;
}

/** A binding is to one role for ever. */
export function validateBindingUpdate(
  next: RoleBinding | ClusterRoleBinding,
  previous: RoleBinding | ClusterRoleBinding,
): FieldError[] {
  return sameJson(next.roleRef, previous.roleRef)
    ? []
    : [invalidValue('roleRef', next.roleRef, 'cannot change roleRef')];
}
