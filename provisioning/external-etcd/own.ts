// What only the owner of etcd's machines can do: refused where they are somebody else's, with the way there.
import type { ClusterSpec } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { externalEtcdOf } from './settings.ts';

/** Throws ProvisioningError `ExternalEtcd` when the members of etcd are not on the cluster's masters. */
export function requireOwnEtcd(spec: ClusterSpec): void {
  const external = externalEtcdOf(spec);
  if (external === undefined) return;
  const values = { endpoints: external.endpoints.join(', ') };
  throw new ProvisioningError(
    'ExternalEtcd',
    text('error.externalEtcd', values),
    text('error.externalEtcd.remedy', values),
  );
}
