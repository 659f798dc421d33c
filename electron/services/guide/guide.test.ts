import { describe, expect, it } from 'vitest';
import type { ChangeView, DeploymentRow, GuideStep, NodeRow } from '../../../api/console/index.ts';
import type { Service } from '../../../api/kinds/core/index.ts';
import { guideOf, type GuideFacts } from './guide.ts';

const dayMs = 86_400_000;
const bare: GuideFacts = { nodes: [], deployments: [], services: [], changes: [], nowMs: 10 * dayMs };
const node = (state: NodeRow['state'], createdAt = 9 * dayMs): NodeRow => ({ state, createdAt }) as NodeRow;
const deployment = (namespace: string, ready: number): DeploymentRow => ({ namespace, ready }) as DeploymentRow;
const service = (namespace: string, selector?: Record<string, string>): Service =>
  ({ metadata: { namespace, name: 'one' }, spec: { selector } }) as unknown as Service;
const change = (facts: Partial<ChangeView>): ChangeView =>
  ({ action: 'update', verb: 'scale', object: { kind: 'Deployment' }, ...facts }) as ChangeView;
const done = (facts: Partial<GuideFacts>): GuideStep[] =>
  guideOf({ ...bare, ...facts }).steps.flatMap(({ id, isDone }) => (isDone ? [id] : []));

describe('the guided first hour', () => {
  it('has nothing done in an empty cluster, and leaves out what the console cannot see to', () => {
    expect(guideOf(bare)).toEqual({
      isFresh: false,
      steps: ['machines', 'deployment', 'address', 'change', 'undo'].map((id) => ({ id, isDone: false })),
    });
  });

  const cases: [string, Partial<GuideFacts>, GuideStep[]][] = [
    ['machines once every one is ready', { nodes: [node('ready'), node('ready')] }, ['machines']],
    ['no machines while one is not', { nodes: [node('ready'), node('notReady')] }, []],
    ['a deployment once a pod of it is ready', { deployments: [deployment('default', 1)] }, ['deployment']],
    [
      'none that waits, and none of the cluster itself',
      { deployments: [deployment('default', 0), deployment('kube-system', 2)] },
      [],
    ],
    ['an address once a Service selects pods', { services: [service('shop', { app: 'cart' })] }, ['address']],
    [
      'no address by the API server itself',
      { services: [service('default'), service('kube-system', { k: 'dns' })] },
      [],
    ],
    ['a change of a deployment', { changes: [change({})] }, ['change']],
    ['a change taken back', { changes: [change({ undoes: 'x' })] }, ['undo']],
    ['a rollback, which is both', { changes: [change({ verb: 'rollback' })] }, ['change', 'undo']],
    ['what is created is no change', { changes: [change({ action: 'create' })] }, []],
    [
      'backups and alerts where they are kept',
      { upkeep: { hasSchedule: true, hasReceiver: true } },
      ['backups', 'alerts'],
    ],
  ];
  it.each(cases)('ticks %s', (_title, facts, expected) => {
    expect(done(facts)).toEqual(expected);
  });

  it('is for young clusters', () => {
    expect(guideOf({ ...bare, nodes: [node('ready')] }).isFresh).toBe(true);
    expect(guideOf({ ...bare, nodes: [node('ready'), node('ready', 2 * dayMs)] }).isFresh).toBe(false);
  });
});
