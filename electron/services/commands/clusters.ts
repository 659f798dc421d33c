// Commands on the list of clusters and on the person's settings.
import { z } from 'zod';
import { loadKubeconfig } from '../../../machinery/kubeconfig.ts';
import { ServiceError } from '../errors.ts';
import { clusterSummary } from '../projections/cluster.ts';
import { settingsChange } from '../state/settings.ts';
import { clusterId, inCluster, nothing, type CommandsOf } from './table.ts';

const longestKubeconfig = 1024 * 1024;
const kubeconfig = z.string().min(1).max(longestKubeconfig);
const name = z.string().trim().min(1).max(60);

export const clusterCommands: CommandsOf<'clusters'> = {
  'clusters.contexts': {
    payload: z.strictObject({ kubeconfig }),
    run({ kubeconfig: text }) {
      try {
        const { contexts, clusters, currentContext } = loadKubeconfig(text);
        const serverOf = (cluster?: string): string =>
          clusters.find((entry) => entry.name === cluster)?.cluster?.server ?? '';
        return {
          current: currentContext,
          contexts: contexts.map((entry) => ({
            name: entry.name,
            server: serverOf(entry.context?.cluster),
            user: entry.context?.user ?? '',
          })),
        };
      } catch (cause) {
        throw new ServiceError('BadKubeconfig', cause instanceof Error ? cause.message : String(cause), { cause });
      }
    },
  },
  'clusters.import': {
    payload: z.strictObject({ name, kubeconfig, context: z.string().max(200).optional() }),
    run: async (payload, { clusters }) =>
      clusterSummary(await clusters.import(payload.name, payload.kubeconfig, payload.context)),
  },
  'clusters.rename': {
    payload: z.strictObject({ clusterId, name }),
    run: async (payload, { clusters }) => clusterSummary(await clusters.rename(payload.clusterId, payload.name)),
  },
  'clusters.remove': {
    payload: inCluster,
    async run(payload, { clusters }) {
      await clusters.remove(payload.clusterId);
      return {};
    },
  },
  'clusters.kubeconfig': {
    payload: inCluster,
    run: async (payload, { clusters }) => ({ kubeconfig: await clusters.kubeconfigOf(payload.clusterId) }),
  },
};

export const settingsCommands: CommandsOf<'settings'> = {
  'settings.get': { payload: nothing, run: (_payload, { settings }) => settings.get() },
  'settings.set': { payload: settingsChange, run: (part, { settings }) => settings.set(part) },
};
