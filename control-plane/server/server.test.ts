// The server as its clients see it: a real TLS port, the memory store, typed and raw requests.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployments, type Deployment } from '../../api/kinds/apps/index.ts';
import { configMaps, namespaces, pods, serviceAccounts, type ConfigMap, type Pod } from '../../api/kinds/core/index.ts';
import type { Draft } from '../../api/meta/object-meta.ts';
import { isApiError, type Status } from '../../api/meta/status.ts';
import type { WatchEvent } from '../../api/meta/watch.ts';
import { startServer, type RunningServer } from './fixtures/running-server.ts';

let running: RunningServer;

beforeAll(async () => {
  running = await startServer();
  await running.client.resource(serviceAccounts, 'default').create({ metadata: { name: 'default' } });
});
afterAll(() => running.close());

const podOf = (name: string, extra: object = {}): Draft<Pod> => ({
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: 'c', image: 'nginx' }], ...extra },
});
const configMap = (name: string, data: Record<string, string> = {}): Draft<ConfigMap> => ({
  metadata: { name, labels: { set: name } },
  data,
});
const maps = () => running.client.resource(configMaps, 'default');
const thePods = () => running.client.resource(pods, 'default');

async function refusal(promise: Promise<unknown>): Promise<Status> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isApiError(error)) throw new Error(`expected an API error, got ${String(error)}`);
  return error.status;
}

async function take<T>(events: AsyncIterable<WatchEvent<T>>, count: number): Promise<WatchEvent<T>[]> {
  const taken: WatchEvent<T>[] = [];
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

describe('creating', () => {
  it('gives an object its identity and defaults', async () => {
    const pod = await thePods().create(podOf('identity'));
    expect(pod.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(pod.metadata.resourceVersion)).toBeGreaterThan(1);
    expect(pod.metadata.generation).toBe(1);
    expect(pod.status).toMatchObject({ phase: 'Pending', qosClass: 'BestEffort' });
    expect(pod.spec.tolerations).toHaveLength(2);
    expect(pod.spec.serviceAccountName).toBe('default');
    expect(pod.spec.volumes?.[0]?.name).toMatch(/^kube-api-access-/);
  });

  it('draws names from generateName', async () => {
    const created = await maps().create({ metadata: { generateName: 'drawn-' } });
    expect(created.metadata.name).toMatch(/^drawn-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('stores nothing in a dry run', async () => {
    const shown = await maps().create(configMap('dry'), { dryRun: true });
    expect(shown.metadata.uid).not.toBe('');
    expect((await refusal(maps().get('dry'))).reason).toBe('NotFound');
  });

  it('refuses a second object of the name, a missing namespace, and a broken object with every fault', async () => {
    await maps().create(configMap('twice'));
    expect((await refusal(maps().create(configMap('twice')))).reason).toBe('AlreadyExists');
    expect(await refusal(running.client.resource(configMaps, 'nowhere').create(configMap('x')))).toMatchObject({
      code: 404,
      details: { kind: 'namespaces' },
    });
    const status = await refusal(
      thePods().create({ metadata: { name: 'Bad_Name' }, spec: { containers: [] } } as Draft<Pod>),
    );
    expect(status).toMatchObject({ reason: 'Invalid', code: 422 });
    expect(status.details?.causes?.length).toBeGreaterThanOrEqual(2);
  });

  it('warns of unknown and duplicate fields, or refuses them when strict', async () => {
    const body = '{"metadata":{"name":"fields"},"data":{"a":"1","a":"2"},"spce":{}}';
    const path = '/api/v1/namespaces/default/configmaps';
    const warned = await running.raw('POST', path, { body });
    expect(warned.status).toBe(201);
    expect(warned.headers['warning']).toContain('299 - "duplicate field \\"data.a\\""');
    expect(warned.headers['warning']).toContain('unknown field \\"spce\\"');
    const strict = await running.raw('POST', `${path}?fieldValidation=Strict`, { body });
    expect(strict.status).toBe(400);
    expect(strict.text).toContain('strict decoding error');
  });

  it('reads YAML', async () => {
    const body = 'metadata: {name: from-yaml}\ndata:\n  k: v\n';
    const answer = await running.raw('POST', '/api/v1/namespaces/default/configmaps', {
      body,
      headers: { 'content-type': 'application/yaml', accept: 'application/yaml' },
    });
    expect(answer.status).toBe(201);
    expect(answer.text).toContain('k: v');
  });
});

describe('updating', () => {
  it('guards by resourceVersion and counts generations of the spec only', async () => {
    const client = running.client.resource(deployments, 'default');
    const draft: Draft<Deployment> = {
      metadata: { name: 'generations' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      } as Deployment['spec'],
    };
    const first = await client.create(draft);
    const second = await client.update({ ...first, spec: { ...first.spec, replicas: 3 } });
    expect(second.metadata.generation).toBe(2);
    expect((await refusal(client.update({ ...first, spec: { ...first.spec, replicas: 4 } }))).reason).toBe('Conflict');
    const third = await client.updateStatus({
      ...second,
      spec: { ...second.spec, replicas: 9 },
      status: { ...second.status, replicas: 3 },
    });
    expect(third).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 }, status: { replicas: 3 } });
    const fourth = await client.patch('generations', { type: 'merge', body: { metadata: { labels: { x: 'y' } } } });
    expect(fourth.metadata.generation).toBe(2);
  });

  it('retries patches that meet other writes', async () => {
    await maps().create(configMap('contended'));
    const writes = Array.from({ length: 20 }, (_, index) =>
      maps().patch('contended', { type: 'merge', body: { data: { [`k${index}`]: 'v' } } }),
    );
    await Promise.all(writes);
    expect(Object.keys((await maps().get('contended')).data ?? {})).toHaveLength(20);
  });

  it('takes JSON and strategic patches, and refuses what does not apply', async () => {
    await thePods().create(podOf('patched'));
    const pod = await thePods().patch('patched', {
      type: 'strategic',
      body: { spec: { containers: [{ name: 'c', image: 'other' }] } },
    });
    expect(pod.spec.containers).toHaveLength(1);
    expect(pod.spec.containers[0]?.image).toBe('other');
    const labelled = await thePods().patch('patched', {
      type: 'json',
      body: [{ op: 'add', path: '/metadata/labels/new', value: 'yes' }],
    });
    expect(labelled.metadata.labels).toMatchObject({ new: 'yes' });
    const status = await refusal(
      thePods().patch('patched', { type: 'json', body: [{ op: 'test', path: '/metadata/name', value: 'no' }] }),
    );
    expect(status.status).toBe('Failure');
  });
});

describe('applying', () => {
  const apply = (body: object, manager: string, query = '') =>
    running.raw('PATCH', `/api/v1/namespaces/default/configmaps/applied?fieldManager=${manager}${query}`, {
      body,
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });

  it('creates, keeps to its own fields, and tells of conflicts', async () => {
    const draft = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data });
    expect((await apply(draft({ a: '1', b: '1' }), 'one')).status).toBe(201);
    expect((await apply(draft({ c: '2' }), 'two')).status).toBe(200);
    const conflict = await apply(draft({ a: '9' }), 'two');
    expect(JSON.parse(conflict.text)).toMatchObject({
      code: 409,
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] },
    });
    expect((await apply(draft({ a: '9' }), 'two', '&force=true')).status).toBe(200);
    const { data } = await maps().get('applied');
    expect(data).toEqual({ a: '9', b: '1' });
    await maps().patch('applied', { type: 'merge', body: { data: { b: '5' } } }, { fieldManager: 'three' });
    expect((await apply(draft({ b: '1' }), 'one')).status).toBe(409);
  });

  it('needs a field manager', async () => {
    expect((await apply({}, '')).status).toBe(422);
  });
});

