// The API server on real etcd, as strangers use it (@kubernetes/client-node), while things break: it is killed under
// running informers and watches, etcd loses a member under load, two servers share one etcd.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig, makeInformer, Watch, type V1ConfigMap } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApiProcess, type ApiProcess } from '../support/api-process.ts';
import { startEtcdCluster, type TestEtcdCluster } from '../support/etcd-cluster.ts';
import { requires } from '../support/requirements.ts';
import { until } from '../support/until.ts';

const namespace = 'default';

/** What a stranger holds of one server. */
interface Stranger {
  readonly config: KubeConfig;
  readonly api: CoreV1Api;
}

function strangerOf({ kubeconfigPath }: ApiProcess): Stranger {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return { config, api: config.makeApiClient(CoreV1Api) };
}

const mapNamed = (name: string, n = 0): V1ConfigMap => ({ metadata: { name }, data: { n: String(n) } });
const nOf = (map: V1ConfigMap): number => Number(map.data?.['n']);
const codeOf = (error: unknown): number => (error as { code?: number }).code ?? 0;

/** Sets the count of a map, again and again until the server has acknowledged it. */
async function setCount({ api }: Stranger, name: string, n: number): Promise<void> {
  await until(
    `the write ${n} of ${name}`,
    async () => {
      const current = await api.readNamespacedConfigMap({ name, namespace });
      if (nOf(current) === n) return true;
      await api.replaceNamespacedConfigMap({ name, namespace, body: { ...current, data: { n: String(n) } } });
      return true;
    },
    60_000,
    50,
  );
}

async function createMap({ api }: Stranger, name: string): Promise<void> {
  const attempt = async (): Promise<boolean> => {
    try {
      await api.createNamespacedConfigMap({ namespace, body: mapNamed(name) });
      return true;
    } catch (error) {
      if (codeOf(error) === 409) return true;
      throw error;
    }
  };
  await until(`the creation of ${name}`, attempt, 60_000, 50);
}

