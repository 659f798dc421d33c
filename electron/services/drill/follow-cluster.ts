// Feeds an observation with what the cluster shows, until told to stop: rows, endpoints, members, and whether the API
// answers at all, asked four times a second.
import { nodes, pods } from '../../../api/kinds/core/index.ts';
import { endpointSlices, type EndpointSlice } from '../../../api/kinds/discovery/index.ts';
import type { Clock } from '../../../machinery/clock.ts';
import type { ClusterSession } from '../clusters/session.ts';
import { readyEndpoints } from './concerned.ts';
import type { Observation, Sight } from './observe.ts';

const everyMs = 250;
const answerMs = 2000;

/** What can be seen of the cluster at any moment, once its lists are in. */
export async function clusterSight(
  { rows, informers, health }: ClusterSession,
  clock: Clock,
  signal: AbortSignal,
): Promise<() => Sight> {
  const { pods: podRows, nodes: nodeRows } = rows; // being asked for, they begin to follow
  const slices = informers.of<EndpointSlice>(endpointSlices);
  await Promise.all([informers.of(pods), informers.of(nodes), slices].map((informer) => informer.whenSynced(signal)));
  let membersAtMs = clock.now();
  const stop = health.onDidChange(({ reachable }) => {
    if (reachable === true) membersAtMs = clock.now();
  });
  signal.addEventListener('abort', stop, { once: true });
  return () => ({
    atMs: clock.now(),
    pods: [...podRows.values()],
    nodes: [...nodeRows.values()],
    served: servedBy(slices.list()),
    members: health.now.etcdMembers,
    membersAtMs,
  });
}

/** Services with a ready endpoint. */
function servedBy(slices: Iterable<Readonly<EndpointSlice>>): Set<string> {
  return new Set(
    readyEndpoints(slices).flatMap(({ service, namespace, ready }) =>
      ready.length > 0 ? [`${namespace}/${service}`] : [],
    ),
  );
}

/** Shows the observation what there is, again and again, until the signal aborts; `onSeen` after each look. */
export async function follow(
  { client }: ClusterSession,
  sight: () => Sight,
  observation: Observation,
  clock: Clock,
  signal: AbortSignal,
  onSeen: () => void,
): Promise<void> {
  const probe = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        const patience = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
        const response = await client.request({ method: 'GET', path: '/readyz', signal: patience });
        await response.text();
        if (response.status === 200) observation.answered(clock.now());
      } catch {
        // no answer: the gap grows until there is one
      }
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  };
  const look = async (): Promise<void> => {
    while (!signal.aborted) {
      observation.see(sight());
      onSeen();
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  };
  await Promise.all([probe(), look()]);
}