describe('listing', () => {
  it('pages consistently while objects come and go', async () => {
    await running.client.resource(namespaces).create({ metadata: { name: 'paged' } } as never);
    const client = running.client.resource(configMaps, 'paged');
    for (let index = 0; index < 10; index++) await client.create(configMap(`m${index}`));
    const first = await client.list({ limit: 4 });
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['m0', 'm1', 'm2', 'm3']);
    expect(first.metadata.remainingItemCount).toBe(6);
    await client.create(configMap('m4a'));
    await client.delete('m5');
    const second = await client.list({ limit: 4, continue: first.metadata.continue });
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(['m4', 'm5', 'm6', 'm7']);
    const third = await client.list({ limit: 4, continue: second.metadata.continue });
    expect(third.items.map(({ metadata }) => metadata.name)).toEqual(['m8', 'm9']);
    expect(third.metadata.continue).toBeUndefined();
  });

  it('selects by labels and fields, and refuses fields it does not know', async () => {
    await maps().create(configMap('chosen'));
    expect((await maps().list({ labelSelector: 'set in (chosen, other)' })).items).toHaveLength(1);
    expect((await maps().list({ fieldSelector: 'metadata.name=chosen' })).items).toHaveLength(1);
    expect((await maps().list({ labelSelector: '!set,x=y' })).items).toHaveLength(0);
    expect((await refusal(maps().list({ fieldSelector: 'spec.colour=red' }))).code).toBe(400);
    expect((await refusal(maps().list({ labelSelector: 'a=b=c' }))).code).toBe(400);
  });

  it('answers tables and bare metadata', async () => {
    const table = await running.raw('GET', '/api/v1/namespaces/default/pods', {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
    });
    expect(JSON.parse(table.text)).toMatchObject({
      kind: 'Table',
      columnDefinitions: [{ name: 'Name' }, {}, {}, {}, {}, {}, {}, {}, {}],
    });
    const partial = await running.raw('GET', '/api/v1/namespaces/default', {
      headers: { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
    });
    expect(JSON.parse(partial.text)).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'default' } });
  });
});

