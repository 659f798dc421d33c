// What every Store must do, as tests: run against the memory store (unit) and against real etcd (integration).
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../api/meta/object-meta.ts';
import type { Store, StoreEvent, StoreWatch } from './contract.ts';

/** A pod with the fields that the suite looks at. */
export function podNamed(
  name: string,
  extra: { namespace?: string; nodeName?: string; note?: string } = {},
): KubernetesObject {
  const namespace = extra.namespace ?? 'default';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      resourceVersion: '',
      creationTimestamp: '2026-11-23T00:00:00Z',
      ...(extra.note === undefined ? {} : { annotations: { note: extra.note } }),
    },
    spec: { containers: [], ...(extra.nodeName === undefined ? {} : { nodeName: extra.nodeName }) },
  } as KubernetesObject;
}

/** The key of a pod. */
export function podKey(name: string, namespace = 'default'): string {
  return `/registry/pods/${namespace}/${name}`;
}

/** Reads events until there are `count`. */
export async function takeEvents(watch: StoreWatch, count: number): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  if (count === 0) return events;
  for await (const batch of watch) {
    events.push(...batch);
    if (events.length >= count) break;
  }
  return events;
}

const pods = '/registry/pods/';
const brief = (events: readonly StoreEvent[]): string[] =>
  events.map((event) => `${event.type} ${event.object.key.slice(pods.length)}`);

