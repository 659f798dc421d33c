// Rehearsals by our own control plane (`POST pilothouse.io/v1 simulations`): nothing is done by asking.
import { z } from 'zod';
import { ApiError, type Status } from '../../../api/meta/status.ts';
import { ServiceError } from '../errors.ts';
import { clusterId, objectName, type CommandsOf } from './table.ts';

const change = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['node-lost', 'node-drained']), node: objectName }),
  z.strictObject({ type: z.literal('node-added'), like: objectName, count: z.number().int().min(1).max(1000) }),
  z.strictObject({
    type: z.literal('workload-scaled'),
    namespace: objectName,
    kind: z.string().min(1).max(100),
    name: objectName,
    replicas: z.number().int().min(0).max(10_000),
  }),
]);
const pod = z.string();
const answer = z.object({
  status: z.object({
    moved: z.array(z.object({ pod, from: z.string(), to: z.string() })).default([]),
    placed: z.array(z.object({ pod, to: z.string() })).default([]),
    pending: z.array(z.object({ pod, from: z.string().optional(), reason: z.string() })).default([]),
    budgetsBroken: z.array(z.object({ budget: z.string(), pods: z.array(pod) })).default([]),
  }),
});
const mostChanges = 50;

export const whatIfCommands: CommandsOf<'placement'> = {
  'placement.whatIf': {
    payload: z.strictObject({ clusterId, changes: z.array(change).min(1).max(mostChanges) }),
    async run({ clusterId: id, changes }, { clusters }) {
      const response = await clusters.get(id).session.client.request({
        method: 'POST',
        path: '/apis/pilothouse.io/v1/simulations',
        body: JSON.stringify({ apiVersion: 'pilothouse.io/v1', kind: 'Simulation', spec: { changes } }),
        headers: { 'content-type': 'application/json' },
      });
      const text = await response.text();
      if (response.status === 404) throw new ServiceError('NotSupported', 'This cluster cannot rehearse changes.');
      if (response.status >= 400) throw new ApiError(JSON.parse(text) as Status);
      return answer.parse(JSON.parse(text)).status;
    },
  },
};