describe('watching', () => {
  it('tells what happens after a version, and entering and leaving of a selection', async () => {
    const { metadata } = await maps().list();
    const events = take(maps().watch({ resourceVersion: metadata.resourceVersion, labelSelector: 'watched=yes' }), 3);
    await maps().create(configMap('seen'));
    await maps().patch('seen', { type: 'merge', body: { metadata: { labels: { watched: 'yes' } } } });
    await maps().patch('seen', { type: 'merge', body: { data: { a: 'b' } } });
    await maps().patch('seen', { type: 'merge', body: { metadata: { labels: { watched: 'no' } } } });
    expect((await events).map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
  });

  it('begins with the present state, marks its end, and goes on', async () => {
    await running.client.resource(namespaces).create({ metadata: { name: 'streamed' } } as never);
    const client = running.client.resource(configMaps, 'streamed');
    await client.create(configMap('here'));
    const watch = client.watch({
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    const events = take(watch, 3);
    setTimeout(() => void client.create(configMap('later')), 50);
    const [added, bookmark, later] = await events;
    expect(added).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'here' } } });
    expect(bookmark).toMatchObject({
      type: 'BOOKMARK',
      object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
    expect(later).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'later' } } });
  });

  it('ends by itself after timeoutSeconds', async () => {
    const started = Date.now();
    const all: unknown[] = [];
    for await (const event of maps().watch({
      resourceVersion: (await maps().list()).metadata.resourceVersion,
      timeoutSeconds: 1,
    }))
      all.push(event);
    expect(all).toEqual([]);
    expect(Date.now() - started).toBeGreaterThan(900);
  });
});

describe('deleting', () => {
  it('waits for finalizers', async () => {
    await maps().create({ metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await maps().delete('held');
    const held = await maps().get('held');
    expect(held.metadata.deletionTimestamp).toBeDefined();
    await maps().patch('held', { type: 'merge', body: { metadata: { finalizers: [] } } });
    expect((await refusal(maps().get('held'))).code).toBe(404);
  });

  it('turns propagation policies into finalizers', async () => {
    await maps().create(configMap('parent'));
    await maps().delete('parent', { propagationPolicy: 'Foreground' });
    expect((await maps().get('parent')).metadata.finalizers).toEqual(['foregroundDeletion']);
    await maps().create(configMap('orphaning'));
    await maps().delete('orphaning', { propagationPolicy: 'Orphan' });
    expect((await maps().get('orphaning')).metadata.finalizers).toEqual(['orphan']);
  });

  it('gives bound pods their grace and removes unbound ones at once', async () => {
    await thePods().create(podOf('unbound'));
    await thePods().delete('unbound');
    expect((await refusal(thePods().get('unbound'))).code).toBe(404);
    await thePods().create(podOf('bound', { terminationGracePeriodSeconds: 20 }));
    await thePods().subresource('bound', 'binding', { target: { kind: 'Node', name: 'n1' } });
    await thePods().delete('bound');
    expect((await thePods().get('bound')).metadata).toMatchObject({ deletionGracePeriodSeconds: 20 });
    await thePods().delete('bound', { gracePeriodSeconds: 0 });
    expect((await refusal(thePods().get('bound'))).code).toBe(404);
  });

  it('honours preconditions', async () => {
    await maps().create(configMap('guarded'));
    expect((await refusal(maps().delete('guarded', { preconditions: { uid: 'other' } }))).reason).toBe('Conflict');
  });

  it('deletes the selected part of a collection', async () => {
    await maps().create({ metadata: { name: 'c1', labels: { sweep: 'yes' } } });
    await maps().create({ metadata: { name: 'c2', labels: { sweep: 'yes' } } });
    await maps().deleteCollection({ labelSelector: 'sweep=yes' });
    expect((await maps().list({ labelSelector: 'sweep' })).items).toEqual([]);
    expect((await maps().list()).items.length).toBeGreaterThan(0);
  });

  it('keeps a namespace until it is finalized, and lets nothing new in', async () => {
    const client = running.client.resource(namespaces);
    await client.create({ metadata: { name: 'ending' } } as never);
    await client.delete('ending');
    expect((await client.get('ending')).status?.phase).toBe('Terminating');
    const status = await refusal(running.client.resource(configMaps, 'ending').create(configMap('x')));
    expect(status).toMatchObject({ reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } });
    await running.raw('PUT', '/api/v1/namespaces/ending/finalize', {
      body: { metadata: { name: 'ending' }, spec: { finalizers: [] } },
    });
    expect((await refusal(client.get('ending'))).code).toBe(404);
    expect((await refusal(client.delete('default'))).reason).toBe('Forbidden');
  });
});
