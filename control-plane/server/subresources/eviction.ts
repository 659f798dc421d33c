// POST pods/NAME/eviction: deletes a pod when its disruption budgets allow, and counts the disruption against them first.
// The pod's condition says who ends it before it is deleted, so that Jobs can tell a disruption from a failure.
import { pods, type Pod } from '../../../api/kinds/core/index.ts';
import { podDisruptionBudgets, type PodDisruptionBudget } from '../../../api/kinds/policy/index.ts';
import { matchesLabelSelector } from '../../../api/meta/selectors.ts';
import { failure, success, tooManyRequests } from '../../../api/meta/status.ts';
import { formatTime } from '../../../api/meta/time.ts';
import { answerObject, formOf } from '../http/answer.ts';
import { asObject, decodeBody, readBody } from '../http/body.ts';
import type { ServerParts } from '../parts.ts';
import { parseDeleteOptions } from '../registry/delete-options.ts';
import { deleteObject } from '../registry/delete.ts';
import { fetchObject } from '../registry/get.ts';
import type { ResourceRequest } from '../registry/resource-request.ts';
import { changeObject } from '../registry/write-loop.ts';
import { parseWriteOptions } from '../registry/write-options.ts';

/** Serves evictions. */
export async function serveEviction(parts: ServerParts, request: ResourceRequest): Promise<void> {
  const { exchange, info } = request;
  const asked = parseWriteOptions(exchange.query);
  const eviction = asObject(decodeBody(await readBody(exchange.request), exchange.headers['content-type']));
  const text = JSON.stringify(eviction['deleteOptions'] ?? {});
  const given = parseDeleteOptions(Buffer.from(text), 'application/json', new URLSearchParams());
  const dryRun = asked.dryRun || given.dryRun;
  const options = { ...given, dryRun };
  const pod = (await fetchObject(parts, pods, info.namespace, info.name)).peek() as Pod;
  if (!mayAlwaysGo(pod)) await spendBudget(parts, request, pod, dryRun);
  await markDisrupted(parts, request, pod, dryRun);
  await deleteObject(parts, request, info.name, { ...options, uid: options.uid ?? pod.metadata.uid });
  answerObject(exchange, 201, { ...success(), code: 201 }, formOf(exchange));
}

const disruption = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
} as const;

async function markDisrupted(
  parts: ServerParts,
  request: ResourceRequest,
  { metadata, status }: Readonly<Pod>,
  dryRun: boolean,
): Promise<void> {
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  if (isOver || metadata.deletionTimestamp !== undefined) return;
  const podRequest: ResourceRequest = {
    ...request,
    definition: pods as ResourceRequest['definition'],
    info: { ...request.info, subresource: 'status' },
  };
  await changeObject(parts, podRequest, {
    dryRun,
    subresource: 'status',
    skipsAdmission: true,
    next(current) {
      const next = current as Pod;
      const others = (next.status?.conditions ?? []).filter(({ type }) => type !== disruption.type);
      const lastTransitionTime = formatTime(parts.clock.now());
      if (next.metadata.uid === metadata.uid)
        next.status = { ...next.status, conditions: [...others, { ...disruption, lastTransitionTime }] };
      next.metadata.resourceVersion = '';
      return next;
    },
  });
}

/** Pods that run nothing (any more) disrupt nothing. */
function mayAlwaysGo(pod: Readonly<Pod>): boolean {
  const { phase } = pod.status ?? {};
  return (
    pod.metadata.deletionTimestamp !== undefined ||
    phase === 'Pending' ||
    phase === 'Succeeded' ||
    phase === 'Failed' ||
    !pod.spec.nodeName
  );
}

function isReady(pod: Readonly<Pod>): boolean {
  return (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

async function spendBudget(
  parts: ServerParts,
  request: ResourceRequest,
  pod: Readonly<Pod>,
  dryRun: boolean,
): Promise<void> {
  const all = await parts.reader.list<PodDisruptionBudget>(podDisruptionBudgets, request.info.namespace, 'latest');
  const [budget, second] = all.filter(({ spec }) => matchesLabelSelector(spec?.selector, pod.metadata.labels));
  if (budget === undefined) return;
  if (second !== undefined)
    throw failure(
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const { status, spec } = budget;
  // An unready pod of a healthy enough application, or one whose budget says AlwaysAllow, goes without spending.
  if (
    !isReady(pod) &&
    (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
      (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 1))
  )
    return;
  const { name, namespace = '' } = budget.metadata;
  const budgetRequest: ResourceRequest = {
    ...request,
    definition: podDisruptionBudgets as ResourceRequest['definition'],
    info: {
      ...request.info,
      group: 'policy',
      resource: 'poddisruptionbudgets',
      namespace,
      name,
      subresource: 'status',
    },
  };
  await changeObject(parts, budgetRequest, {
    dryRun,
    subresource: 'status',
    skipsAdmission: true,
    next(current) {
      const next = current as PodDisruptionBudget;
      const now = formatTime(parts.clock.now());
      next.status = spend(next, pod.metadata.name, now);
      next.metadata.resourceVersion = '';
      return next;
    },
  });
}

type BudgetStatus = NonNullable<PodDisruptionBudget['status']>;

/** The status after one more disruption; 429 when none is left. */
function spend(budget: PodDisruptionBudget, podName: string, now: string): BudgetStatus {
  const { metadata, status } = budget;
  const refuse = (detail: string, seconds = 0): Error => {
    const error = tooManyRequests(`Cannot evict pod as it would violate the pod's disruption budget.`, seconds);
    error.status.details = {
      causes: [{ reason: 'DisruptionBudget', message: detail }],
      ...(seconds > 0 ? { retryAfterSeconds: seconds } : {}),
    };
    return error;
  };
  if (status === undefined || (status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw refuse(`The disruption budget ${metadata.name} is still being processed by the server.`, 10);
  }
  const allowed = status.disruptionsAllowed ?? 0;
  if (allowed <= 0) {
    throw refuse(
      `The disruption budget ${metadata.name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`,
    );
  }
  return { ...status, disruptionsAllowed: allowed - 1, disruptedPods: { ...status.disruptedPods, [podName]: now } };
}
