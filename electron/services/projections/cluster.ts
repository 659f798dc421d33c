// A cluster at a glance, from its health and its machines.
import type { ClusterState, ClusterSummary } from '../../../api/console/index.ts';
import type { KnownCluster } from '../clusters/registry.ts';

/** The summary of a cluster; reading it starts following its machines. */
export function clusterSummary({ id, name, origin, server, addedAt, session }: KnownCluster): ClusterSummary {
  const health = session.health.now;
  const rows = [...session.rows.nodes.values()];
  const ready = rows.filter((node) => node.state === 'ready').length;
  let state: ClusterState = 'checking';
  if (health.reachable === false) state = 'unreachable';
  else if (health.error?.reason === 'Unauthorized') state = 'unauthorized';
  else if (health.reachable) state = health.ready && ready === rows.length ? 'healthy' : 'degraded';
  return {
    id,
    name,
    origin,
    server,
    addedAt,
    state,
    message: health.error?.message ?? (health.failing.length > 0 ? health.failing.join(', ') : undefined),
    version: health.version,
    limitedTo: session.limitedTo,
    nodes: rows.length > 0 ? rows.length : undefined,
    nodesReady: rows.length > 0 ? ready : undefined,
  };
}
