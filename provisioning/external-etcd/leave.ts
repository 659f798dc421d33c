// What happens to the cluster's keys in an etcd that is not its own once the machines are bare again: they stay, and that is
// said, or go when that was asked for. Nothing outside /registry/ is ever touched, nor keys of another cluster.
import type { ClusterSpec, RunOptions } from '../contract.ts';
import { ProvisioningError } from '../errors.ts';
import { text } from '../messages/text.ts';
import { clusterPaths } from '../paths.ts';
import { createStages } from '../run/stages.ts';
import { askEtcd, registryPrefix } from './ask.ts';
import { withExternalEtcd } from './session.ts';
import { externalEtcdOf } from './settings.ts';

/** Erases the keys, or says that they stay; does nothing where etcd is the cluster's own. */
export async function leaveExternalEtcd(spec: ClusterSpec, options: RunOptions, erases: boolean): Promise<void> {
  const external = externalEtcdOf(spec);
  if (external === undefined) return;
  const endpoints = external.endpoints.join(', ');
  if (!erases) {
    const [title, message] = [text('run.externalEtcd'), text('run.externalEtcd.stays', { endpoints })];
    options.onProgress?.({ step: 'external-etcd', state: 'skipped', title, message, elapsedMs: 0 });
    return;
  }
  const stages = createStages(options.onProgress, 'external-etcd');
  await stages.run('erase', text('run.externalEtcd.erase', { endpoints }), (log) =>
    withExternalEtcd(spec, external, options, async ({ client }) => {
      const { contents } = await askEtcd(client, clusterPaths(spec.name, options.home).pkiDir);
      if (contents?.registryKeys === 0) return;
      if (contents?.isOurs !== true)
        throw new ProvisioningError(
          'OtherCluster',
          text('error.etcdNotOurs', { endpoints }),
          text('error.etcdNotOurs.remedy', { endpoints }),
        );
      log(`${await client.deletePrefix(registryPrefix)}`);
    }),
  );
}
