// The authorizer chain of this server, and the RBAC index it stands on.
import { pods } from '../../../api/kinds/core/index.ts';
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from '../../../api/kinds/rbac/index.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../api/kinds/rbac/index.ts';
import type { Store } from '../../store/contract.ts';
import { followResource, type ResidentContext } from '../residents/resident.ts';
import { chainAuthorizers, healthAuthorizer, mastersAuthorizer, type Authorizer } from './authorizer.ts';
import { createNodeAuthorizer } from './node-authorizer.ts';
import { createRbac, type Rbac } from './rbac.ts';

/** Authorization and when it is ready. */
export interface Authorization {
  readonly authorizer: Authorizer;
  readonly rbac: Rbac;
  readonly whenSynced: Promise<unknown>;
}

/** Starts following RBAC objects and chains the authorizers. */
export function createAuthorization(context: ResidentContext): Authorization {
  const followedRoles = followResource<Role>(context, roles);
  const followedClusterRoles = followResource<ClusterRole>(context, clusterRoles);
  const followedRoleBindings = followResource<RoleBinding>(context, roleBindings);
  const followedClusterRoleBindings = followResource<ClusterRoleBinding>(context, clusterRoleBindings);
  const rbac = createRbac({
    roles: followedRoles.resident,
    clusterRoles: followedClusterRoles.resident,
    roleBindings: followedRoleBindings.resident,
    clusterRoleBindings: followedClusterRoleBindings.resident,
  });
  const store: Store = context.store;
  const node = createNodeAuthorizer(followedClusterRoles.resident, store, pods.storagePrefix);
  return {
    authorizer: chainAuthorizers([healthAuthorizer, mastersAuthorizer, node, rbac]),
    rbac,
    whenSynced: Promise.all(
      [followedRoles, followedClusterRoles, followedRoleBindings, followedClusterRoleBindings].map(
        ({ whenSynced }) => whenSynced,
      ),
    ),
  };
}
