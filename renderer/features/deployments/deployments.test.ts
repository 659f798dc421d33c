import { flushPromises } from '@vue/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeploymentDetail, PodRow } from '../../../api/console/index.ts';
import { installFakeBridge, type FakeBridge } from '../../testing/fake-bridge.ts';
import { mountConsole } from '../../testing/mount.ts';
import { revisionGroups } from './revision-groups.ts';
import RevisionList from './RevisionList.vue';
import RolloutCard from './RolloutCard.vue';
import ScaleCard from './ScaleCard.vue';

const revision = (number: number, current = false): DeploymentDetail['revisions'][number] => ({
  revision: number,
  replicaSet: `web-r${number}`,
  current,
  images: [`web:${number}`],
  replicas: current ? 3 : 0,
  ready: 0,
  createdAt: 0,
});
const detail = (row: Partial<DeploymentDetail['row']> = {}): DeploymentDetail =>
  ({
    row: {
      uid: 'd',
      namespace: 'default',
      name: 'web',
      state: 'available',
      desired: 3,
      ready: 3,
      updated: 3,
      available: 3,
      ...row,
    },
    conditions: [],
    revisions: [revision(2, true), revision(1)],
    containers: [],
    observed: true,
  }) as unknown as DeploymentDetail;
const pod = (name: string, part: Partial<PodRow> = {}): PodRow =>
  ({ uid: name, name, state: 'running', createdAt: 0, reason: 'Running', ...part }) as PodRow;

let bridge: FakeBridge;
beforeEach(() => {
  bridge = installFakeBridge();
  bridge.answer('placement.whatIf', {
    ok: false,
    error: { reason: 'NotSupported', message: 'this cluster cannot rehearse', remedy: '' },
  });
});
afterEach(() => {
  document.body.innerHTML = '';
});

describe('scaling', () => {
  it('sends what was typed, once it differs', async () => {
    const card = mountConsole(ScaleCard, { deployment: detail(), clusterId: 'c' });
    const apply = card.find('button[type=submit]');
    expect(apply.attributes('disabled')).toBeDefined();
    await card.find('input[type=number]').setValue('12');
    expect(card.text()).toContain('3 → 12');
    await card.find('form').trigger('submit');
    expect(bridge.invoked).toEqual([
      { command: 'deployments.scale', payload: { clusterId: 'c', namespace: 'default', name: 'web', replicas: 12 } },
    ]);
  });

  it('follows the cluster while nothing was typed, and keeps what was', async () => {
    const card = mountConsole(ScaleCard, { deployment: detail(), clusterId: 'c' });
    await card.setProps({ deployment: detail({ desired: 5 }) });
    const input = card.find<HTMLInputElement>('input[type=number]');
    expect(input.element.value).toBe('5');
    await input.setValue('9');
    await card.setProps({ deployment: detail({ desired: 6 }) });
    expect(input.element.value).toBe('9');
  });
});

describe('revisions', () => {
  it('roll back with one click, never to what runs', async () => {
    const list = mountConsole(RevisionList, { deployment: detail(), clusterId: 'c' });
    const buttons = list.findAll('button').filter((button) => button.attributes('aria-label')?.startsWith('Roll back'));
    expect(buttons.map((button) => button.attributes('aria-label'))).toEqual(['Roll back to revision 1']);
    await buttons[0]?.trigger('click');
    expect(bridge.invoked[0]).toMatchObject({ command: 'deployments.rollback', payload: { revision: 1 } });
  });

  it('show the difference to what runs', async () => {
    bridge.answer('deployments.compare', {
      ok: true,
      value: { from: { revision: 2, yaml: 'image: web:2\n' }, to: { revision: 1, yaml: 'image: web:1\n' } },
    });
    const list = mountConsole(RevisionList, { deployment: detail(), clusterId: 'c' });
    await list.findAll('button')[0]?.trigger('click');
    await flushPromises();
    expect(list.find('del').text()).toContain('image: web:2');
    expect(list.find('ins').text()).toContain('image: web:1');
  });
});

describe('a rollout', () => {
  it('groups pods by the revision they run', () => {
    const groups = revisionGroups(detail(), [pod('web-r2-a'), pod('web-r1-b'), pod('web-r2-c')]);
    expect(groups.map(({ revision: number, pods }) => [number, pods.map(({ name }) => name)])).toEqual([
      [2, ['web-r2-a', 'web-r2-c']],
      [1, ['web-r1-b']],
    ]);
  });

  it.each<[string, Partial<DeploymentDetail['row']>, PodRow[], string]>([
    ['complete', {}, [], 'Complete: all 3 pods run the newest revision.'],
    ['under way', { updated: 1, state: 'progressing' }, [], '1 of 3 pods are of the new revision.'],
    ['retiring old pods', { state: 'progressing' }, [pod('web-r1-x')], 'New pods are up; old ones are ending.'],
    ['waiting', { available: 2, state: 'progressing' }, [], '2 of 3 pods are available.'],
    ['paused', { state: 'paused' }, [], 'Paused. Nothing is replaced until you resume.'],
  ])('that is %s says so', (_title, row, pods, sentence) => {
    expect(
      mountConsole(RolloutCard, { deployment: detail(row), pods, clusterId: 'c' })
        .find('.sentence')
        .text(),
    ).toBe(sentence);
  });

  it('that is stuck says why, what to do, and leads to the log and to the way back', () => {
    const diagnosis = {
      cause: 'exited' as const,
      facts: { container: 'app', exitCode: 3, restarts: 5 },
      evidence: 'no database',
    };
    const pods = [pod('web-r2-a', { state: 'failed', diagnosis }), pod('web-r1-a')];
    const card = mountConsole(RolloutCard, { deployment: detail({ updated: 1 }), pods, clusterId: 'c' });
    const stuck = card.get('.stuck');
    expect(stuck.text()).toContain('Container app ends by itself with exit code 3, 5 restarts so far.');
    expect(stuck.text()).toContain('no database');
    expect(stuck.findAll('a').map((link) => link.text())).toEqual(['Read the log', 'Revisions and rollback']);
  });
});
