// What a kubelet may do: the rules of system:node, narrowed to the secrets, config maps, claims and accounts
// that pods bound to its own node refer to.
import type { ClusterRole } from '../../../api/kinds/rbac/index.ts';
import type { Store } from '../../store/contract.ts';
import { nodeNameOf } from '../authentication/user.ts';
import type { Resident } from '../residents/resident.ts';
import { noOpinion, type Attributes, type Authorizer, type Decision } from './authorizer.ts';
import { references } from './pod-references.ts';
import { ruleAllows } from './rbac-rules.ts';

const nodeRole = 'system:node';
const narrowed = new Set(['secrets', 'configmaps', 'persistentvolumeclaims', 'serviceaccounts']);
const reading = new Set(['get', 'list', 'watch']);

/** Authorizes members of system:nodes. */
export function createNodeAuthorizer(clusterRoles: Resident<ClusterRole>, store: Store, podPrefix: string): Authorizer {
  const refersTo = async (nodeName: string, { namespace, resource, name }: Attributes): Promise<boolean> => {
    const { items } = await store.list(`${podPrefix}${namespace}/`, { consistency: 'cache', nodeName });
    if (items.some((item) => references(item.peek(), resource, name))) return true;
    // The kubelet may have seen the binding before this server's cache did.
    const fresh = await store.list(`${podPrefix}${namespace}/`, { consistency: 'latest', nodeName });
    return fresh.items.some((item) => references(item.peek(), resource, name));
  };

  return {
    authorize(attributes): Decision | Promise<Decision> {
      const nodeName = nodeNameOf(attributes.user);
      if (nodeName === undefined) return noOpinion;
      const { group, resource, subresource, verb, name, namespace } = attributes;
      if (group === '' && narrowed.has(resource)) {
        const isToken = resource === 'serviceaccounts' && subresource === 'token' && verb === 'create';
        if (!isToken && !reading.has(verb)) return noOpinion;
        if (name === '' || namespace === '')
          return { allowed: false, reason: `can only read resources of this type by name` };
        return refersTo(nodeName, attributes).then((found) =>
          found
            ? { allowed: true, reason: '' }
            : { allowed: false, reason: `no relationship found between node '${nodeName}' and this object` },
        );
      }
      const rules = clusterRoles.get('', nodeRole)?.rules ?? [];
      return rules.some((rule) => ruleAllows(rule, attributes)) ? { allowed: true, reason: '' } : noOpinion;
    },
  };
}
