import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../api/meta/object-meta.ts';
import { expired, serviceUnavailable } from '../api/meta/status.ts';
import { createFakeClock } from './clock.ts';
import { createInformer } from './informer.ts';
import type { ResourceClient, RestClient, WatchOptions } from './rest-client.ts';

type Thing = KubernetesObject & { size?: number };
const things = { group: '', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };

function thing(name: string, resourceVersion: number, more: { uid?: string; size?: number } = {}): Thing {
  const { uid = name, size } = more;
  const metadata = { name, namespace: 'ns', uid, resourceVersion: String(resourceVersion), creationTimestamp: '' };
  return { apiVersion: 'v1', kind: 'Thing', metadata, size };
}

type Scripted = { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: Thing } | Error | 'end';

/** A server that answers each list and each watch from a script; a watch without a script stays open. */
function scriptedClient(lists: ({ version: number; items: Thing[]; next?: string } | Error)[], watches: Scripted[][]) {
  const asked: string[] = [];
  const api: Partial<ResourceClient<Thing>> = {
    list(options) {
      asked.push(`list ${options?.continue ?? ''}`.trim());
      const answer = lists.shift();
      if (answer === undefined || answer instanceof Error) return Promise.reject(answer ?? new Error('no more lists'));
      const metadata = { resourceVersion: String(answer.version), continue: answer.next };
      return Promise.resolve({ apiVersion: 'v1', kind: 'ThingList', metadata, items: answer.items });
    },
    async *watch(options?: WatchOptions) {
      asked.push(`watch ${options?.resourceVersion}`);
      for (const step of watches.shift() ?? []) {
        if (step instanceof Error) throw step;
        if (step === 'end') return;
        yield step;
      }
      await new Promise<void>((resolve) => options?.signal?.addEventListener('abort', () => resolve()));
    },
  };
  return { asked, client: { resource: () => api } as unknown as RestClient };
}

async function run(lists: Parameters<typeof scriptedClient>[0], watches: Scripted[][], forMs = 60_000) {
  const clock = createFakeClock();
  const { asked, client } = scriptedClient(lists, watches);
  const informer = createInformer<Thing>({
    client,
    resource: things,
    clock,
    indexes: { size: (one) => [String(one.size)] },
  });
  const heard: string[] = [];
  informer.onDidChange(({ key, current, previous }) =>
    heard.push(`${previous ? (current ? '~' : '-') : '+'}${key.slice(3)}`),
  );
  const ending = new AbortController();
  const running = informer.run(ending.signal);
  await clock.advance(forMs);
  ending.abort();
  await running;
  return { asked, heard, informer };
}

describe('an informer', () => {
  it('lists in pages, then watches from the list and follows changes', async () => {
    const { asked, heard, informer } = await run(
      [
        { version: 5, items: [thing('a', 1)], next: 'more' },
        { version: 5, items: [thing('b', 2)] },
      ],
      [
        [
          { type: 'ADDED', object: thing('c', 6) },
          { type: 'MODIFIED', object: thing('a', 7, { size: 3 }) },
          { type: 'DELETED', object: thing('b', 8) },
        ],
      ],
    );
    expect(asked).toEqual(['list', 'list more', 'watch 5']);
    expect(heard).toEqual(['+a', '+b', '+c', '~a', '-b']);
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
    expect(informer.byIndex('size', '3').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(informer.revision).toBe(8);
  });

  it('resumes an ended watch at the last revision, bookmarks included', async () => {
    const { asked, heard } = await run(
      [{ version: 5, items: [] }],
      [
        [{ type: 'BOOKMARK', object: thing('', 9) }, 'end'],
        [{ type: 'ADDED', object: thing('a', 10) }, serviceUnavailable('away')],
        [],
      ],
    );
    expect(asked).toEqual(['list', 'watch 5', 'watch 9', 'watch 10']);
    expect(heard).toEqual(['+a']);
  });

  it('lists again when its revision has expired and tells the differences alone', async () => {
    const { asked, heard } = await run(
      [
        { version: 5, items: [thing('a', 1), thing('b', 2), thing('c', 3)] },
        { version: 20, items: [thing('a', 1), thing('b', 12), thing('c', 14, { uid: 'another' }), thing('d', 15)] },
      ],
      [[expired('too old')], [{ type: 'DELETED', object: thing('a', 21) }]],
    );
    expect(asked).toEqual(['list', 'watch 5', 'list', 'watch 20']);
    expect(heard).toEqual(['+a', '+b', '+c', '~b', '-c', '+c', '+d', '-a']);
  });

  it('keeps trying when the server is away, and waits longer each time', async () => {
    const { asked } = await run(
      [serviceUnavailable('away'), serviceUnavailable('away'), serviceUnavailable('away'), { version: 1, items: [] }],
      [],
    );
    expect(asked).toEqual(['list', 'list', 'list', 'list', 'watch 1']);
  });

  it('tells a late listener of everything present, and freezes objects under test', async () => {
    const { informer } = await run([{ version: 5, items: [thing('a', 1)] }], []);
    const heard: string[] = [];
    informer.onDidChange(({ key }) => heard.push(key));
    expect(heard).toEqual(['ns/a']);
    expect(Object.isFrozen(informer.get('ns/a')?.metadata)).toBe(true);
  });
});
