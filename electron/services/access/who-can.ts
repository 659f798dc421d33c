// Who can do something: every binding whose role has a rule that covers it, as the RBAC authorizer would find them
// (pkg/registry/rbac/validation: wildcards, resource names, subresources). Pure. Other authorizers are not seen.
import type { AccessAnswer, AccessQuestion, Grant, SubjectView } from '../../../api/console/index.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../../api/kinds/rbac/index.ts';

export interface Rbac {
  readonly roles: readonly Role[];
  readonly clusterRoles: readonly ClusterRole[];
  readonly roleBindings: readonly RoleBinding[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
}

function covers(values: readonly string[] | undefined, wanted: string): boolean {
  return values?.some((value) => value === '*' || value === wanted) ?? false;
}

function coversResource(values: readonly string[] | undefined, wanted: string): boolean {
  const subresource = wanted.split('/')[1];
  return covers(values, wanted) || (subresource !== undefined && (values?.includes(`*/${subresource}`) ?? false));
}

/** Whether a rule allows what is asked. */
export function ruleCovers(rule: PolicyRule, { verb, group, resource }: AccessQuestion): boolean {
  return covers(rule.verbs, verb) && covers(rule.apiGroups, group) && coversResource(rule.resources, resource);
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const subjectOf = ({ kind, name, namespace }: Subject): SubjectView => ({
  kind: kind === 'ServiceAccount' || kind === 'Group' ? kind : 'User',
  name,
  namespace: kind === 'ServiceAccount' ? namespace : undefined,
});

/** All grants, those for the whole cluster first. */
export function whoCan(rbac: Rbac, question: AccessQuestion): AccessAnswer {
  const clusterRoles = new Map(rbac.clusterRoles.map((role) => [role.metadata.name, role.rules ?? []]));
  const roles = new Map(
    rbac.roles.map((role) => [`${role.metadata.namespace}/${role.metadata.name}`, role.rules ?? []]),
  );
  const grants: Grant[] = [];
  const dangling: string[] = [];
  const add = (binding: RoleBinding | ClusterRoleBinding, namespace: string | undefined): void => {
    const { roleRef, subjects, metadata } = binding;
    const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
    const rules =
      roleRef.kind === 'ClusterRole' ? clusterRoles.get(roleRef.name) : roles.get(`${namespace}/${roleRef.name}`);
    if (rules === undefined) {
      dangling.push(`${kind} ${metadata.name} → ${roleRef.kind} ${roleRef.name}`);
      return;
    }
    const fitting = rules.filter((rule) => ruleCovers(rule, question));
    if (fitting.length === 0) return;
    const isOpen = fitting.some(({ resourceNames }) => !resourceNames?.length);
    const names = isOpen ? [] : [...new Set(fitting.flatMap(({ resourceNames }) => resourceNames ?? []))];
    const role = { kind: roleRef.kind, name: roleRef.name };
    for (const subject of subjects ?? []) {
      grants.push({
        subject: subjectOf(subject as Subject),
        binding: { kind, namespace, name: metadata.name },
        role,
        namespace,
        names,
      });
    }
  };
  for (const binding of rbac.clusterRoleBindings) add(binding, undefined);
  for (const binding of rbac.roleBindings) {
    const inside = binding.metadata.namespace;
    if (question.namespace === undefined || inside === question.namespace) add(binding, inside);
  }
  return { grants, dangling };
}
