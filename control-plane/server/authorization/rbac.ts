// Role-based access control over an index from subjects to rules, rebuilt when a role or binding changes.
// Aggregated cluster roles are resolved here as well, so that they hold even before a controller has written them out.
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../api/kinds/rbac/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import type { User } from '../authentication/user.ts';
import { wellKnown } from '../authentication/user.ts';
import type { Resident } from '../residents/resident.ts';
import { noOpinion, type Attributes, type Authorizer, type Decision } from './authorizer.ts';
import { ruleAllows, type Rule } from './rbac-rules.ts';

/** The followed RBAC objects. */
export interface RbacObjects {
  readonly roles: Resident<Role>;
  readonly clusterRoles: Resident<ClusterRole>;
  readonly roleBindings: Resident<RoleBinding>;
  readonly clusterRoleBindings: Resident<ClusterRoleBinding>;
}

/** Judges by roles, and lists what a user may do. */
export interface Rbac extends Authorizer {
  /** Every rule that holds for the user in the namespace, or cluster-wide when it is empty. */
  rulesFor(user: User, namespace: string): readonly Rule[];
  /** The rules of a role as they hold now, aggregation included. */
  rulesOfRole(kind: string, namespace: string, name: string): readonly Rule[] | undefined;
}

interface Grant {
  /** Empty: everywhere. */
  readonly namespace: string;
  readonly rules: readonly Rule[];
}

interface SubjectLike {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Builds the authorizer on followed objects. */
export function createRbac(objects: RbacObjects): Rbac {
  let builtFrom = '';
  let grants = new Map<string, Grant[]>();

  const rulesOfRole = (kind: string, namespace: string, name: string): readonly Rule[] | undefined => {
    if (kind === 'Role') return objects.roles.get(namespace, name)?.rules ?? undefined;
    const role = objects.clusterRoles.get('', name);
    return role === undefined ? undefined : clusterRoleRules(role, objects.clusterRoles);
  };

  const add = (subject: SubjectLike, bindingNamespace: string, rules: readonly Rule[]): void => {
    const key = subjectKey(subject, bindingNamespace);
    const known = grants.get(key);
    const grant = { namespace: bindingNamespace, rules };
    if (known === undefined) grants.set(key, [grant]);
    else known.push(grant);
  };

  const refresh = (): void => {
    const { roles, clusterRoles, roleBindings, clusterRoleBindings } = objects;
    const state = `${roles.generation} ${clusterRoles.generation} ${roleBindings.generation} ${clusterRoleBindings.generation}`;
    if (state === builtFrom) return;
    builtFrom = state;
    grants = new Map();
    for (const binding of clusterRoleBindings.list()) {
      const rules = rulesOfRole('ClusterRole', '', binding.roleRef.name) ?? [];
      for (const subject of binding.subjects ?? []) add(subject, '', rules);
    }
    for (const binding of roleBindings.list()) {
      const namespace = binding.metadata.namespace ?? '';
      const rules = rulesOfRole(binding.roleRef.kind, namespace, binding.roleRef.name) ?? [];
      for (const subject of binding.subjects ?? []) add(subject, namespace, rules);
    }
  };

  const grantsOf = (user: User): Grant[] => {
    refresh();
    const found = [...(grants.get(`User ${user.username}`) ?? [])];
    for (const group of user.groups) found.push(...(grants.get(`Group ${group}`) ?? []));
    return found;
  };

  return {
    rulesOfRole,
    rulesFor: (user, namespace) =>
      grantsOf(user).flatMap((grant) => (grant.namespace === '' || grant.namespace === namespace ? grant.rules : [])),
    authorize(attributes: Attributes): Decision {
      refresh();
      const { user } = attributes;
      if (allows(grants.get(`User ${user.username}`), attributes)) return { allowed: true, reason: '' };
      for (const group of user.groups)
        if (allows(grants.get(`Group ${group}`), attributes)) return { allowed: true, reason: '' };
      return noOpinion;
    },
  };
}

function allows(grants: readonly Grant[] | undefined, attributes: Attributes): boolean {
  if (grants === undefined) return false;
  return grants.some(
    (grant) =>
      (grant.namespace === '' || grant.namespace === attributes.namespace) &&
      grant.rules.some((rule) => ruleAllows(rule, attributes)),
  );
}

function subjectKey(subject: SubjectLike, bindingNamespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${subject.name}`;
  return `User ${wellKnown.serviceAccountPrefix}${subject.namespace ?? bindingNamespace}:${subject.name}`;
}

function clusterRoleRules(
  role: Readonly<ClusterRole>,
  all: Resident<ClusterRole>,
  seen: Set<string> = new Set(),
): readonly Rule[] {
  seen.add(role.metadata.name);
  const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
  const rules: Rule[] = [...(role.rules ?? [])];
  if (selectors.length === 0) return rules;
  for (const other of all.list()) {
    if (
      seen.has(other.metadata.name) ||
      !selectors.some((selector) => matchesLabelSelector(selector, other.metadata.labels))
    )
      continue;
    // Aggregated roles may themselves aggregate (edit into admin); `seen` ends circles.
    rules.push(...clusterRoleRules(other, all, seen));
  }
  return rules;
}
