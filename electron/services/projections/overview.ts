// The health page of a cluster, computed from its rows and its last health answer. Pure.
import { needsAttention, tells } from '../../../api/console/index.ts';
import type {
  ComponentHealth,
  DeploymentRow,
  EventRow,
  NodeRow,
  Overview,
  PodRow,
  Problem,
  Tone,
} from '../../../api/console/index.ts';
import type { ClusterHealth, Leader } from '../clusters/health.ts';

export interface OverviewFacts {
  readonly health: ClusterHealth;
  readonly nodes: Iterable<NodeRow>;
  readonly pods: Iterable<PodRow>;
  readonly deployments: Iterable<DeploymentRow>;
  readonly events: Iterable<EventRow>;
  readonly nowMs: number;
}

const mostProblems = 50;

function elected(
  id: 'scheduler' | 'controllers',
  leader: Leader | undefined,
  reachable: boolean,
  nowMs: number,
): ComponentHealth {
  if (leader === undefined) return { id, tone: reachable ? 'idle' : 'bad', detail: '' };
  const late = leader.renewedAt !== undefined && nowMs - leader.renewedAt > 2 * leader.leaseSeconds * 1000;
  return {
    id,
    tone: late || !reachable ? 'bad' : 'good',
    detail: '',
    leader: leader.holder,
    renewedAt: leader.renewedAt,
  };
}

function etcdTone({ store, etcdMembers, failing, reachable }: ClusterHealth): Tone {
  if (!reachable || failing.some((check) => check.includes('etcd'))) return 'bad';
  if (store === 'unreported') return 'good';
  const ill = etcdMembers.filter(({ healthy }) => !healthy).length;
  if (ill === 0) return 'good';
  return etcdMembers.length - ill > etcdMembers.length / 2 ? 'warn' : 'bad';
}

function dnsHealth(pods: readonly PodRow[]): ComponentHealth[] {
  const own = pods.filter(({ namespace, name }) => namespace === 'kube-system' && name.includes('dns'));
  if (own.length === 0) return []; // the agents serve names themselves
  const ready = own.filter(({ state }) => state === 'running').length;
  return [
    { id: 'dns', tone: ready === own.length ? 'good' : ready > 0 ? 'warn' : 'bad', detail: `${ready}/${own.length}` },
  ];
}

function componentsOf(health: ClusterHealth, pods: readonly PodRow[], nowMs: number): ComponentHealth[] {
  const reachable = health.reachable === true;
  const etcd = health.store === 'memory' ? [] : [{ id: 'etcd' as const, tone: etcdTone(health), detail: '' }];
  return [
    {
      id: 'api',
      tone: !reachable ? 'bad' : health.ready ? 'good' : 'warn',
      detail: health.error?.message ?? health.failing.join(', '),
      latencyMs: health.latencyMs,
    },
    elected('scheduler', health.scheduler, reachable, nowMs),
    elected('controllers', health.controllers, reachable, nowMs),
    ...etcd,
    ...dnsHealth(pods),
  ];
}

function nodeProblems(nodes: readonly NodeRow[]): Problem[] {
  return nodes.flatMap((node): Problem[] => {
    const object = { kind: 'Node', name: node.name };
    if (node.state !== 'ready') {
      return [
        { id: `node/${node.name}`, tone: 'bad', kind: 'nodeNotReady', object, detail: node.message ?? '', count: 1 },
      ];
    }
    if (node.pressures.length === 0) return [];
    const detail = node.pressures.join(', ');
    return [{ id: `pressure/${node.name}`, tone: 'warn', kind: 'nodePressure', object, detail, count: 1 }];
  });
}

/** Failing, long-waiting and (at once) unschedulable pods, one problem per workload and cause. */
function podProblems(pods: readonly PodRow[], nowMs: number): Problem[] {
  const found = new Map<string, Problem>();
  for (const pod of pods) {
    if (!needsAttention(pod, nowMs)) continue;
    const failing = pod.state === 'failed' || pod.state === 'unknown';
    const cause = pod.diagnosis?.cause ?? pod.reason;
    const id = `pod/${pod.namespace}/${pod.owner?.kind ?? 'Pod'}/${pod.owner?.name ?? pod.name}/${cause}`;
    const known = found.get(id);
    found.set(id, {
      id,
      tone: failing ? 'bad' : 'warn',
      kind: failing ? 'podFailing' : 'podPending',
      object: { kind: 'Pod', namespace: pod.namespace, name: known?.object.name ?? pod.name },
      detail: pod.message ?? pod.reason,
      count: (known?.count ?? 0) + 1,
      since: Math.min(known?.since ?? pod.createdAt, pod.createdAt),
      diagnosis: pod.diagnosis,
      workload: pod.owner,
    });
  }
  return [...found.values()];
}

