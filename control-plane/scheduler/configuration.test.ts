import { describe, expect, it } from 'vitest';
import { parseSchedulerConfiguration } from './configuration.ts';
import { infoOf, nodeNamed, podNamed, snapshotOf } from './fixtures.ts';
import type { Profile } from './profile.ts';
import { schedule } from './schedule.ts';

const head = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';
const profilesOf = (yaml: string): readonly Profile[] => parseSchedulerConfiguration(head + yaml).profiles;
const only = (yaml: string): Profile => {
  const [profile] = profilesOf(yaml);
  if (!profile) throw new Error('no profile');
  return profile;
};

describe('a scheduler configuration', () => {
  it('without anything is the default, with dense packing beside it', () => {
    const { profiles, firstBackoffMs, longestBackoffMs } = parseSchedulerConfiguration(head);
    expect(profiles.map(({ schedulerName }) => schedulerName)).toEqual(['default-scheduler', 'bin-pack']);
    expect([firstBackoffMs, longestBackoffMs]).toEqual([1000, 10_000]);
  });

  it('names profiles, weights and shares as upstream does', () => {
    const profile = only(`
percentageOfNodesToScore: 70
podInitialBackoffSeconds: 2
profiles:
- schedulerName: batch
  plugins:
    multiPoint: {disabled: [{name: ImageLocality}]}
    filter: {disabled: [{name: PodTopologySpread}]}
    score:
      disabled: [{name: PodTopologySpread}]
      enabled: [{name: NodeResourcesBalancedAllocation, weight: 7}]
`);
    expect(profile.schedulerName).toBe('batch');
    expect(profile.percentageOfNodesToScore).toBe(70);
    expect(profile.filters.map(({ name }) => name)).not.toContain('PodTopologySpread');
    const weights = Object.fromEntries(profile.scores.map(({ score, weight }) => [score.name, weight]));
    expect(weights).toMatchObject({ BalancedAllocation: 7, TaintToleration: 3 });
    expect(weights).not.toHaveProperty('ImageLocality');
    expect(weights).not.toHaveProperty('PodTopologySpread');
  });

  it('starts from nothing where all scores are disabled', () => {
    const { scores } = only(
      'profiles: [{plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit, weight: 5}]}}}]',
    );
    expect(scores.map(({ score, weight }) => [score.name, weight])).toEqual([['LeastAllocated', 5]]);
  });

  it.each([
    ['LeastAllocated', 'idle'],
    ['MostAllocated', 'busy'],
    [
      'RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]}',
      'busy',
    ],
  ])('places by the strategy %s', (type, expected) => {
    const profile = only(
      `profiles: [{plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit}]}},
        pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: ${type}, resources: [{name: cpu, weight: 3}, {name: example.com/gpu, weight: 1}]}}}]}]`,
    );
    const snapshot = snapshotOf(
      [nodeNamed('idle'), nodeNamed('busy')],
      [podNamed('o', { cpu: '2', nodeName: 'busy' })],
    );
    expect(schedule(snapshot, infoOf('p', { cpu: '1' }), profile)).toMatchObject({ node: { name: expected } });
  });

  it.each([
    ['percentageOfNodesToScore: 400', 'percentageOfNodesToScore'],
    ['extenders: []', 'extenders'],
    ['profiles: [{schedulerName: a}, {schedulerName: a}]', 'profiles: two profiles are named a; rename one'],
    [
      'profiles: [{plugins: {filter: {enabled: [{name: Magic}]}}}]',
      'profiles[0].plugins.filter: there is no plugin Magic; remove it',
    ],
    [
      'profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: RequestedToCapacityRatio}}}]}]',
      'RequestedToCapacityRatio needs a shape',
    ],
    ['podInitialBackoffSeconds: 20', 'podMaxBackoffSeconds: must not be less'],
    ['profiles: [', 'it is not YAML'],
  ])('is refused for %s, by a sentence that names the mistake', (yaml, words) => {
    expect(() => parseSchedulerConfiguration(head + yaml)).toThrow(words);
  });
});
