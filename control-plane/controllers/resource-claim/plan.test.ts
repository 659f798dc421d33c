import { describe, expect, it } from 'vitest';
import type { ResourceClaim, ResourceClaimTemplate } from '../../../api/kinds/resource/index.ts';
import { makePod, metaOf } from '../testing/fixtures.ts';
import { claimFromTemplate, planCleanup } from './plan.ts';

const claim = (status: object, more: object = {}): ResourceClaim =>
  ({ metadata: { ...metaOf('c'), ...more }, spec: {}, status }) as unknown as ResourceClaim;
const usedBy = (...names: string[]) => names.map((name) => ({ resource: 'pods', name, uid: `uid-${name}` }));

it('a claim from a template belongs to the pod and remembers its own name', () => {
  const template = {
    spec: { metadata: { labels: { a: 'b' } }, spec: { devices: {} } },
  } as unknown as ResourceClaimTemplate;
  const { metadata } = claimFromTemplate(makePod('p'.repeat(60)), 'gpu', template);
  expect(metadata.generateName?.length).toBeLessThanOrEqual(58);
  expect(metadata).toMatchObject({
    labels: { a: 'b' },
    annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
    ownerReferences: [{ kind: 'Pod', controller: true }],
  });
});

describe('a claim', () => {
  const pods = { run: makePod('run'), done: makePod('done', { phase: 'Succeeded' }) };
  const podOf = (name: string) => pods[name as keyof typeof pods];
  it('keeps its users that run, and its devices while there are any', () => {
    const plan = planCleanup(claim({ allocation: {}, reservedFor: usedBy('run', 'done', 'gone') }), podOf);
    expect(plan).toEqual({ reservedFor: usedBy('run'), deallocate: false, remove: false });
  });
  it('is freed with its last user', () => {
    expect(planCleanup(claim({ allocation: {}, reservedFor: usedBy('done') }), podOf)).toMatchObject({
      reservedFor: [],
      deallocate: true,
    });
  });
  it('that was allocated and never used is left to who allocated it, until it is deleted', () => {
    expect(planCleanup(claim({ allocation: {} }), podOf).deallocate).toBe(false);
    const leaving = claim({ allocation: {} }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(planCleanup(leaving, podOf).deallocate).toBe(true);
  });
  it('made for a pod that has ended goes with it', () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', controller: true };
    const of = (name: string) => claim({}, { ownerReferences: [{ ...owner, name, uid: `uid-${name}` }] });
    expect(planCleanup(of('done'), podOf).remove).toBe(true);
    expect(planCleanup(of('run'), podOf).remove).toBe(false);
    expect(planCleanup(of('gone'), podOf).remove).toBe(false);
  });
});
