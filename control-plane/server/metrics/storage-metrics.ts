// What is stored: objects of each resource, from the cache, and the size of the database, which its members tell.
import type { Store } from '../../store/contract.ts';
import type { ServedResources } from '../served/served-resources.ts';
import { headOf, quoted, sample } from './series.ts';

/** Members that do not answer in time are left out. */
const patienceMs = 1_000;

/** Samples of this moment. */
export async function formatStorage(store: Store, served: Pick<ServedResources, 'all'>): Promise<string> {
  return formatObjects(store, served) + (await formatSizes(store));
}

function formatObjects(store: Store, served: Pick<ServedResources, 'all'>): string {
  const byPrefix = new Map(served.all().map((definition) => [definition.storagePrefix, definition]));
  const counted = [...byPrefix].map(([prefix, { group, plural }]) => ({ group, plural, count: store.count(prefix) }));
  const objects = 'apiserver_resource_objects';
  const older = 'apiserver_storage_objects';
  return (
    headOf(objects, 'gauge', 'Objects stored.') +
    counted
      .map(({ group, plural, count }) => sample(objects, `group=${quoted(group)},resource=${quoted(plural)}`, count))
      .join('') +
    headOf(older, 'gauge', 'Objects stored, under the name that it had before.') +
    counted
      .map(({ group, plural, count }) =>
        sample(older, `resource=${quoted(group === '' ? plural : `${plural}.${group}`)}`, count),
      )
      .join('')
  );
}

async function formatSizes(store: Store): Promise<string> {
  const asked = await Promise.race([
    store.health().catch(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), patienceMs).unref()),
  ]);
  const name = 'apiserver_storage_size_bytes';
  const members = (asked?.members ?? []).filter(({ healthy }) => healthy);
  return (
    headOf(name, 'gauge', 'Size of the database file of a member.') +
    members
      .map(({ name: member, dbSizeBytes }) => sample(name, `storage_cluster_id=${quoted(member)}`, dbSizeBytes))
      .join('')
  );
}