/** Declares the suite; `open` makes an empty store. */
export function describeStoreContract(open: () => Promise<Store>): void {
  let store: Store;
  const abort = { current: new AbortController() };
  beforeEach(async () => {
    abort.current = new AbortController();
    store = await open();
  });
  afterEach(async () => {
    abort.current.abort();
    await store.close();
  });
  const watchFrom = (
    fromRevision: number,
    prefix = pods,
    more: { nodeName?: string; maxBuffered?: number } = {},
  ): StoreWatch => store.watch(prefix, { fromRevision, signal: abort.current.signal, ...more });

  describe('writes', () => {
    it('stamps the revision into the served bytes and keeps everything else', async () => {
      const created = await store.create(podKey('a'), podNamed('a', { note: 'ünïcode "quoted" \\ 日本' }));
      const parsed = created.parse();
      expect(parsed.metadata.resourceVersion).toBe(String(created.revision));
      expect(parsed).toEqual({
        ...podNamed('a', { note: 'ünïcode "quoted" \\ 日本' }),
        metadata: { ...parsed.metadata, resourceVersion: String(created.revision) },
      });
      expect((await store.get(podKey('a')))?.parse()).toEqual(parsed);
    });

    it('refuses to create twice, naming the version that is there', async () => {
      const first = await store.create(podKey('a'), podNamed('a'));
      await expect(store.create(podKey('a'), podNamed('a', { note: 'x' }))).rejects.toMatchObject({
        reason: 'AlreadyExists',
        current: { revision: first.revision },
      });
    });

    it('updates only the version that the writer saw', async () => {
      const first = await store.create(podKey('a'), podNamed('a'));
      const second = await store.update(podKey('a'), podNamed('a', { note: '2' }), first.revision);
      expect(second.revision).toBeGreaterThan(first.revision);
      await expect(store.update(podKey('a'), podNamed('a', { note: '3' }), first.revision)).rejects.toMatchObject({
        reason: 'Conflict',
        current: { revision: second.revision },
      });
      await expect(store.update(podKey('b'), podNamed('b'), first.revision)).rejects.toMatchObject({
        reason: 'NotFound',
      });
    });

    it('writes nothing when an update changes nothing', async () => {
      const first = await store.create(podKey('a'), podNamed('a'));
      const again = await store.update(podKey('a'), first.parse(), first.revision);
      expect(again.revision).toBe(first.revision);
      expect(await store.currentRevision()).toBe(first.revision);
    });

    it('deletes, answering the last state under the revision of the deletion', async () => {
      const first = await store.create(podKey('a'), podNamed('a', { note: 'last' }));
      await expect(store.delete(podKey('a'), first.revision + 7)).rejects.toMatchObject({ reason: 'Conflict' });
      const deleted = await store.delete(podKey('a'), first.revision);
      expect(deleted.revision).toBeGreaterThan(first.revision);
      expect(deleted.parse().metadata.annotations).toEqual({ note: 'last' });
      expect(deleted.parse().metadata.resourceVersion).toBe(String(deleted.revision));
      expect(await store.get(podKey('a'))).toBeUndefined();
      await expect(store.delete(podKey('a'))).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('lets exactly one of many competing writers win', async () => {
      const first = await store.create(podKey('a'), podNamed('a'));
      const attempts = Array.from({ length: 20 }, (_, i) =>
        store.update(podKey('a'), podNamed('a', { note: `${i}` }), first.revision).then(
          () => 'won',
          () => 'lost',
        ),
      );
      expect((await Promise.all(attempts)).filter((result) => result === 'won')).toHaveLength(1);
    });

    it('refuses a fenced write once the lease has another holder', async () => {
      const key = '/registry/leases/kube-system/scheduler';
      const lease = { ...podNamed('scheduler', { note: 'me' }), kind: 'Lease', apiVersion: 'coordination.k8s.io/v1' };
      const held = await store.create(key, lease);
      const fence = { key, holds: (object: KubernetesObject) => object.metadata.annotations?.note === 'me' };
      await store.create(podKey('a'), podNamed('a'), { fence });
      const taken = { ...lease, metadata: { ...lease.metadata, annotations: { note: 'other' } } };
      await store.update(key, taken, held.revision);
      await expect(store.create(podKey('b'), podNamed('b'), { fence })).rejects.toMatchObject({ reason: 'Fenced' });
      expect(await store.get(podKey('b'))).toBeUndefined();
    });
  });

  describe('reads', () => {
    it('lists a resource or a namespace in key order, and nothing of its neighbours', async () => {
      for (const namespace of ['b', 'a', 'a-b']) {
        for (const name of ['y', 'x']) await store.create(podKey(name, namespace), podNamed(name, { namespace }));
      }
      await store.create('/registry/podtemplates/a/t', podNamed('t', { namespace: 'a' }));
      const keysOf = async (prefix: string): Promise<string[]> =>
        (await store.list(prefix)).items.map((item) => item.key.slice('/registry/'.length));
      expect(await keysOf(pods)).toEqual(['pods/a-b/x', 'pods/a-b/y', 'pods/a/x', 'pods/a/y', 'pods/b/x', 'pods/b/y']);
      expect(await keysOf(`${pods}a/`)).toEqual(['pods/a/x', 'pods/a/y']);
      expect(await keysOf(`${pods}none/`)).toEqual([]);
    });

    it('sees its own writes at once', async () => {
      for (let i = 0; i < 20; i++) {
        await store.create(podKey(`p${i}`), podNamed(`p${i}`));
        expect((await store.list(pods)).items).toHaveLength(i + 1);
      }
    });

    it('pages through one consistent list while it changes', async () => {
      for (let i = 0; i < 25; i++) await store.create(podKey(`p${10 + i}`), podNamed(`p${10 + i}`));
      const first = await store.list(pods, { limit: 10 });
      expect(first.remaining).toBe(15);
      await store.delete(podKey('p30'));
      await store.create(podKey('p99'), podNamed('p99'));
      const rest: string[] = [];
      for (let afterKey = first.items.at(-1)?.key, remaining = first.remaining; remaining > 0;) {
        const page = await store.list(pods, { limit: 10, afterKey, revision: first.revision });
        rest.push(...page.items.map((item) => item.key));
        remaining = page.remaining;
        afterKey = page.items.at(-1)?.key;
      }
      expect(rest).toEqual(Array.from({ length: 15 }, (_, i) => podKey(`p${20 + i}`)));
    });

    it('shows a list as it was at an earlier revision', async () => {
      const one = await store.create(podKey('a'), podNamed('a', { note: '1' }));
      const two = await store.create(podKey('b'), podNamed('b'));
      await store.update(podKey('a'), podNamed('a', { note: '2' }), one.revision);
      await store.delete(podKey('b'));
      const earlier = await store.list(pods, { revision: two.revision });
      expect(earlier.items.map((item) => item.revision)).toEqual([one.revision, two.revision]);
      expect(earlier.items[0]?.parse().metadata.annotations).toEqual({ note: '1' });
    });

    it('finds the pods of a node', async () => {
      await store.create(podKey('a'), podNamed('a', { nodeName: 'n1' }));
      await store.create(podKey('b'), podNamed('b', { nodeName: 'n2' }));
      const c = await store.create(podKey('c'), podNamed('c'));
      await store.update(podKey('c'), podNamed('c', { nodeName: 'n1' }), c.revision);
      const names = async (): Promise<string[]> =>
        (await store.list(pods, { nodeName: 'n1' })).items.map((item) => item.parse().metadata.name);
      expect(await names()).toEqual(['a', 'c']);
      await store.delete(podKey('a'));
      expect(await names()).toEqual(['c']);
    });

    it('waits for a revision that is asked for, and says so when it does not come', async () => {
      const created = await store.create(podKey('a'), podNamed('a'));
      const read = await store.get(podKey('a'), { consistency: { atLeast: created.revision } });
      expect(read?.revision).toBe(created.revision);
      await expect(store.list(pods, { consistency: { atLeast: created.revision + 1000 } })).rejects.toMatchObject({
        reason: 'TooLargeRevision',
      });
    });

    it('answers Expired for a compacted revision', async () => {
      const first = await store.create(podKey('a'), podNamed('a'));
      const second = await store.create(podKey('b'), podNamed('b'));
      await store.compact(second.revision);
      await expect(store.list(pods, { revision: first.revision })).rejects.toMatchObject({ reason: 'Expired' });
      await expect(takeEvents(watchFrom(first.revision - 1), 1)).rejects.toMatchObject({ reason: 'Expired' });
    });
  });

  describe('watches', () => {
    it('delivers every later event once and in order, with the state before', async () => {
      const { revision } = await store.list(pods);
      const watch = watchFrom(revision);
      const first = await store.create(podKey('a'), podNamed('a'));
      await store.update(podKey('a'), podNamed('a', { note: '2' }), first.revision);
      await store.delete(podKey('a'));
      const events = await takeEvents(watch, 3);
      expect(brief(events)).toEqual(['ADDED default/a', 'MODIFIED default/a', 'DELETED default/a']);
      expect(events[0]?.previous).toBeUndefined();
      expect(events[1]?.previous?.revision).toBe(first.revision);
      expect(events[2]?.object.parse().metadata).toMatchObject({
        annotations: { note: '2' },
        resourceVersion: String(events[2]?.revision),
      });
    });

    it('replays what happened since an earlier revision', async () => {
      const first = await store.create(podKey('a'), podNamed('a'));
      await store.create(podKey('b'), podNamed('b'));
      await store.create(podKey('c', 'other'), podNamed('c', { namespace: 'other' }));
      expect(brief(await takeEvents(watchFrom(first.revision), 2))).toEqual(['ADDED default/b', 'ADDED other/c']);
      expect(brief(await takeEvents(watchFrom(first.revision, `${pods}other/`), 1))).toEqual(['ADDED other/c']);
      expect(brief(await takeEvents(watchFrom(first.revision - 1, podKey('a')), 1))).toEqual(['ADDED default/a']);
    });

    it('misses and doubles nothing between a list and the watch from it', async () => {
      const writes = Array.from({ length: 60 }, (_, i) => store.create(podKey(`p${i}`), podNamed(`p${i}`)));
      await writes[10];
      const { revision, items } = await store.list(pods);
      const events = await takeEvents(watchFrom(revision), 60 - items.length);
      await Promise.all(writes);
      const names = new Set([...items, ...events.map((event) => event.object)].map((version) => version.key));
      expect(names.size).toBe(60);
      expect(items.length + events.length).toBe(60);
    });

    it('tells a node about the pods that come to it and go', async () => {
      const { revision } = await store.list(pods);
      const watch = watchFrom(revision, pods, { nodeName: 'n1' });
      const a = await store.create(podKey('a'), podNamed('a'));
      await store.create(podKey('b'), podNamed('b', { nodeName: 'n2' }));
      await store.update(podKey('a'), podNamed('a', { nodeName: 'n1' }), a.revision);
      await store.delete(podKey('a'));
      expect(brief(await takeEvents(watch, 2))).toEqual(['MODIFIED default/a', 'DELETED default/a']);
    });

    it('cuts a watcher that lets too many events wait', async () => {
      const { revision } = await store.list(pods);
      const watch = watchFrom(revision, pods, { maxBuffered: 5 });
      for (let i = 0; i < 8; i++) await store.create(podKey(`p${i}`), podNamed(`p${i}`));
      await store.list(pods);
      await expect(takeEvents(watch, 8)).rejects.toMatchObject({ reason: 'Expired' });
    });

    it('ends quietly when it is aborted', async () => {
      const watch = watchFrom(await store.currentRevision());
      const reading = takeEvents(watch, 1);
      abort.current.abort();
      expect(await reading).toEqual([]);
    });

    it('reports progress past events of other resources', async () => {
      const watch = watchFrom(await store.currentRevision(), '/registry/secrets/');
      const created = await store.create(podKey('a'), podNamed('a'));
      await store.get(podKey('a'));
      expect(watch.progress()).toBeGreaterThanOrEqual(created.revision);
    });
  });
}
