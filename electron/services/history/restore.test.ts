import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../api/meta/object-meta.ts';
import { notFound } from '../../../api/meta/status.ts';
import type { RestClient } from '../../../machinery/rest-client.ts';
import { isRestorable, restoreObject } from './restore.ts';

const configMap = (data: Record<string, string>, metadata: object = {}): KubernetesObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', namespace: 'default', uid: 'u', ...metadata },
    data,
  }) as unknown as KubernetesObject;

/** A client whose one object is `now`; remembers what it was asked to write. */
function clientWith(now: KubernetesObject | undefined): { client: RestClient; written: unknown[] } {
  const written: unknown[] = [];
  const objects = {
    get: async () => {
      if (now === undefined) throw notFound({ group: '', plural: 'configmaps' }, 'c');
      return now;
    },
    create: async (body: object, options: object) => (written.push({ create: body, ...options }), body),
    patch: async (_name: string, { body }: { body: object }, options: object) => (
      written.push({ patch: body, ...options }),
      body
    ),
  };
  return { client: { resource: () => objects } as unknown as RestClient, written };
}

describe('bringing an object back', () => {
  it('makes a deleted one anew, without what belonged to its first life', async () => {
    const { client, written } = clientWith(undefined);
    await restoreObject(client, configMap({ a: '1' }, { resourceVersion: '7' }), true);
    expect(written).toEqual([
      {
        create: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'c', namespace: 'default' },
          data: { a: '1' },
        },
        dryRun: true,
      },
    ]);
  });

  it('changes only what differs of one that is there', async () => {
    const { client, written } = clientWith(configMap({ a: '2', b: '1', c: 'new' }));
    await restoreObject(client, configMap({ a: '1', b: '1' }), false);
    expect(written).toEqual([{ patch: { data: { a: '1', c: null } }, dryRun: false }]);
  });

  it('refuses what the cluster keeps by itself', async () => {
    const owned = configMap({}, { ownerReferences: [{ kind: 'Widget', name: 'w', uid: 'x', controller: true }] });
    expect(isRestorable(owned)).toBe(false);
    expect(isRestorable({ ...configMap({}), kind: 'Secret' })).toBe(false);
    const { client, written } = clientWith(undefined);
    await expect(restoreObject(client, owned, false)).rejects.toMatchObject({ error: { reason: 'NotSupported' } });
    expect(written).toEqual([]);
  });
});
