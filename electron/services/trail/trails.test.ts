import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../../api/kinds/core/index.ts';
import { createFakeClock, systemClock } from '../../../machinery/clock.ts';
import { createLogger } from '../../../machinery/logger.ts';
import type { ClusterSession } from '../clusters/session.ts';
import { followContainers, isOf, resultsOf, writtenAt } from './container-results.ts';
import { exportTrail, readTrail } from './read-trail.ts';
import { factsOf } from './trail-facts.ts';
import { createTrails, type Trails } from './trails.ts';

describe('a trail', () => {
  let home = '';
  let trails: Trails;
  const cluster = 'harbour';
  const payload = { clusterId: cluster, target: { kind: 'pod', namespace: 'shop', name: 'a' }, password: 'hidden' };

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'pilothouse-trails-'));
    mkdirSync(join(home, 'clusters', cluster), { recursive: true });
    trails = createTrails(home, systemClock, createLogger('test'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('begins with the action once something was changed, and ties together what came of it', async () => {
    trails.trace(cluster, 'pods.look', payload); // asks only
    const trace = trails.trace(cluster, 'drills.start', payload);
    const written: string[] = [];
    trails.onDidWrite((_trace, object) => written.push(object));
    const object = '/api/v1/namespaces/shop/pods/a';
    trace.note('write', { method: 'DELETE', object, auditId: `${trace.id}-1`, status: 200 });
    trace.note('end', { ok: true, what: 'drill', message: '' });
    await trails.written();
    expect(written).toEqual([object]);
    const view = await readTrail(cluster, trace.id, home);
    expect(view).toMatchObject({
      command: 'drills.start',
      about: 'pod shop/a',
      record: { ok: true, entries: 3 },
      entries: [
        { kind: 'write', status: 200, object },
        { kind: 'end', ok: true },
      ],
    });
    expect((await trails.list(cluster)).map(({ id }) => id)).toEqual([trace.id]);
    const again = createTrails(home, systemClock, createLogger('test'));
    expect((await again.list(cluster)).map(({ id }) => id)).toEqual([trace.id]);
    const lines = (await exportTrail(cluster, trace.id, home)).trim().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.join()).not.toContain('hidden');
    expect(JSON.parse(lines[3] ?? '')).toMatchObject({ seq: 3, hash: view.entries[1]?.hash });
  });

  it('is not written for a cluster that was removed, nor found', async () => {
    const trace = trails.trace('gone', 'clusters.remove', {});
    trace.note('end', { ok: true, what: 'clusters.remove', message: '' });
    await trails.written();
    await expect(readTrail('gone', trace.id, home)).rejects.toThrow('no such trail');
  });

  it('names what an action was about, and nothing that may be secret', () => {
    expect(factsOf({ ...payload, yaml: 'data: x', replicas: 3, machines: ['m'] })).toEqual({
      kind: 'pod',
      namespace: 'shop',
      name: 'a',
      replicas: 3,
    });
  });
});

describe('the containers that come of a write', () => {
  it.each([
    ['/apis/apps/v1/namespaces/shop/deployments/web/scale', { namespace: 'shop', kind: 'Deployment', name: 'web' }],
    ['/api/v1/namespaces/shop/pods/a/eviction', { namespace: 'shop', kind: 'Pod', name: 'a' }],
    ['/api/v1/namespaces/shop/configmaps/web', undefined],
    ['/api/v1/nodes/m-1', undefined],
  ])('are those of %s', (path, written) => {
    expect(writtenAt(path)).toEqual(written);
  });

  const pod = {
    metadata: {
      name: 'web-5f-x',
      namespace: 'shop',
      uid: 'u',
      labels: { 'pod-template-hash': '5f' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-5f', controller: true }],
    },
    spec: { nodeName: 'm-1' },
    status: {
      containerStatuses: [
        { name: 'up', containerID: 'docker://1', state: { running: {} } },
        { name: 'over', state: { terminated: { exitCode: 3, reason: 'Error', containerID: 'docker://2' } } },
        { name: 'soon', state: { waiting: { reason: 'ContainerCreating' } } },
        { name: 'never', state: { waiting: { reason: 'ImagePullBackOff' } } },
      ],
    },
  } as unknown as Pod;

  it('belong to the workload that was written', () => {
    expect(isOf(pod, { namespace: 'shop', kind: 'Deployment', name: 'web' })).toBe(true);
    expect(isOf(pod, { namespace: 'shop', kind: 'Deployment', name: 'other' })).toBe(false);
    expect(isOf(pod, { namespace: 'else', kind: 'Pod', name: 'web-5f-x' })).toBe(false);
  });

  it('of a pod that is gone are followed by those of the pod made in its place, and no other’s', async () => {
    let change: (change: { current?: Pod; previous?: Pod }) => void = () => undefined;
    const running = (name: string, uid: string): Pod =>
      ({
        ...pod,
        metadata: { ...pod.metadata, name, uid },
        status: { containerStatuses: [{ name: 'main', containerID: `docker://${uid}`, state: { running: {} } }] },
      }) as unknown as Pod;
    const [victim, sibling] = [running('web-5f-x', 'u'), running('web-5f-y', 'v')];
    const informer = {
      hasSynced: () => true,
      list: () => [victim, sibling],
      onDidChange: (listener: typeof change) => {
        change = listener;
        return () => (change = () => undefined);
      },
    };
    const session = { informers: { of: () => informer }, signal: new AbortController().signal };
    const clock = createFakeClock();
    const told: unknown[] = [];
    const written = { namespace: 'shop', kind: 'Pod', name: 'web-5f-x' };
    followContainers(session as unknown as ClusterSession, clock, written, (facts) => told.push(facts));
    change({ previous: victim });
    change({ current: { ...sibling, metadata: { ...sibling.metadata, labels: {} } } as Pod });
    change({ current: running('web-5f-z', 'w') });
    change({ current: running('web-5f-z', 'w') });
    expect(told).toMatchObject([
      { pod: 'shop/web-5f-x', state: 'gone' },
      { pod: 'shop/web-5f-z', state: 'running', containerId: 'docker://w' },
    ]);
    await clock.advance(200_000);
    change({ current: running('web-5f-q', 'q') });
    expect(told).toHaveLength(2);
  });

  it('are told when they start, end or cannot start', () => {
    expect(resultsOf(pod)).toMatchObject([
      { container: 'up', state: 'running', containerId: 'docker://1', machine: 'm-1' },
      { container: 'over', state: 'terminated', exitCode: 3, containerId: 'docker://2' },
      { container: 'never', state: 'waiting', reason: 'ImagePullBackOff' },
    ]);
  });
});
