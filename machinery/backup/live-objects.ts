// What a living etcd serves at one revision, as digests: the truth that a snapshot is compared with.
import { byKey, digest } from '../etcd/snapshot/index.ts';
import type { ObjectDigest } from '../etcd/snapshot/index.ts';
import type { EtcdClient } from '../etcd/index.ts';

const pageSize = 500;

/** Every object at `revision`, page by page. Throws EtcdClientError `compacted` when that is too long ago. */
export async function liveObjects(
  etcd: Pick<EtcdClient, 'range'>,
  revision: number,
  signal?: AbortSignal,
): Promise<ObjectDigest[]> {
  const objects: ObjectDigest[] = [];
  let key = '\0';
  for (;;) {
    signal?.throwIfAborted();
    const { items, more } = await etcd.range({ key, end: '\0', limit: pageSize, revision });
    for (const item of items) objects.push(digest(item.key, item));
    const last = items.at(-1);
    if (!more || last === undefined) return objects.sort(byKey);
    key = `${last.key}\0`;
  }
}