requires('etcd')('the API server on three etcd members', () => {
  let folder: string;
  let etcd: TestEtcdCluster;
  let server: ApiProcess;
  let stranger: Stranger;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pilothouse-api-faults-'));
    etcd = await startEtcdCluster(folder);
    server = await startApiProcess({ folder, name: 'one', etcd: etcd.access, pkiDir: etcd.pki.dir });
    stranger = strangerOf(server);
  });
  afterAll(async () => {
    await server?.close();
    await etcd?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is killed under a running informer: nothing is lost, nothing comes twice, nothing goes back', async () => {
    const { config, api } = stranger;
    const informer = makeInformer<V1ConfigMap>(config, `/api/v1/namespaces/${namespace}/configmaps`, () =>
      api.listNamespacedConfigMap({ namespace, labelSelector: '' }),
    );
    const seen = new Map<string, number[]>();
    const added: string[] = [];
    const deleted: string[] = [];
    const note = (map: V1ConfigMap): void => {
      const name = map.metadata?.name ?? '';
      seen.set(name, [...(seen.get(name) ?? []), nOf(map)]);
    };
    let isOver = false;
    informer.on('add', (map) => {
      added.push(map.metadata?.name ?? '');
      note(map);
    });
    informer.on('update', note);
    informer.on('delete', (map) => deleted.push(map.metadata?.name ?? ''));
    const again = (): void => {
      if (!isOver) setTimeout(() => void informer.start().catch(again), 100);
    };
    informer.on('error', again);
    await informer.start();

    const names = Array.from({ length: 12 }, (_, index) => `informed-${index}`);
    await Promise.all(names.slice(0, 6).map((name) => createMap(stranger, name)));
    const writing = (async () => {
      for (let n = 1; n <= 24; n++) await Promise.all(names.slice(0, 4).map((name) => setCount(stranger, name, n)));
    })();
    await until('half of the writes', () => (seen.get('informed-0')?.at(-1) ?? 0) >= 6);
    await server.kill();
    // Acknowledged only after the restart: created and deleted while the informer is cut off or just back.
    const meanwhile = Promise.all(names.slice(6).map((name) => createMap(stranger, name)));
    await server.restart();
    await Promise.all([writing, meanwhile]);
    await api.deleteNamespacedConfigMap({ name: 'informed-5', namespace });

    await until('the informer to be up to date', () =>
      names.slice(0, 4).every((name) => seen.get(name)?.at(-1) === 24),
    );
    await until('the deletion', () => deleted.includes('informed-5'));
    isOver = true;
    await informer.stop();
    const mine = (name: string): boolean => name.startsWith('informed-');
    expect(added.filter(mine).sort()).toEqual([...names].sort());
    expect(deleted.filter(mine)).toEqual(['informed-5']);
    for (const counts of names.slice(0, 4).map((name) => seen.get(name) ?? []))
      expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
  });

  it('is killed under a watch that resumes where it was: every single event once, in order', async () => {
    const { config, api } = stranger;
    await createMap(stranger, 'counted');
    const first = await api.readNamespacedConfigMap({ name: 'counted', namespace });
    const counts: number[] = [];
    let resourceVersion = first.metadata?.resourceVersion ?? '';
    let isOver = false;
    let watching: AbortController | undefined;
    const follow = async (): Promise<void> => {
      while (!isOver) {
        await new Promise<void>((resolve) => {
          const query = { resourceVersion, fieldSelector: 'metadata.name=counted', allowWatchBookmarks: true };
          const onEvent = (type: string, map: V1ConfigMap): void => {
            if (type === 'ERROR') throw new Error(`the watch cannot resume: ${JSON.stringify(map)}`);
            resourceVersion = map.metadata?.resourceVersion ?? resourceVersion;
            if (type !== 'BOOKMARK') counts.push(nOf(map));
          };
          new Watch(config)
            .watch(`/api/v1/namespaces/${namespace}/configmaps`, query, onEvent, () => resolve())
            .then((controller) => (watching = controller))
            .catch(() => setTimeout(resolve, 100));
        });
      }
    };
    const following = follow();
    for (let n = 1; n <= 30; n++) {
      if (n === 10) await server.kill().then(() => server.restart());
      await setCount(stranger, 'counted', n);
    }
    await until('the last event', () => counts.at(-1) === 30);
    isOver = true;
    watching?.abort();
    await following;
    expect(counts).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('shares its etcd with a second server: each sees what the other has acknowledged, at once', async () => {
    const second = await startApiProcess({ folder, name: 'two', etcd: etcd.access, pkiDir: etcd.pki.dir });
    try {
      const pair = [stranger, strangerOf(second)] as const;
      for (let round = 0; round < 30; round++) {
        const [writer, reader] = round % 2 === 0 ? pair : [pair[1], pair[0]];
        const name = `shared-${round}`;
        await writer.api.createNamespacedConfigMap({ namespace, body: mapNamed(name) });
        const read = await reader.api.readNamespacedConfigMap({ name, namespace });
        await reader.api.replaceNamespacedConfigMap({ name, namespace, body: { ...read, data: { n: '1' } } });
        const { items } = await writer.api.listNamespacedConfigMap({ namespace });
        expect(items.find(({ metadata }) => metadata?.name === name)?.data).toEqual({ n: '1' });
        // The version from before the other server's write is refused.
        const stale = writer.api.replaceNamespacedConfigMap({ name, namespace, body: { ...read, data: { n: '2' } } });
        await expect(stale).rejects.toMatchObject({ code: 409 });
        await writer.api.deleteNamespacedConfigMap({ name, namespace });
        await expect(reader.api.readNamespacedConfigMap({ name, namespace })).rejects.toMatchObject({ code: 404 });
      }
    } finally {
      await second.close();
    }
  });

  // Last: the member stays dead.
  it('loses the leading etcd member under load and no acknowledged write with it', async () => {
    const acknowledged = new Map<string, number>();
    let isOver = false;
    let failures = 0;
    const writer = async (id: number): Promise<void> => {
      for (let n = 0; !isOver; n++) {
        const name = `loaded-${id}-${n}`;
        try {
          await stranger.api.createNamespacedConfigMap({ namespace, body: mapNamed(name, n) });
          acknowledged.set(name, n);
        } catch {
          failures++;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    const writers = Array.from({ length: 16 }, (_, id) => writer(id));
    await until('some load', () => acknowledged.size > 100);
    etcd.kill(await etcd.leader());
    const before = acknowledged.size;
    await until('writes on the members that are left', () => acknowledged.size > before + 200, 60_000);
    isOver = true;
    await Promise.all(writers);
    const { items } = await stranger.api.listNamespacedConfigMap({ namespace });
    const stored = new Map(items.map((map) => [map.metadata?.name ?? '', nOf(map)]));
    const lost = [...acknowledged].filter(([name, n]) => stored.get(name) !== n).map(([name]) => name);
    expect({ lost, failures: failures < acknowledged.size }).toEqual({ lost: [], failures: true });
  });
});
