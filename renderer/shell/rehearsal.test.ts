import { describe, expect, it } from 'vitest';
import type { NodeRow, PodRow, WhatIfAnswer } from '../../api/console/index.ts';
import { fullestTarget, ownUid, rehearsed } from './rehearsal.ts';

const node = (name: string, cpuRequestedMilli: number): NodeRow =>
  ({
    uid: name,
    name,
    cpuMilli: 1000,
    cpuRequestedMilli,
    memoryBytes: 100,
    memoryRequestedBytes: 0,
    pods: 1,
  }) as NodeRow;
const pod = (name: string, on?: string): PodRow =>
  ({
    uid: name,
    namespace: 'shop',
    name,
    node: on,
    state: 'running',
    owner: { kind: 'Deployment', name: 'web' },
    cpuMilli: 200,
    memoryBytes: 10,
  }) as PodRow;
const nothing: WhatIfAnswer = { moved: [], placed: [], pending: [], removed: [], budgetsBroken: [] };
const nodes = [node('a', 400), node('b', 600)];
const pods = [pod('web-1', 'a'), pod('web-2', 'a'), pod('web-3')];

describe('a rehearsal', () => {
  it('leaves a moved pod where it is and shows where it would go, with the load there', () => {
    const answer = { ...nothing, moved: [{ pod: 'shop/web-1', from: 'a', to: 'b' }] };
    const after = rehearsed(nodes, pods, [{ type: 'node-drained', node: 'a' }], answer);
    const ghost = after.pods.find(({ uid }) => after.ghosts.has(uid));
    expect(ghost).toMatchObject({ name: 'web-1', node: 'b' });
    expect(ownUid(ghost?.uid ?? '')).toBe('web-1');
    expect([...after.leaving]).toEqual(['web-1']);
    expect(after.pods).toHaveLength(4);
    expect(after.nodes.map(({ cpuRequestedMilli }) => cpuRequestedMilli)).toEqual([200, 800]);
    expect([...after.out]).toEqual(['a']);
    expect(fullestTarget(after)).toEqual({ node: 'b', share: 0.8 });
  });

  it('puts a pod that would be homeless into the tray, once', () => {
    const waiting = { pod: 'shop/web-3', reason: 'still' };
    const answer = { ...nothing, pending: [{ pod: 'shop/web-2', from: 'a', reason: 'no room' }, waiting] };
    const after = rehearsed(nodes, pods, [{ type: 'node-lost', node: 'a' }], answer);
    expect(after.pods.filter(({ uid }) => after.ghosts.has(uid)).map(({ name, node: on }) => [name, on])).toEqual([
      ['web-2', undefined],
    ]);
  });

  it('shows new pods with the requests of their workload, on machines that are not there yet', () => {
    const changes = [
      { type: 'workload-scaled' as const, namespace: 'shop', kind: 'ReplicaSet', name: 'web-5d', replicas: 4 },
      { type: 'node-added' as const, like: 'a', count: 1 },
    ];
    const answer = { ...nothing, placed: [{ pod: 'shop/web-5d-more-1', to: 'a-more-1' }] };
    const after = rehearsed(nodes, pods, changes, answer);
    expect(after.nodes.find(({ name }) => name === 'a-more-1')).toMatchObject({ cpuRequestedMilli: 200, pods: 1 });
    expect(after.pods.at(-1)).toMatchObject({ cpuMilli: 200, node: 'a-more-1', owner: { name: 'web' } });
  });
});
