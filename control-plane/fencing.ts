// A leader's writes carry the name of its Lease and its own; the store lets them land only while it still holds that
// Lease. So the late write of a leader that was deposed while it slept changes nothing.
import { leases } from '../api/kinds/coordination/index.ts';
import type { Lease } from '../api/kinds/coordination/index.ts';
import { badRequest } from '../api/meta/status.ts';
import type { Fence as LeaseHolding } from '../machinery/leader-election.ts';
import type { Fence, Store } from './store/index.ts';

/** The request header that says under which leadership a write is made: `namespace/lease/identity`. */
export const fenceHeader = 'pilothouse-fence';

/** The headers of a leader's requests. */
export function fenceHeaders({
  namespace,
  name,
  identity,
}: Omit<LeaseHolding, 'resourceVersion'>): Record<string, string> {
  return { [fenceHeader]: `${namespace}/${name}/${identity}` };
}

/** A view of the store whose writes hold only under the leadership that a header names. */
export function fencedStore(store: Store, header: string): Store {
  const fence = parseFence(header);
  return {
    ...store,
    create: (key, object, options) => store.create(key, object, { ...options, fence }),
    update: (key, object, revision, options) => store.update(key, object, revision, { ...options, fence }),
    delete: (key, revision, options) => store.delete(key, revision, { ...options, fence }),
  };
}

function parseFence(header: string): Fence {
  const [namespace, name, ...identity] = header.split('/');
  if (!namespace || !name || identity.length === 0) throw badRequest(`${fenceHeader} must be namespace/lease/identity`);
  const holder = identity.join('/');
  return {
    key: `${leases.storagePrefix}${namespace}/${name}`,
    holds: (lease) => (lease as Lease).spec?.holderIdentity === holder,
  };
}
