// One piece of work with the cluster's external etcd, by way of the first master through which it can be reached.
import type { EtcdClient } from '../../machinery/etcd/index.ts';
import type { ClusterSpec, ExternalEtcd, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { mastersOf } from '../plan/plan-cluster.ts';
import type { SshTransport } from '../transport/ssh.ts';
import { withMachine } from '../transport/with-machine.ts';
import { etcdThrough } from './ask.ts';
import { type EtcdCredentials, readEtcdCredentials } from './credentials.ts';

/** An etcd that answers, the endpoints that are well, followers first, and what they run. */
export interface EtcdSession {
  readonly client: EtcdClient;
  readonly endpoints: readonly string[];
  readonly version: string;
}

/** Does `work` through `master`; throws why no endpoint is well there. */
export async function withEtcdThrough<T>(
  master: Pick<SshTransport, 'dial'>,
  external: ExternalEtcd,
  credentials: EtcdCredentials,
  work: (session: EtcdSession) => Promise<T>,
): Promise<T> {
  const client = etcdThrough(master, external, credentials);
  try {
    const members = await client.health();
    const well = members.filter(({ healthy }) => healthy).sort((a, b) => Number(a.leader) - Number(b.leader));
    const [first] = well;
    if (first === undefined) throw new Error(members.map(({ message }) => message ?? 'no leader').join('; '));
    return await work({ client, endpoints: well.map(({ endpoint }) => endpoint), version: first.version });
  } finally {
    client.close();
  }
}

/** Does `work` through the first master that has a way there; throws ProvisioningError `NoEtcdMember` when none has. */
export async function withExternalEtcd<T>(
  spec: ClusterSpec,
  external: ExternalEtcd,
  options: RunOptions,
  work: (session: EtcdSession) => Promise<T>,
): Promise<T> {
  const credentials = await readEtcdCredentials(external);
  const reasons: string[] = [];
  for (const master of mastersOf(spec)) {
    let hasBegun = false;
    try {
      return await withMachine(spec, master, options, (transport) =>
        withEtcdThrough(transport, external, credentials, (session) => {
          hasBegun = true;
          return work(session);
        }),
      );
    } catch (error) {
      options.signal?.throwIfAborted();
      if (hasBegun) throw error;
      reasons.push(`${master.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new ProvisioningError(
    'NoEtcdMember',
    text('error.noExternalEtcd', { reasons: reasons.join('; ') }),
    text('error.noExternalEtcd.remedy'),
  );
}