/** Where a pod's status says nothing, its newest warning does. */
function withEvidence(problems: readonly Problem[], events: Iterable<EventRow>): Problem[] {
  const silent = problems.filter(({ diagnosis }) => diagnosis?.evidence === '');
  if (silent.length === 0) return [...problems];
  const keyOf = ({ kind, namespace, name }: Problem['object']): string => `${kind}/${namespace ?? ''}/${name}`;
  const asked = new Map(silent.map(({ object, diagnosis }) => [keyOf(object), diagnosis]));
  const newest = new Map<string, EventRow>();
  for (const event of events) {
    const key = keyOf(event.object);
    const diagnosis = asked.get(key);
    if (diagnosis && tells(event, diagnosis) && event.lastAt > (newest.get(key)?.lastAt ?? 0)) newest.set(key, event);
  }
  return problems.map((problem) => {
    const said = newest.get(keyOf(problem.object));
    if (said === undefined || problem.diagnosis === undefined) return problem;
    return { ...problem, diagnosis: { ...problem.diagnosis, evidence: said.message } };
  });
}

/** A workload whose pods are explained already is not told twice. */
function withoutEchoes(problems: readonly Problem[]): Problem[] {
  const told = new Set(
    problems.flatMap(({ workload, object }) =>
      workload?.kind === 'Deployment' ? [`${object.namespace ?? ''}/${workload.name}`] : [],
    ),
  );
  return problems.filter(
    ({ kind, object }) => kind !== 'deploymentDegraded' || !told.has(`${object.namespace ?? ''}/${object.name}`),
  );
}

function otherProblems(deployments: readonly DeploymentRow[], { etcdMembers }: ClusterHealth): Problem[] {
  const degraded = deployments.filter(({ state }) => state === 'degraded' || state === 'failed');
  return [
    ...etcdMembers
      .filter(({ healthy }) => !healthy)
      .map((member): Problem => {
        const object = { kind: 'EtcdMember', name: member.name };
        return {
          id: `etcd/${member.name}`,
          tone: 'bad',
          kind: 'etcdMember',
          object,
          detail: member.message ?? member.endpoint,
          count: 1,
        };
      }),
    ...degraded.map(({ namespace, name, state, ready, desired }): Problem => {
      const object = { kind: 'Deployment', namespace, name };
      const tone = state === 'failed' || ready === 0 ? 'bad' : 'warn';
      return {
        id: `deployment/${namespace}/${name}`,
        tone,
        kind: 'deploymentDegraded',
        object,
        detail: `${ready}/${desired}`,
        count: 1,
      };
    }),
  ];
}

function worstFirst(left: Problem, right: Problem): number {
  const rank = { bad: 0, warn: 1 };
  return rank[left.tone] - rank[right.tone] || right.count - left.count || left.id.localeCompare(right.id);
}

function countPods(pods: readonly PodRow[]): Overview['pods'] {
  const counts = { total: pods.length, running: 0, waiting: 0, failing: 0, done: 0 };
  for (const { state } of pods) {
    if (state === 'running') counts.running++;
    else if (state === 'failed' || state === 'unknown') counts.failing++;
    else if (state === 'succeeded') counts.done++;
    else counts.waiting++;
  }
  return counts;
}

/** The overview of a cluster as of `nowMs`. */
export function overviewOf(facts: OverviewFacts): Overview {
  const { health, nowMs } = facts;
  const [nodes, pods, deployments] = [[...facts.nodes], [...facts.pods], [...facts.deployments]];
  const problems = withoutEchoes([
    ...nodeProblems(nodes),
    ...podProblems(pods, nowMs),
    ...otherProblems(deployments, health),
  ])
    .sort(worstFirst)
    .slice(0, mostProblems);
  const sum = (of: (node: NodeRow) => number): number => nodes.reduce((total, node) => total + of(node), 0);
  return {
    version: health.version,
    components: componentsOf(health, pods, nowMs),
    store: health.store,
    etcdMembers: health.etcdMembers,
    nodes: {
      total: nodes.length,
      ready: nodes.filter(({ state }) => state === 'ready').length,
      cordoned: nodes.filter(({ cordoned }) => cordoned).length,
    },
    pods: countPods(pods),
    deployments: {
      total: deployments.length,
      available: deployments.filter(({ state }) => state === 'available' || state === 'scaledDown').length,
    },
    capacity: {
      cpuMilli: sum((node) => node.cpuMilli),
      cpuRequestedMilli: sum((node) => node.cpuRequestedMilli),
      memoryBytes: sum((node) => node.memoryBytes),
      memoryRequestedBytes: sum((node) => node.memoryRequestedBytes),
      podLimit: sum((node) => node.podLimit),
      pods: pods.filter(({ node, over }) => node !== undefined && !over).length,
    },
    problems: withEvidence(problems, facts.events),
  };
}
