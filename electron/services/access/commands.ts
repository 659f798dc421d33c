// Commands about access: who can do what, and a kubeconfig for a colleague.
import { z } from 'zod';
import {
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  type ClusterRole,
  type ClusterRoleBinding,
  type Role,
  type RoleBinding,
} from '../../../api/kinds/rbac/index.ts';
import { clusterOf, loadKubeconfig } from '../../../machinery/kubeconfig.ts';
import { clusterId, objectName, type CommandsOf } from '../commands/table.ts';
import { inviteColleague } from './colleague.ts';
import { whoCan } from './who-can.ts';

const word = z.string().max(253);
const mostDays = 365;

export const accessCommands: CommandsOf<'access'> = {
  'access.whoCan': {
    payload: z.strictObject({
      clusterId,
      question: z.strictObject({
        verb: word.min(1),
        resource: word.min(1),
        group: word,
        namespace: objectName.optional(),
      }),
    }),
    async run({ clusterId: id, question }, { clusters }) {
      const { client } = clusters.get(id).session;
      const [own, all, bindings, allBindings] = await Promise.all([
        client.resource<Role>(roles).list(),
        client.resource<ClusterRole>(clusterRoles).list(),
        client.resource<RoleBinding>(roleBindings).list(),
        client.resource<ClusterRoleBinding>(clusterRoleBindings).list(),
      ]);
      const rbac = {
        roles: own.items,
        clusterRoles: all.items,
        roleBindings: bindings.items,
        clusterRoleBindings: allBindings.items,
      };
      return whoCan(rbac, question);
    },
  },
  'access.invite': {
    payload: z.strictObject({
      clusterId,
      wish: z.strictObject({
        name: z
          .string()
          .trim()
          .min(1)
          .max(100)
          .regex(/^(?!system:)[\p{L}\p{N}.@_-]+$/u),
        role: objectName,
        namespace: objectName.optional(),
        days: z.number().int().min(1).max(mostDays),
      }),
    }),
    async run({ clusterId: id, wish }, { clusters, changes, clock }) {
      const { client } = clusters.get(id).session;
      const access = clusterOf(loadKubeconfig(await clusters.kubeconfigOf(id)));
      const { binding, ...answer } = await inviteColleague(client, id, access, wish, clock);
      await changes.record(id, {
        verb: 'create',
        summary: `${binding.kind} · ${wish.name} → ${wish.role}`,
        after: binding,
      });
      return answer;
    },
  },
};
