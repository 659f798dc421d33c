import { describe, expect, it } from 'vitest';
import type { DaemonSet } from '../../../api/kinds/apps/index.ts';
import type { Node, Pod } from '../../../api/kinds/core/index.ts';
import { revisionHashLabel } from '../revision-history.ts';
import type { PodOptions } from '../testing/fixtures.ts';
import { makeNode, makePod, metaOf, startMs } from '../testing/fixtures.ts';
import { daemonPodSpec, nodeNameOf } from './nodes.ts';
import { planDaemonSet, planDaemonSetStatus } from './plan.ts';

const nowMs = startMs + 3_600_000;

function setOf(rollingUpdate?: object, spec: Partial<Pod['spec']> = {}): DaemonSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metaOf('logs'),
    spec: {
      selector: { matchLabels: { app: 'logs' } },
      template: {
        metadata: { labels: { app: 'logs' } },
        spec: { containers: [{ name: 'logs', image: 'logs:2' }], ...spec },
      },
      updateStrategy: rollingUpdate ? { type: 'RollingUpdate', rollingUpdate } : { type: 'OnDelete' },
    },
  };
}
const podOn = (nodeName: string, name: string, revision: 'old' | 'new', options: PodOptions = {}): Pod =>
  makePod(name, { nodeName, labels: { [revisionHashLabel]: revision }, ...options });
const nodes = (...names: string[]): Node[] => names.map((name) => makeNode(name));
const old = (...names: string[]): Pod[] => names.map((name) => podOn(name, `old-${name}`, 'old'));

/** What the plan makes (`+node`) and deletes (`-pod`). */
function steps(set: DaemonSet, on: readonly Node[], pods: readonly Pod[]): string[] {
  const plan = planDaemonSet(set, on, pods, 'new', nowMs);
  return [...plan.create.map((node) => `+${node}`), ...plan.delete.map(({ metadata }) => `-${metadata.name}`)];
}
const tainted = (name: string, effect: 'NoSchedule' | 'NoExecute'): Node =>
  makeNode(name, 'True', { taints: [{ key: 'mine', effect }] });
const surge = { maxSurge: 1, maxUnavailable: 0 };

describe('a DaemonSet', () => {
  it.each<[string, DaemonSet, Node[], Pod[], string[]]>([
    ['has a pod on every node', setOf(), nodes('a', 'b'), old('a'), ['+b']],
    ['starts none where a taint keeps it away', setOf(), [tainted('a', 'NoSchedule')], [], []],
    ['lets one stay that such a taint came after', setOf(), [tainted('a', 'NoSchedule')], old('a'), []],
    ['leaves where a taint drives it out', setOf(), [tainted('a', 'NoExecute')], old('a'), ['-old-a']],
    ['runs on cordoned nodes', setOf(), [makeNode('a', 'True', { unschedulable: true })], [], ['+a']],
    [
      'keeps to its node selector',
      setOf(undefined, { nodeSelector: { disk: 'ssd' } }),
      nodes('a'),
      old('a'),
      ['-old-a'],
    ],
    ['replaces a pod that ended', setOf(), nodes('a'), [podOn('a', 'p', 'new', { phase: 'Failed' })], ['-p']],
    [
      'keeps the elder of two',
      setOf(),
      nodes('a'),
      [podOn('a', 'p', 'new'), podOn('a', 'q', 'new', { createdMs: nowMs })],
      ['-q'],
    ],
    ['replaces nothing by itself on OnDelete', setOf(), nodes('a'), old('a'), []],
    ['rolls one at a time', setOf({ maxUnavailable: 1 }), nodes('a', 'b', 'c'), old('a', 'b', 'c'), ['-old-a']],
    [
      'rolls a share at a time',
      setOf({ maxUnavailable: '50%' }),
      nodes('a', 'b', 'c'),
      old('a', 'b', 'c'),
      ['-old-a', '-old-b'],
    ],
    [
      'replaces at once what does not work anyhow, and nothing besides',
      setOf({ maxUnavailable: 1 }),
      nodes('a', 'b'),
      [...old('a'), podOn('b', 'broken', 'old', { ready: false })],
      ['-broken'],
    ],
    [
      'waits for the replacement',
      setOf({ maxUnavailable: 1 }),
      nodes('a', 'b'),
      [podOn('a', 'p', 'new', { ready: false }), ...old('b')],
      [],
    ],
    ['surges: the new pod comes first', setOf(surge), nodes('a', 'b'), old('a', 'b'), ['+a']],
    [
      'surges: the old pod stays until the new one works',
      setOf(surge),
      nodes('a'),
      [...old('a'), podOn('a', 'p', 'new', { ready: false })],
      [],
    ],
    [
      'surges: the old pod goes when it does',
      setOf(surge),
      nodes('a', 'b'),
      [...old('a', 'b'), podOn('a', 'p', 'new')],
      ['-old-a'],
    ],
    [
      'surges where the old pod does not work, whatever the limit',
      setOf(surge),
      nodes('a', 'b'),
      [podOn('a', 'x', 'old', { ready: false }), podOn('b', 'y', 'old', { ready: false })],
      ['+a', '+b'],
    ],
  ])('%s', (_title, set, on, pods, expected) => {
    expect(steps(set, on, pods).sort()).toEqual([...expected].sort());
  });

  it('binds its pods to their nodes by affinity, and lets them put up with what nodes suffer', () => {
    const { spec } = setOf().spec.template;
    if (!spec) throw new Error('no template');
    const pod = makePod('p', { spec: daemonPodSpec(spec, 'a') });
    expect(nodeNameOf(pod)).toBe('a');
    expect(pod.spec.tolerations?.map(({ key }) => key)).toContain('node.kubernetes.io/unschedulable');
  });

  it('counts what runs where it should, where it should not, and what is of the new revision', () => {
    const pods = [podOn('a', 'p', 'new'), ...old('b'), podOn('c', 'odd', 'old')];
    const { status } = planDaemonSetStatus(
      setOf(),
      [...nodes('a', 'b', 'd'), tainted('c', 'NoSchedule')],
      pods,
      'new',
      nowMs,
    );
    expect(status).toMatchObject({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
      numberReady: 2,
      updatedNumberScheduled: 1,
      numberAvailable: 2,
      numberUnavailable: 1,
    });
  });
});
