// How long writes to etcd take, by resource, under the names that upstream's servers have for them. Reads come from the
// cache and are not counted here.
import { isStoreError } from '../../store/errors.ts';
import type { Store } from '../../store/contract.ts';
import type { ServedResources } from '../served/served-resources.ts';
import { createCounter, createHistogram, quoted, type Series } from './series.ts';

/** Upper bounds in seconds: upstream's. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

export interface StoreMetrics extends Series {
  /** The same store, its writes timed. */
  store(store: Store, served: () => Pick<ServedResources, 'all'>): Store;
}

/** Fresh counters. */
export function createStoreMetrics(): StoreMetrics {
  const durations = createHistogram('etcd_request_duration_seconds', 'Time of writes to etcd.', bounds);
  const total = createCounter('etcd_requests_total', 'Writes to etcd.');
  const failed = createCounter('etcd_request_errors_total', 'Writes to etcd that failed, conflicts not counted.');
  return {
    store(store, served) {
      const labels = createLabels(served);
      const timed = <T>(operation: string, key: string, work: Promise<T>): Promise<T> => {
        const begun = performance.now();
        const text = labels(operation, key);
        const done = (): void => {
          total.add(text);
          durations.observe(text, (performance.now() - begun) / 1000);
        };
        return work.then(
          (outcome) => {
            done();
            return outcome;
          },
          (error: unknown) => {
            done();
            if (!isStoreError(error) || error.reason === 'Unavailable') failed.add(text);
            throw error;
          },
        );
      };
      return {
        ...store,
        create: (key, object, options) => timed('create', key, store.create(key, object, options)),
        update: (key, object, revision, options) => timed('update', key, store.update(key, object, revision, options)),
        delete: (key, revision, options) => timed('delete', key, store.delete(key, revision, options)),
      };
    },
    format: () => [durations, total, failed].map((one) => one.format()).join(''),
  };
}

/** The labels of an operation on a key, remembered by the resource's folder. */
function createLabels(served: () => Pick<ServedResources, 'all'>): (operation: string, key: string) => string {
  const known = new Map<string, string>();
  return (operation, key) => {
    const folder = key.slice(0, endOfPart(key, key.startsWith('/registry/') ? 10 : 1));
    const wider = key.slice(0, endOfPart(key, folder.length));
    const at = `${operation} ${wider}`;
    let text = known.get(at) ?? known.get(`${operation} ${folder}`);
    if (text === undefined) {
      const all = served().all();
      const exact = [folder, wider].find((prefix) => all.some(({ storagePrefix }) => storagePrefix === prefix));
      const { group = '', plural = '' } = all.find(({ storagePrefix }) => storagePrefix === exact) ?? {};
      text = `group=${quoted(group)},operation="${operation}",resource=${quoted(plural)}`;
      // What is not served (yet) is looked for again next time: names of namespaces must not pile up here.
      if (exact !== undefined) known.set(`${operation} ${exact}`, text);
    }
    return text;
  };
}

/** Where the part of the path that begins at `from` ends, its slash included. */
function endOfPart(key: string, from: number): number {
  const slash = key.indexOf('/', from);
  return slash === -1 ? key.length : slash + 1;
}
