// What a suggestion changes, as our control plane says it, and as the patch that does it. Pure.
import { z } from 'zod';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';

const amounts = z.object({
  milliCpu: z.number().optional(),
  memoryBytes: z.number().optional(),
  storageBytes: z.number().optional(),
  extended: z.record(z.string(), z.number()).optional(),
});

export const remedyChange = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('node-changed'),
    node: z.string(),
    uncordon: z.boolean().optional(),
    withoutTaints: z.array(z.object({ key: z.string(), effect: z.string() })).optional(),
    labels: z.record(z.string(), z.string().nullable()).optional(),
  }),
  z.object({ type: z.literal('pods-moved'), pods: z.array(z.string()) }),
  z.object({ type: z.literal('requests-lowered'), requests: amounts }),
  z.object({ type: z.literal('skew-raised'), topologyKey: z.string(), maxSkew: z.number() }),
  z.object({ type: z.enum(['node-name-dropped', 'volume-made', 'devices-released']) }),
]);

export type RemedyChange = z.infer<typeof remedyChange>;

/** Whether the console does it; the rest wants a decision that only a person can take. */
export function canApply({ type }: RemedyChange): boolean {
  return ['node-changed', 'pods-moved', 'requests-lowered', 'skew-raised'].includes(type);
}

/** The merge patch of a node. */
export function nodePatch(node: Node, change: RemedyChange & { type: 'node-changed' }): object {
  const gone = change.withoutTaints ?? [];
  const taints = (node.spec.taints ?? []).filter(
    ({ key, effect }) => !gone.some((taint) => taint.key === key && taint.effect === effect),
  );
  return {
    metadata: { resourceVersion: node.metadata.resourceVersion, labels: change.labels },
    spec: {
      ...(change.uncordon === true && { unschedulable: null }),
      ...(gone.length > 0 && { taints: taints.length > 0 ? taints : null }),
    },
  };
}

/** Whole mebibytes, as people write them; what is less stays in bytes. */
function bytesText(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)}Mi` : String(Math.floor(bytes));
}

function quantities({
  milliCpu,
  memoryBytes,
  storageBytes,
  extended,
}: z.infer<typeof amounts>): Record<string, string> {
  return {
    ...(milliCpu !== undefined && { cpu: `${Math.floor(milliCpu)}m` }),
    ...(memoryBytes !== undefined && { memory: bytesText(memoryBytes) }),
    ...(storageBytes !== undefined && { 'ephemeral-storage': bytesText(storageBytes) }),
    ...Object.fromEntries(Object.entries(extended ?? {}).map(([name, amount]) => [name, String(amount)])),
  };
}

/** The pod spec of a workload's template with the change; undefined when one change cannot say it (several containers). */
export function changedPodSpec(
  spec: Pod['spec'],
  change: RemedyChange & { type: 'requests-lowered' | 'skew-raised' },
): Pod['spec'] | undefined {
  if (change.type === 'skew-raised') {
    const { topologyKey, maxSkew } = change;
    const constraints = spec.topologySpreadConstraints?.map((one) =>
      one.topologyKey === topologyKey ? { ...one, maxSkew } : one,
    );
    return { ...spec, topologySpreadConstraints: constraints };
  }
  const [only, ...others] = spec.containers;
  if (only === undefined || others.length > 0) return undefined;
  const requests = { ...only.resources?.requests, ...quantities(change.requests) };
  return { ...spec, containers: [{ ...only, resources: { ...only.resources, requests } }] };
}
