// The official JavaScript client as a stranger: lists, watches by informer, patches, over a listening server.
import { KubeConfig, CoreV1Api, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../fixtures/running-server.ts';

describe('@kubernetes/client-node', () => {
  let running: RunningServer;
  let api: CoreV1Api;
  let config: KubeConfig;
  beforeAll(async () => {
    running = await startServer();
    config = new KubeConfig();
    config.loadFromFile(running.kubeconfigPath);
    api = config.makeApiClient(CoreV1Api);
  });
  afterAll(() => running.close());

  const create = (name: string): Promise<V1ConfigMap> =>
    api.createNamespacedConfigMap({ namespace: 'default', body: { metadata: { name }, data: { n: '0' } } });

  it('creates, reads, replaces and deletes', async () => {
    const created = await create('one');
    expect(created.metadata?.uid).toBeDefined();
    const replaced = await api.replaceNamespacedConfigMap({
      name: 'one',
      namespace: 'default',
      body: { ...created, data: { n: '1' } },
    });
    expect(replaced.data).toEqual({ n: '1' });
    await expect(
      api.replaceNamespacedConfigMap({ name: 'one', namespace: 'default', body: created }),
    ).rejects.toMatchObject({ code: 409 });
    await api.deleteNamespacedConfigMap({ name: 'one', namespace: 'default' });
    await expect(api.readNamespacedConfigMap({ name: 'one', namespace: 'default' })).rejects.toMatchObject({
      code: 404,
    });
  });

  it('follows by an informer: no event lost, none doubled', async () => {
    await create('before');
    const informer = makeInformer<V1ConfigMap>(config, '/api/v1/namespaces/default/configmaps', () =>
      api.listNamespacedConfigMap({ namespace: 'default' }),
    );
    const seen: string[] = [];
    informer.on('add', (object) => seen.push(`add ${object.metadata?.name}`));
    informer.on('update', (object) => seen.push(`update ${object.metadata?.name} ${object.data?.['n']}`));
    informer.on('delete', (object) => seen.push(`delete ${object.metadata?.name}`));
    await informer.start();
    const after = await create('after');
    await api.replaceNamespacedConfigMap({ name: 'after', namespace: 'default', body: { ...after, data: { n: '1' } } });
    await api.deleteNamespacedConfigMap({ name: 'after', namespace: 'default' });
    await expect.poll(() => seen).toEqual(['add before', 'add after', 'update after 1', 'delete after']);
    await informer.stop();
  });
});
