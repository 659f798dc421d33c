// The tone of each state of a cluster.
import type { ClusterState, Tone } from '../../api/console/index.ts';

export const clusterTone: Readonly<Record<ClusterState, Tone>> = {
  checking: 'busy',
  healthy: 'good',
  degraded: 'warn',
  unreachable: 'bad',
  unauthorized: 'bad',
};
