// pilothouse.io/v1: why a pod is where it is (GET …/pods/NAME/placement), and what would happen if (POST …/simulations).
// Both are answered from a live snapshot by the scheduler's own pure functions, and change nothing.
import type { Pod } from '../../api/kinds/core/index.ts';
import { badRequest, notFound } from '../../api/meta/status.ts';
import type { Clock } from '../../machinery/clock.ts';
import type { RestClient } from '../../machinery/rest-client.ts';
import { explainPlacement } from '../scheduler/explain.ts';
import type { Explanation } from '../scheduler/explain.ts';
import { defaultProfiles } from '../scheduler/profile.ts';
import type { Profile } from '../scheduler/profile.ts';
import { planRemedies } from '../scheduler/remedies/plan-remedies.ts';
import type { Remedy } from '../scheduler/remedies/plan-remedies.ts';
import { formatSentence } from '../scheduler/sentences.ts';
import type { Sentence } from '../scheduler/sentences.ts';
import { simulate } from '../scheduler/simulate.ts';
import { createPodInfo } from '../scheduler/snapshot/pod-info.ts';
import type { ApiExtension, ExtensionRequest } from '../server/options.ts';
import { readChanges } from './changes.ts';
import { createLiveSnapshot } from './live-snapshot.ts';
import type { LiveCluster } from './live-snapshot.ts';

const apiVersion = 'pilothouse.io/v1';

export interface PlacementExtension extends ApiExtension {
  close(): Promise<void>;
}

/**
 * The extension.
 * @param connect opens a client that may read the whole cluster, when the first question comes
 * @param profiles those that the scheduler works with
 */
export function createPlacementExtension(
  connect: () => RestClient,
  clock: Clock,
  profiles: readonly Profile[] = defaultProfiles,
): PlacementExtension {
  const live = createLiveSnapshot(connect, clock);
  return {
    group: 'pilothouse.io',
    version: 'v1',
    close: () => live.close(),

    async serve(request) {
      const { verb, resource, subresource, namespace, name } = request.info;
      if (resource === 'pods' && subresource === 'placement' && verb === 'get') {
        return { code: 200, body: explain(await live.read(request.signal), namespace, name, profiles) };
      }
      if (resource === 'simulations' && verb === 'create') {
        return { code: 201, body: await rehearse(request, await live.read(request.signal), profiles) };
      }
      throw notFound({ group: 'pilothouse.io', plural: resource }, name);
    },
  };
}

function explain(
  { snapshot, pods }: LiveCluster,
  namespace: string,
  name: string,
  profiles: readonly Profile[],
): object {
  const pod = pods.get(`${namespace}/${name}`);
  if (!pod) throw notFound({ group: '', plural: 'pods' }, name);
  const explanation = explainPlacement(snapshot, createPodInfo(pod), profileOf(pod, profiles));
  return { apiVersion, kind: 'Placement', metadata: { namespace, name }, ...inBothLanguages(explanation) };
}

async function rehearse(
  request: ExtensionRequest,
  { snapshot, pods, budgets }: LiveCluster,
  profiles: readonly Profile[],
): Promise<object> {
  const body = await request.body();
  if (typeof body !== 'object' || body === null) throw badRequest('a simulation is an object with spec.changes');
  const { spec } = body as { spec?: { changes?: unknown } };
  const remediesOf = (pod: Readonly<Pod>): Remedy[] =>
    planRemedies(snapshot, createPodInfo(pod), profileOf(pod, profiles));
  const changes = readChanges(spec?.changes, { snapshot, pods: pods.list(), remediesOf });
  const pending = pods.list().filter(isWaiting).map(createPodInfo);
  const status = simulate(snapshot, changes, { profiles, budgets: budgets(), pending });
  return { apiVersion, kind: 'Simulation', metadata: {}, spec, status };
}

function isWaiting(pod: Readonly<Pod>): boolean {
  return !pod.spec.nodeName && pod.metadata.deletionTimestamp === undefined;
}

function profileOf(pod: Readonly<Pod>, profiles: readonly Profile[]): Profile {
  const profile = profiles.find(
    ({ schedulerName }) => schedulerName === (pod.spec.schedulerName ?? 'default-scheduler'),
  );
  if (!profile)
    throw badRequest(`pod ${pod.metadata.name} is placed by another scheduler, ${pod.spec.schedulerName ?? ''}`);
  return profile;
}

/** A change as JSON can carry it. */
function plainChange(change: Remedy['change']): object {
  if (change.type !== 'requests-lowered' || change.requests.extended === undefined) return change;
  return { ...change, requests: { ...change.requests, extended: Object.fromEntries(change.requests.extended) } };
}

/** Sentences with their words, so that a client needs no tables of its own. */
function inBothLanguages({ nodes, remedies, ...rest }: Explanation): object {
  const say = (sentence: Sentence): object => ({
    ...sentence,
    en: formatSentence(sentence, 'en'),
    'zh-CN': formatSentence(sentence, 'zh-CN'),
  });
  return {
    ...rest,
    nodes: nodes.map(({ refusals, ...node }) => ({
      ...node,
      refusals: refusals?.map(({ sentences, ...refusal }) => ({ ...refusal, sentences: sentences.map(say) })),
    })),
    remedies: remedies.map(({ sentence, kind, node, cost, change }) => ({
      kind,
      node,
      cost,
      sentence: say(sentence),
      change: plainChange(change),
    })),
  };
}
