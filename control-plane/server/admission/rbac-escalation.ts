// Nobody grants what they do not have: roles may hold only rules that their writer holds, bindings only roles that their
// writer could have written; unless the writer has the verb `escalate` or `bind` for it.
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../api/kinds/rbac/index.ts';
import { forbidden } from '../../../api/meta/status.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Rbac } from '../authorization/rbac.ts';
import { uncovered, type Rule } from '../authorization/rbac-rules.ts';
import { stableJson } from '../registry/metadata.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const group = 'rbac.authorization.k8s.io';

/** The escalation check. */
export function createEscalationCheck(authorizer: Authorizer, rbac: Rbac): AdmissionPlugin {
  const may = async (
    { user, namespace }: AdmissionRequest,
    verb: string,
    resource: string,
    name: string,
  ): Promise<boolean> => {
    const decision = await authorizer.authorize({
      user,
      verb,
      isResource: true,
      group,
      version: 'v1',
      resource,
      subresource: '',
      namespace,
      name,
      path: '',
    });
    return decision.allowed;
  };
  const demandHeld = (request: AdmissionRequest, wanted: readonly Rule[]): void => {
    const missing = uncovered(rbac.rulesFor(request.user, request.namespace), wanted);
    if (missing.length === 0) return;
    const { username, groups } = request.user;
    const list = missing.slice(0, 20).map(formatRule).join('\n');
    throw forbidden(
      request.definition,
      request.name,
      `user ${JSON.stringify(username)} (groups=${JSON.stringify(groups)}) is attempting to grant RBAC permissions not currently held:\n${list}`,
    );
  };
  const checkRole = async (request: AdmissionRequest): Promise<void> => {
    const { definition, name, object, previous } = request;
    const next = object as Role | ClusterRole;
    const before = previous as Role | ClusterRole | undefined;
    if (
      before !== undefined &&
      stableJson([next.rules, aggregation(next)]) === stableJson([before.rules, aggregation(before)])
    )
      return;
    if (await may(request, 'escalate', definition.plural, name)) return;
    // An aggregating role gathers rules that nobody wrote into it: that takes everything.
    demandHeld(request, aggregation(next) === undefined ? (next.rules ?? []) : [everything, everyUrl]);
  };
  const checkBinding = async (request: AdmissionRequest): Promise<void> => {
    const { namespace, object, previous } = request;
    const next = object as RoleBinding | ClusterRoleBinding;
    const before = previous as RoleBinding | ClusterRoleBinding | undefined;
    if (
      before !== undefined &&
      stableJson([next.roleRef, next.subjects]) === stableJson([before.roleRef, before.subjects])
    )
      return;
    const { kind, name } = next.roleRef;
    if (await may(request, 'bind', kind === 'Role' ? 'roles' : 'clusterroles', name)) return;
    const rules = rbac.rulesOfRole(kind, namespace, name);
    if (rules === undefined)
      throw forbidden(request.definition, request.name, `${kind} ${JSON.stringify(name)} not found`);
    demandHeld(request, rules);
  };
  return {
    name: 'RBACEscalation',
    concerns: ({ definition, operation, user }) =>
      definition.group === group && operation !== 'DELETE' && !user.groups.includes('system:masters'),
    validate: (request) =>
      request.definition.plural.endsWith('bindings') ? checkBinding(request) : checkRole(request),
  };
}

const everything: Rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const everyUrl: Rule = { verbs: ['*'], nonResourceURLs: ['*'] };

function aggregation(role: Role | ClusterRole): unknown {
  return (role as ClusterRole).aggregationRule;
}

function formatRule(rule: Rule): string {
  const part = (name: string, values: readonly string[] | undefined): string[] =>
    values === undefined || values.length === 0 ? [] : [`${name}:${JSON.stringify(values)}`];
  const parts = [
    ...part('APIGroups', rule.apiGroups),
    ...part('Resources', rule.resources),
    ...part('ResourceNames', rule.resourceNames),
    ...part('NonResourceURLs', rule.nonResourceURLs),
    ...part('Verbs', rule.verbs),
  ];
  return `{${parts.join(', ')}}`;
}
