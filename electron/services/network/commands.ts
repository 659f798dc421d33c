// Commands about the network: may one pod reach another?
import { z } from 'zod';
import { namespaces, pods, type Namespace, type Pod } from '../../../api/kinds/core/index.ts';
import { networkPolicies, type NetworkPolicy } from '../../../api/kinds/networking/index.ts';
import { clusterId, objectName, type CommandsOf } from '../commands/table.ts';
import { mayReach } from './may-reach.ts';

const end = z.strictObject({ namespace: objectName, pod: objectName });

export const networkCommands: CommandsOf<'network'> = {
  'network.reach': {
    payload: z.strictObject({
      clusterId,
      question: z.strictObject({
        from: end,
        to: end,
        port: z.number().int().min(1).max(65_535),
        protocol: z.enum(['TCP', 'UDP', 'SCTP']),
      }),
    }),
    async run({ clusterId: id, question }, { clusters }) {
      const { client } = clusters.get(id).session;
      const podOf = ({ namespace, pod }: typeof question.from): Promise<Pod> =>
        client.resource<Pod>(pods, namespace).get(pod);
      const [from, to, known, policies] = await Promise.all([
        podOf(question.from),
        podOf(question.to),
        client.resource<Namespace>(namespaces).list(),
        client.resource<NetworkPolicy>(networkPolicies).list(),
      ]);
      return mayReach({ from, to, namespaces: known.items, policies: policies.items }, question);
    },
  },
};
