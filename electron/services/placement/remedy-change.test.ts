import { describe, expect, it } from 'vitest';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { canApply, changedPodSpec, nodePatch, remedyChange } from './remedy-change.ts';

const taint = (key: string): { key: string; effect: string } => ({ key, effect: 'NoSchedule' });
const node = {
  metadata: { name: 'n', resourceVersion: '7' },
  spec: { unschedulable: true, taints: [taint('gpu'), taint('own')] },
} as unknown as Node;
const spec = (containers: number): Pod['spec'] =>
  ({
    containers: Array.from({ length: containers }, (_none, i) => ({
      name: `c${i}`,
      resources: { requests: { cpu: '3', memory: '1Gi' } },
    })),
    topologySpreadConstraints: [{ topologyKey: 'zone', maxSkew: 1 }],
  }) as unknown as Pod['spec'];

describe('what a suggestion changes', () => {
  it('takes one taint away and leaves the others, against the version it was read at', () => {
    const change = { type: 'node-changed' as const, node: 'n', withoutTaints: [taint('gpu')] };
    expect(nodePatch(node, change)).toEqual({
      metadata: { resourceVersion: '7', labels: undefined },
      spec: { taints: [taint('own')] },
    });
  });

  it('uncordons without touching taints', () => {
    const patch = nodePatch(node, { type: 'node-changed', node: 'n', uncordon: true });
    expect(patch).toMatchObject({ spec: { unschedulable: null } });
    expect(JSON.stringify(patch)).not.toContain('taints');
  });

  it('lowers what one container asks for and keeps the rest of its requests', () => {
    const change = { type: 'requests-lowered' as const, requests: { milliCpu: 1500 } };
    expect(changedPodSpec(spec(1), change)?.containers[0]?.resources?.requests).toEqual({
      cpu: '1500m',
      memory: '1Gi',
    });
    expect(changedPodSpec(spec(2), change)).toBeUndefined();
  });

  it('writes bytes as people do', () => {
    const change = { type: 'requests-lowered' as const, requests: { memoryBytes: 3 * 2 ** 30 + 5 } };
    expect(changedPodSpec(spec(1), change)?.containers[0]?.resources?.requests?.['memory']).toBe('3072Mi');
  });

  it('raises the skew of one constraint', () => {
    const change = { type: 'skew-raised' as const, topologyKey: 'zone', maxSkew: 3 };
    expect(changedPodSpec(spec(2), change)?.topologySpreadConstraints).toEqual([{ topologyKey: 'zone', maxSkew: 3 }]);
  });

  it('leaves to a person what a patch cannot say', () => {
    const made = remedyChange.parse({ type: 'volume-made', volume: { spec: {} } });
    expect(canApply(made)).toBe(false);
    expect(canApply({ type: 'pods-moved', pods: [] })).toBe(true);
    expect(remedyChange.safeParse({ type: 'unheard-of' }).success).toBe(false);
  });
});
