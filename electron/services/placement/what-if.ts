// Rehearsals by our own control plane (`POST pilothouse.io/v1 simulations`): nothing is done by asking.
import { z } from 'zod';
import type { WhatIf, WhatIfAnswer } from '../../../api/console/index.ts';
import { ApiError, type Status } from '../../../api/meta/status.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { clusterId, objectName, type CommandsOf } from '../commands/table.ts';
import { ServiceError } from '../errors.ts';

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
  z.strictObject({
    type: z.literal('remedy-applied'),
    namespace: objectName,
    name: objectName,
    kind: z.string().min(1).max(100),
    node: objectName,
  }),
]);
const pod = z.string();
const answer = z.object({
  status: z.object({
    moved: z.array(z.object({ pod, from: z.string(), to: z.string() })).default([]),
    placed: z.array(z.object({ pod, to: z.string() })).default([]),
    pending: z.array(z.object({ pod, from: z.string().optional(), reason: z.string() })).default([]),
    removed: z.array(pod).default([]),
    budgetsBroken: z.array(z.object({ budget: z.string(), pods: z.array(pod) })).default([]),
  }),
});
const mostChanges = 50;

/** A pod that is gone at once: what drills rehearse, and no screen asks. */
export interface PodLost {
  readonly type: 'pod-lost';
  readonly namespace: string;
  readonly name: string;
}

/** Asks the cluster's scheduler; throws ServiceError `NotSupported` on clusters that cannot rehearse. */
export async function rehearse(client: RestClient, changes: readonly (WhatIf | PodLost)[]): Promise<WhatIfAnswer> {
  const response = await client.request({
    method: 'POST',
    path: '/apis/pilothouse.io/v1/simulations',
    body: JSON.stringify({ apiVersion: 'pilothouse.io/v1', kind: 'Simulation', spec: { changes } }),
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  if (response.status === 404) throw new ServiceError('NotSupported', 'This cluster cannot rehearse changes.');
  if (response.status >= 400) throw new ApiError(JSON.parse(text) as Status);
  return answer.parse(JSON.parse(text)).status;
}

export const whatIfCommands: CommandsOf<'placement'> = {
  'placement.whatIf': {
    payload: z.strictObject({ clusterId, changes: z.array(change).min(1).max(mostChanges) }),
    run: ({ clusterId: id, changes }, { clusters }) => rehearse(clusters.get(id).session.client, changes),
  },
};
